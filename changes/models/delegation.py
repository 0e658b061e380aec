"""Who decides while somebody is away."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class Delegation(TenantRecord):
    """From its first day to its last, the deputy may cast the votes that wait for the person, and the person still may.

    It is not handed on: a deputy's own deputy does not vote for the person. Ended early, its last day is the day before.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("deputy")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering: ClassVar = ["-first_day", "-id"]
        indexes: ClassVar = [models.Index(fields=["tenant", "deputy", "last_day"], name="changes_deputy_until")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="changes_delegation_has_days"
            ),
            models.CheckConstraint(
                condition=~models.Q(person=models.F("deputy")), name="changes_delegation_to_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.deputy_id}"

    def holds_on(self, day: dt.date) -> bool:
        """Whether the deputy may decide on a day."""
        return not self.is_deleted and self.first_day <= day <= self.last_day

    def clean(self) -> None:
        """The last day is not before the first, and the deputy is somebody else."""
        if self.last_day < self.first_day:
            raise ValidationError({"last_day": _("It is before the first day.")})
        if self.person_id == self.deputy_id:
            raise ValidationError({"deputy": _("Name somebody else.")})
