"""What one revision was found to be under one regulation."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from compliance.choices import LAPSING, ComplianceStatus, status_label
from compliance.lifecycle import ComplianceLifecycle
from plm_project.core import clock
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded

if TYPE_CHECKING:
    from compliance.models.evidence import Evidence


class ComplianceRecord(Guarded, ComplianceLifecycle, TenantRecord):
    """One assessment: a product revision against a regulation, at most one live.

    ``valid_until`` is the last day on which compliant or waived holds; afterwards every reader sees expired, whether
    the daily sweep has stored it yet or not. ``expired_from`` remembers what expired: a waiver that has run out leaves
    something non-compliant behind, a certificate only an open question. ``status`` changes through transitions alone.
    """

    revision = models.ForeignKey(
        "products.ProductRevision", on_delete=models.PROTECT, related_name="compliance_records"
    )
    regulation = models.ForeignKey("compliance.Regulation", on_delete=models.PROTECT, related_name="records")
    status = FSMField(
        _("status"),
        max_length=20,
        choices=ComplianceStatus.choices,
        default=ComplianceStatus.NOT_ASSESSED,
        protected=True,
    )
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    assessed_at = models.DateTimeField(_("assessed"), null=True, blank=True, editable=False)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    reason = models.TextField(_("reason"), max_length=500, blank=True, default="")
    expired_from = models.CharField(max_length=20, blank=True, default="", editable=False)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("compliance record")
        verbose_name_plural = _("compliance records")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["revision", "regulation"],
                condition=models.Q(is_deleted=False),
                name="compliance_one_record_per_revision",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "status", "valid_until"], name="compliance_by_status"),
            models.Index(fields=["regulation", "status"], name="compliance_by_regulation"),
        ]

    def __str__(self) -> str:
        return f"{self.revision} · {self.regulation}"

    def get_absolute_url(self) -> str:
        """The record's page."""
        return reverse("compliance:record-detail", args=[self.pk])

    def lapsed_on(self, day: dt.date) -> bool:
        """Return whether a date has ended it by ``day``."""
        return has_lapsed(self.status, self.valid_until, day)

    def status_on(self, day: dt.date) -> str:
        """Return the status as it reads on ``day``: what is past its date is expired, swept or not."""
        return status_on(self.status, self.valid_until, day)

    @property
    def status_now(self) -> str:
        """The status as it reads today."""
        return self.status_on(clock.today())

    @property
    def status_now_label(self) -> str:
        """The same in words."""
        return status_label(self.status_now)

    def valid_evidence(self, day: dt.date) -> models.QuerySet[Evidence]:
        """Return the evidence that is valid on ``day``."""
        return self.evidence.filter(
            models.Q(valid_from__isnull=True) | models.Q(valid_from__lte=day),
            models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=day),
        )


def has_lapsed(status: str, valid_until: dt.date | None, day: dt.date) -> bool:
    """Return whether a status with this last valid day is over by ``day``."""
    return status in LAPSING and valid_until is not None and valid_until < day


def status_on(status: str, valid_until: dt.date | None, day: dt.date) -> str:
    """Return a stored status as it reads on ``day``."""
    return str(ComplianceStatus.EXPIRED) if has_lapsed(status, valid_until, day) else str(status)
