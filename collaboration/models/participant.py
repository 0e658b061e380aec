"""Who takes part in a session, and in which role."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collaboration.choices import ParticipantRole
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class SessionParticipant(TenantRecord):
    """One person in one session, once. Who was removed or left is soft-deleted and may be invited again."""

    session = models.ForeignKey(
        "collaboration.CollaborationSession", on_delete=models.PROTECT, related_name="participants"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=ParticipantRole, default=ParticipantRole.EDITOR)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "user"],
                condition=models.Q(is_deleted=False),
                name="collab_person_once_per_session",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "user"], name="collab_sessions_of_person")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"
