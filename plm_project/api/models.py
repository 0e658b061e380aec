"""Stored answers of calls that carried an Idempotency-Key."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.core import clock
from plm_project.tenancy.base import TenantScoped


class IdempotencyRecord(TenantScoped):
    """The answer to one POST, kept for 24 hours under (tenant, caller, key).

    It is written in the transaction that did the work: there is a row exactly when the work was done and answered.
    """

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=2000)
    request_hash = models.CharField(max_length=64)
    response_status = models.PositiveSmallIntegerField()
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()

    class Meta(TenantScoped.Meta):
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "caller", "key"], name="api_one_answer_per_key")
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "expires_at"], name="api_answer_expiry")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"
