"""What a tenant asks of its changes."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.policy.conditions import Alternatives, ConditionFault, alternatives_of, conditions_check, refuse_threshold
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class ChangePolicy(TenantRecord):
    """One row for each tenant. Without one, nothing more is asked than ever was.

    ``fast_track_conditions`` say which changes are small (``policy/conditions.py``); None, as well as no condition at all:
    none is, and every rule that applies is asked.
    """

    dispositions_required = models.BooleanField(
        _("dispositions required"),
        default=False,
        help_text=_(
            "Every affected product that was released before needs a decision on its existing parts before a change "
            "can be submitted and implemented."
        ),
    )

    children_released = models.BooleanField(
        _("parts released first"),
        default=True,
        help_text=_(
            "A change is released when every part of its products is released already, or by the same change."
        ),
    )

    fast_track_conditions = models.JSONField(
        _("fast track when"),
        null=True,
        blank=True,
        default=None,
        help_text=_(
            "A change for which these hold is asked only of the rules that count on the fast track too. Empty: there is no "
            "fast track."
        ),
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("policy of changes")
        verbose_name_plural = _("policy of changes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant"], name="changes_policy_once_per_tenant")]

    def __str__(self) -> str:
        return str(_("Policy of changes"))

    @property
    def fast_track(self) -> Alternatives:
        """When a change goes the fast track; () where none does."""
        return alternatives_of("", self.fast_track_conditions or [])

    def clean(self) -> None:
        """The conditions must be readable, and none may refer to the amount that only a rule has."""
        if self.fast_track_conditions is None:
            return
        try:
            self.fast_track_conditions = refuse_threshold(conditions_check(self.fast_track_conditions)) or None
        except ConditionFault as fault:
            raise ValidationError({"fast_track_conditions": str(fault)}) from fault
