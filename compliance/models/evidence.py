"""A certificate, declaration or report that a finding stands on."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory

no_control_characters = RegexValidator(r"^[^\x00-\x1f\x7f]*$", _("Control characters are not allowed."))


class Evidence(TenantRecord):
    """One file on one record. The content is stored under its SHA-256 and never overwritten; another version is another
    evidence. It is valid from ``valid_from`` to ``valid_until``, both days included; either may be open.
    """

    record = models.ForeignKey("compliance.ComplianceRecord", on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(_("title"), max_length=200, validators=[MinLengthValidator(3), no_control_characters])
    issuer = models.CharField(_("issuer"), max_length=200, blank=True, default="", validators=[no_control_characters])
    file_name = models.CharField(_("file"), max_length=150, editable=False)
    kind = models.CharField(_("kind"), max_length=10, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    size = models.PositiveBigIntegerField(_("size"), editable=False)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="compliance_evidence_dates_in_order",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "valid_until"], name="compliance_evidence_ends")]

    def __str__(self) -> str:
        return f"{self.title} ({self.file_name})"

    def get_absolute_url(self) -> str:
        """The download."""
        return reverse("compliance:evidence-download", args=[self.pk])

    def clean(self) -> None:
        """Check the order of the dates."""
        problems: dict[str, Any] = {}
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            problems["valid_until"] = _("The end must not be before the beginning.")
        if problems:
            raise ValidationError(problems)

    def is_valid_on(self, day: dt.date) -> bool:
        """Return whether it counts on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or self.valid_until >= day
        )
