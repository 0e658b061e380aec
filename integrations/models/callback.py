"""A callback that was carried out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.target import Target
from plm_project.core import clock
from plm_project.tenancy.base import TenantScoped


class CallbackReceipt(TenantScoped):
    """What a neighbour told us, and what we answered. The same ``callback_id`` again gets the same answer, and nothing
    is done twice. A machine row: what it changed has a history of its own.
    """

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="callbacks")
    callback_id = models.CharField(_("id"), max_length=100)
    kind = models.CharField(_("kind"), max_length=60)
    received_at = models.DateTimeField(_("received"), default=clock.now)
    payload = models.JSONField(_("payload"))
    answer = models.JSONField(_("answer"))

    class Meta(TenantScoped.Meta):
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["target", "callback_id"], name="integrations_callback_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.callback_id}"
