"""Who has to approve what: the tenant's rules, and whom they name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.choices import Quorum, RuleWeight
from changes.permissions import CHANGES_APPROVE
from changes.policy.conditions import Alternatives, ConditionFault, alternatives_of, conditions_check, rule_name
from plm_project.accounts.permissions import holders
from plm_project.accounts.roles import Role
from plm_project.tenancy.base import TenantRecord, TenantScoped
from plm_project.tenancy.history import TenantHistory

DEFAULT_THRESHOLD = Decimal(5000)
LAST_STEP = 20
MOST_DAYS = 365


def _days(label: Any) -> models.PositiveSmallIntegerField[int | None, int | None]:
    validators = [MinValueValidator(1), MaxValueValidator(MOST_DAYS)]
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=validators)


class ApprovalRule(TenantRecord):
    """One rule of the approval policy (``docs/approvals.md``).

    It holds on days from ``effective_from`` until before ``effective_to``, and applies to a change where its
    ``conditions`` do (``policy/conditions.py``; None: those of SPEC §5 for its code). Then it names its people, or else
    everybody who holds its role. ``threshold`` is an amount in the tenant's currency that conditions may refer to.

    ``decides`` says how many of the people it takes (``quorum`` for ``count``), ``weight`` what that means, ``step`` the
    order: rules of a later step ask when the required ones of earlier steps are met. ``bars_author``: the author of the
    change is left out; ``bars_release``: whoever decided for it does not release. Days count from being asked:
    ``remind_days`` before the end of ``deadline_days``; then ``escalation_role`` may answer in place of who has not.

    ``on_fast_track``: whether it is asked of a change that goes the fast track, too (``ChangePolicy``).
    """

    code = models.CharField(_("code"), max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    conditions = models.JSONField(_("conditions"), null=True, blank=True, default=None)
    role = models.CharField(_("role"), max_length=40, choices=Role)
    threshold = models.DecimalField(
        _("threshold"),
        max_digits=15,
        decimal_places=4,
        default=DEFAULT_THRESHOLD,
        validators=[MinValueValidator(Decimal(0))],
    )
    is_enabled = models.BooleanField(_("in force"), default=True)
    weight = models.CharField(_("weight"), max_length=10, choices=RuleWeight, default=RuleWeight.REQUIRED)
    decides = models.CharField(_("who must approve"), max_length=10, choices=Quorum, default=Quorum.ALL)
    quorum = models.PositiveSmallIntegerField(_("number"), null=True, blank=True, validators=[MinValueValidator(1)])
    step = models.PositiveSmallIntegerField(
        _("step"), default=1, validators=[MinValueValidator(1), MaxValueValidator(LAST_STEP)]
    )
    bars_author = models.BooleanField(_("not by the author"), default=False)
    bars_release = models.BooleanField(_("not released by an approver"), default=False)
    on_fast_track = models.BooleanField(
        _("also on the fast track"),
        default=True,
        help_text=_("Off: a small change, as the policy of changes says what is small, is not asked of it."),
    )
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    effective_to = models.DateField(_("effective until before"), null=True, blank=True)
    deadline_days = _days(_("deadline in days"))
    remind_days = _days(_("reminder days before"))
    escalation_role = models.CharField(_("escalate to"), max_length=40, choices=Role, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        ordering: ClassVar = ["step", "created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "code"], name="changes_rule_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name for people."""
        return rule_name(self.code, self.name)

    @property
    def alternatives(self) -> Alternatives:
        """When it applies."""
        return alternatives_of(self.code, self.conditions)

    def is_effective(self, day: dt.date) -> bool:
        """Whether it holds on a day."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day < self.effective_to)

    def clean(self) -> None:
        """What one field alone cannot say."""
        faults: dict[str, Any] = {}
        allowed = holders(CHANGES_APPROVE)
        for name in ("role", "escalation_role"):
            if (role := getattr(self, name)) and role not in allowed:
                faults[name] = _("This role may not approve changes.")
        if (self.decides == Quorum.COUNT) != (self.quorum is not None):
            faults["quorum"] = _("Give the number where a number of them must approve, and nowhere else.")
        if self.effective_from and self.effective_to and self.effective_from >= self.effective_to:
            faults["effective_to"] = _("It must be after the first day.")
        if self.remind_days and (not self.deadline_days or self.remind_days >= self.deadline_days):
            faults["remind_days"] = _("A reminder comes before a deadline: give a deadline of more days.")
        if self.escalation_role and not self.deadline_days:
            faults["escalation_role"] = _("Give the deadline after which it is asked.")
        if self.conditions is not None:
            try:
                self.conditions = conditions_check(self.conditions)
            except ConditionFault as fault:
                faults["conditions"] = str(fault)
        if faults:
            raise ValidationError(faults)


class RuleApprover(TenantScoped):
    """A person whom a rule names instead of everybody with the role."""

    rule = models.ForeignKey(ApprovalRule, on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantScoped.Meta):
        verbose_name = _("named approver")
        verbose_name_plural = _("named approvers")
        constraints: ClassVar = [models.UniqueConstraint(fields=["rule", "user"], name="changes_named_once_per_rule")]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.user_id}"
