"""Who has to approve what: the tenant's four rules."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.choices import RuleCode
from changes.permissions import CHANGES_APPROVE
from plm_project.accounts.permissions import holders
from plm_project.accounts.roles import Role
from plm_project.tenancy.base import TenantRecord, TenantScoped
from plm_project.tenancy.history import TenantHistory

DEFAULT_THRESHOLD = Decimal(5000)


class ApprovalRule(TenantRecord):
    """When it applies (``services/approvers.py``), a rule names its people, or else everybody who holds its role.

    ``threshold`` is an amount in the tenant's currency and counts for the financial rule alone: it applies above it.
    """

    code = models.CharField(_("rule"), max_length=20, choices=RuleCode, editable=False)
    role = models.CharField(_("role"), max_length=40, choices=Role)
    threshold = models.DecimalField(
        _("threshold"),
        max_digits=15,
        decimal_places=4,
        default=DEFAULT_THRESHOLD,
        validators=[MinValueValidator(Decimal(0))],
    )
    is_enabled = models.BooleanField(_("in force"), default=True)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "code"], name="changes_rule_once_per_tenant")
        ]

    def __str__(self) -> str:
        return str(self.get_code_display())

    def clean(self) -> None:
        """The role must be one that may approve at all."""
        if self.role not in holders(CHANGES_APPROVE):
            raise ValidationError({"role": _("This role may not approve changes.")})


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
