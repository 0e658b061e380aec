"""One person's vote in one round of a change."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.choices import Decision, Meaning
from changes.policy.conditions import rule_name
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class Approval(TenantRecord):
    """A named approver, the rules that named them, and what they decided. Whom several rules name decides once.

    A decision is signed in the manner of 21 CFR 11.50: the name as it was then, the moment (``decided_at``), what the
    signature means, and the hash of what was signed (``changes/content.py``). A vote on another content than the
    change has now does not count. ``decided_by`` is somebody else than the approver where a deputy signed, under
    ``delegation``.

    ``rules`` are the codes of this round's requirements that named the approver, ``stand_in_rules`` those where they may
    answer for whoever was overdue. ``is_asked``: whether it is waited for now; a later step is not asked yet, and
    what has been decided by enough others is asked no more. ``due_at`` and ``remind_at`` follow from being asked.
    ``renewed_at``: when what they had signed was taken back, because it was another content.
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="approvals")
    round = models.PositiveIntegerField(_("round"))
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rules = models.JSONField(_("rules"), default=list)
    rule_names = models.JSONField(_("names of the rules"), default=dict, blank=True, editable=False)
    stand_in_rules = models.JSONField(_("stands in for"), default=list, blank=True, editable=False)
    is_asked = models.BooleanField(_("asked"), default=True, editable=False)
    asked_at = models.DateTimeField(_("asked since"), null=True, blank=True, editable=False)
    remind_at = models.DateTimeField(_("reminder"), null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True, editable=False)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True, editable=False)
    renewed_at = models.DateTimeField(_("asked again"), null=True, blank=True, editable=False)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, default=Decision.PENDING)
    comment = models.TextField(_("comment"), max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    signed_name = models.CharField(_("signed by"), max_length=300, blank=True, default="", editable=False)
    meaning = models.CharField(_("meaning"), max_length=20, choices=Meaning, blank=True, default="", editable=False)
    content_hash = models.CharField(_("content signed"), max_length=64, blank=True, default="", editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
        editable=False,
    )
    delegation = models.ForeignKey(
        "changes.Delegation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="votes",
        verbose_name=_("delegation"),
        editable=False,
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering: ClassVar = ["-round", "created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "round", "approver"], name="changes_one_vote_per_round")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "approver", "decision"], name="changes_waiting_for"),
            models.Index(
                fields=["tenant", "due_at"],
                condition=models.Q(decision=Decision.PENDING, due_at__isnull=False),
                name="changes_votes_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.approver_id}: {self.decision}"

    @property
    def rule_labels(self) -> list[str]:
        """The rules by their names on screen, those they stand in for last."""
        return [rule_name(code, self.rule_names.get(code, "")) for code in (*self.rules, *self.stand_in_rules)]

    @property
    def is_deputys(self) -> bool:
        """Whether somebody else signed it."""
        return self.decided_by_id is not None and self.decided_by_id != self.approver_id
