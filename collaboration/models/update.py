"""The log of a session: every update once, in the server's order."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collaboration.choices import UpdateKind
from plm_project.core import clock
from plm_project.tenancy.base import TenantScoped


class SessionUpdate(TenantScoped):
    """One stored update. It is written before anybody is told of it, and never changed.

    ``sequence`` counts from 1 without gaps, under the lock of the session's row. ``payload`` is the update as its
    sender gave it; ``kind`` is empty for an extension that only clients understand. ``request`` is the sender's own id:
    sent again, it stores nothing again.
    """

    session = models.ForeignKey("collaboration.CollaborationSession", on_delete=models.PROTECT, related_name="updates")
    sequence = models.PositiveBigIntegerField(_("number"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=UpdateKind, blank=True, default="")
    payload = models.JSONField(_("content"))
    request = models.CharField(_("request"), max_length=64, blank=True, default="")
    timestamp = models.DateTimeField(_("stored"), default=clock.now)

    class Meta(TenantScoped.Meta):
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        ordering: ClassVar = ["session", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "sequence"], name="collab_number_once_per_session"),
            models.UniqueConstraint(
                fields=["session", "user", "request"],
                condition=~models.Q(request=""),
                name="collab_request_once_per_person",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["session", "kind", "-sequence"], name="collab_last_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.session_id} #{self.sequence}"
