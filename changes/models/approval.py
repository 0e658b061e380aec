"""One person's vote in one round of a change."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.choices import Decision, Meaning, RuleCode
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class Approval(TenantRecord):
    """A named approver, the rules that named them, and what they decided. Whom several rules name decides once.

    A decision is signed in the manner of 21 CFR 11.50: the name as it was then, the moment (``decided_at``), what the
    signature means, and the hash of what was signed (``changes/content.py``). A vote on another content than the
    change has now does not count.
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="approvals")
    round = models.PositiveIntegerField(_("round"))
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rules = models.JSONField(_("rules"), default=list)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, default=Decision.PENDING)
    comment = models.TextField(_("comment"), max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    signed_name = models.CharField(_("signed by"), max_length=300, blank=True, default="", editable=False)
    meaning = models.CharField(_("meaning"), max_length=20, choices=Meaning, blank=True, default="", editable=False)
    content_hash = models.CharField(_("content signed"), max_length=64, blank=True, default="", editable=False)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering: ClassVar = ["-round", "created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "round", "approver"], name="changes_one_vote_per_round")
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "approver", "decision"], name="changes_waiting_for")]

    def __str__(self) -> str:
        return f"{self.approver_id}: {self.decision}"

    @property
    def rule_labels(self) -> list[str]:
        """The rules by their names on screen."""
        return [str(RuleCode(code).label) for code in self.rules]
