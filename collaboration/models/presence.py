"""Who is in the room now."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantScoped

LEASE = dt.timedelta(seconds=60)


class SessionPresence(TenantScoped):
    """One connection of one person. It holds for a lease that the client's pings renew: a server that was killed
    leaves nobody in the room for longer than that."""

    session = models.ForeignKey(
        "collaboration.CollaborationSession", on_delete=models.PROTECT, related_name="presences"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    connection = models.UUIDField(_("connection"))
    expires_at = models.DateTimeField(_("until"))

    class Meta(TenantScoped.Meta):
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "connection"], name="collab_connection_once")
        ]
        indexes: ClassVar = [models.Index(fields=["session", "expires_at"], name="collab_presence_lease")]

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires_at:%H:%M:%S}"
