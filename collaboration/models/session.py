"""A room in which people work on products and changes together."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from collaboration.choices import OPEN_STATUSES, Feature, ParticipantRole, SessionStatus
from collaboration.lifecycle import SessionLifecycle
from plm_project.core import clock
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded

MAX_DESCRIPTION = 2000


class CollaborationSession(Guarded, SessionLifecycle, TenantRecord):
    """One session (SPEC §9). ``status`` changes through transitions alone.

    ``features`` is what is wanted, in the order of the list of features. ``last_sequence`` is the number of the last
    stored update; it is counted under the row's lock, without a new version: a message is no edit of the session.
    ``last_active_at`` is when somebody last wrote, came or went.
    """

    title = models.CharField(_("title"), max_length=200, validators=[MinLengthValidator(3)])
    description = models.TextField(
        _("description"), blank=True, default="", validators=[MaxLengthValidator(MAX_DESCRIPTION)]
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    features = models.JSONField(_("features"), default=list, blank=True)
    scheduled_for = models.DateTimeField(_("scheduled for"), null=True, blank=True)
    status = FSMField(
        _("status"), max_length=20, choices=SessionStatus.choices, default=SessionStatus.SCHEDULED, protected=True
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    end_reason = models.CharField(_("reason of the end"), max_length=500, blank=True, default="", editable=False)
    last_sequence = models.PositiveBigIntegerField(default=0, editable=False)
    last_active_at = models.DateTimeField(default=clock.now, editable=False)

    history = TenantHistory(excluded_fields=["last_sequence", "last_active_at"])

    class Meta(TenantRecord.Meta):
        verbose_name = _("collaboration session")
        verbose_name_plural = _("collaboration sessions")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="collab_newest_first"),
            models.Index(fields=["tenant", "status", "last_active_at"], name="collab_by_status"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Known features only, each once."""
        features = self.features
        if not isinstance(features, list) or not all(isinstance(entry, str) for entry in features):
            raise ValidationError({"features": _("Give a list of features.")})
        unknown = [entry for entry in features if entry not in Feature.values]
        if unknown:
            raise ValidationError(
                {"features": _("Unknown feature: %(names)s") % {"names": ", ".join(unknown)}},
            )
        self.features = [code for code in Feature.values if code in features]

    def get_absolute_url(self) -> str:
        """The room page."""
        return reverse("collaboration:session-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status in OPEN_STATUSES

    @property
    def is_active(self) -> bool:
        """Whether people can write and draw now."""
        return self.status == SessionStatus.ACTIVE

    @property
    def was_called_off(self) -> bool:
        """Whether it ended without having begun."""
        return self.status == SessionStatus.ENDED and self.started_at is None

    @property
    def own_role_label(self) -> str:
        """The role that a selector read for the actor, by its name on screen; "" for none."""
        role = getattr(self, "own_role", None)
        return str(ParticipantRole(role).label) if role else ""

    @property
    def feature_labels(self) -> list[str]:
        """The features by their names on screen."""
        return [str(Feature(code).label) for code in self.features]
