"""An address of somebody who wants to hear of events."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from integrations.models.target import Target
from integrations.sealing import unseal
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class Webhook(TenantRecord):
    """Who is told, of which event types (none named: of all), signed with which secret. Its address is its target's.

    After a change of the secret ``sealed_before`` signs beside the new one until ``before_until``, so that the receiver
    need not change at the same moment. ``failed_in_row`` calls have failed since ``failing_since``; ``off_reason`` says
    why we switched it off.
    """

    target = models.OneToOneField(Target, on_delete=models.PROTECT, related_name="webhook")
    name = models.CharField(_("name"), max_length=100)
    event_types = models.JSONField(_("events"), default=list, blank=True)
    sealed_secret = models.TextField(editable=False)
    sealed_before = models.TextField(blank=True, default="", editable=False)
    before_until = models.DateTimeField(null=True, blank=True, editable=False)
    failed_in_row = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    off_reason = models.CharField(_("switched off because"), max_length=300, blank=True, default="", editable=False)

    history = TenantHistory(excluded_fields=["sealed_secret", "sealed_before"])

    class Meta(TenantRecord.Meta):
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return its page."""
        return reverse("integrations:webhook", args=[self.pk])

    def wants(self, event_type: str) -> bool:
        """Return whether its owner wants to hear of such an event."""
        return not self.event_types or event_type in self.event_types

    def secrets(self, moment: dt.datetime) -> list[str]:
        """Return what a message is signed with at a moment, the newest first."""
        still = self.before_until is not None and self.before_until > moment
        return [unseal(self.sealed_secret), *([unseal(self.sealed_before)] if still and self.sealed_before else [])]
