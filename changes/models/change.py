"""The record that changes released things."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from changes.choices import HIGH_PRIORITIES, ChangeStatus, ChangeType, Priority, Urgency
from changes.lifecycle import ChangeLifecycle
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded

if TYPE_CHECKING:
    from changes.models.approval import Approval
    from changes.models.fast_track import FastTrack
    from changes.models.requirement import ApprovalRequirement

MAX_TEXT = 5000


def _long_text(label: object) -> models.TextField[str, str]:
    return models.TextField(label, blank=True, default="", validators=[MaxLengthValidator(MAX_TEXT)])  # type: ignore[arg-type]


class EngineeringChange(Guarded, ChangeLifecycle, TenantRecord):
    """One change order (SPEC §5). Its number is the tenant's next one, without gaps or repeats, and stays taken.

    ``cost_impact`` is an amount in the tenant's currency and negative where the change saves money. ``round`` counts
    the submissions; the approvals of earlier rounds stay readable. ``effective_from`` is the planned date (default:
    the day of implementing). The author is ``created_by``. ``status`` changes through transitions alone.
    """

    change_number = models.CharField(_("number"), max_length=20, editable=False)
    change_title = models.CharField(_("title"), max_length=200, validators=[MinLengthValidator(3)])
    change_description = _long_text(_("description"))
    change_type = models.CharField(_("type"), max_length=30, choices=ChangeType, default=ChangeType.DESIGN)
    priority = models.CharField(_("priority"), max_length=10, choices=Priority, default=Priority.MEDIUM)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, default=Urgency.NORMAL)
    cost_impact = models.DecimalField(_("cost impact"), max_digits=15, decimal_places=4, default=Decimal(0))
    reason_for_change = _long_text(_("reason for the change"))
    business_impact = _long_text(_("business impact"))
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    status = FSMField(
        _("status"), max_length=20, choices=ChangeStatus.choices, default=ChangeStatus.DRAFT, protected=True
    )
    round = models.PositiveIntegerField(_("round"), default=0, editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    implemented_at = models.DateTimeField(_("implemented"), null=True, blank=True, editable=False)
    implemented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("engineering change")
        verbose_name_plural = _("engineering changes")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "change_number"], name="changes_number_once_per_tenant")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="changes_newest_first"),
            models.Index(fields=["tenant", "status"], name="changes_by_status"),
            models.Index(fields=["tenant", "created_by"], name="changes_by_author"),
        ]

    def __str__(self) -> str:
        return f"{self.change_number} {self.change_title}"

    def get_absolute_url(self) -> str:
        """The change page."""
        return reverse("changes:change-detail", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        """Whether it may be edited."""
        return self.status == ChangeStatus.DRAFT

    @property
    def is_high_priority(self) -> bool:
        """Whether its approvers are told with high priority."""
        return self.priority in HIGH_PRIORITIES

    def round_approvals(self) -> models.QuerySet[Approval]:
        """Return the approvals of the running (or last) round."""
        return self.approvals.filter(round=self.round)

    def round_votes(self) -> list[Approval]:
        """Return the same as a list, from what was read already where it was."""
        return [vote for vote in self.approvals.all() if vote.round == self.round]

    def round_requirements(self) -> list[ApprovalRequirement]:
        """Return what the rules asked of the running (or last) round, from what was read already where it was."""
        return [one for one in self.requirements.all() if one.round == self.round]

    def round_fast_track(self) -> FastTrack | None:
        """Return the fast track that the running (or last) round took, from what was read already where it was."""
        return next((one for one in self.fast_tracks.all() if one.round == self.round), None)
