"""API tokens: bound to one tenant and one person, stored as a hash, expiring, revocable."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class ApiToken(TenantRecord):
    """What a system shows as ``Authorization: Bearer``. Acts for its person with at most that person's permissions.

    ``permissions`` narrows them further; empty means all of the person's.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    permissions = models.JSONField(_("permissions"), default=list, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    history = TenantHistory(excluded_fields=["digest", "last_used_at"])

    class Meta(TenantRecord.Meta):
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_valid_at(self, moment: dt.datetime) -> bool:
        """Return whether the token opens the door at ``moment``."""
        return self.revoked_at is None and not self.is_deleted and moment < self.expires_at
