"""What a rule asked of one submission."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.choices import Quorum, RuleWeight
from changes.policy.conditions import rule_name
from plm_project.tenancy.base import TenantScoped


class ApprovalRequirement(TenantScoped):
    """A rule as it stood when the change was submitted, and why it applied. Written once, with its round: a later edit of
    the policy leaves what was submitted as it is.

    ``why`` is kept in the language of who submitted, for it tells of a moment. The other fields are those of
    ``ApprovalRule``. Votes name it by ``code`` (``Approval.rules``).
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="requirements")
    round = models.PositiveIntegerField(_("round"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    why = models.TextField(_("why"), blank=True, default="")
    weight = models.CharField(_("weight"), max_length=10, choices=RuleWeight, default=RuleWeight.REQUIRED)
    decides = models.CharField(_("who must approve"), max_length=10, choices=Quorum, default=Quorum.ALL)
    quorum = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    step = models.PositiveSmallIntegerField(_("step"), default=1)
    bars_author = models.BooleanField(default=False)
    bars_release = models.BooleanField(default=False)
    deadline_days = models.PositiveSmallIntegerField(null=True, blank=True)
    remind_days = models.PositiveSmallIntegerField(null=True, blank=True)
    escalation_role = models.CharField(max_length=40, blank=True, default="")

    class Meta(TenantScoped.Meta):
        verbose_name = _("approval requirement")
        verbose_name_plural = _("approval requirements")
        ordering: ClassVar = ["-round", "step", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "round", "code"], name="changes_required_once_per_round")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The rule's name for people."""
        return rule_name(self.code, self.name)
