"""A law, directive or standard that products are held against."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.market_codes import are_markets
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.choices import ProductType

no_control_characters = RegexValidator(r"^[^\x00-\x1f\x7f]*$", _("Control characters are not allowed."))


class Regulation(TenantRecord):
    """One version of a regulation in one tenant. It holds from ``effective_from`` up to, not including, ``effective_to``.

    ``product_types`` and ``markets`` say where it reaches; an empty list means everywhere. ``is_binding``: the tenant
    releases nothing by a change that is non-compliant with it.
    """

    code = models.CharField(_("code"), max_length=50, validators=[MinLengthValidator(2), no_control_characters])
    title = models.CharField(_("title"), max_length=200, validators=[MinLengthValidator(3), no_control_characters])
    edition = models.CharField(_("version"), max_length=50, blank=True, default="", validators=[no_control_characters])
    description = models.TextField(_("description"), blank=True, default="", validators=[MaxLengthValidator(5000)])
    link = models.URLField(_("link"), max_length=500, blank=True, default="")
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    effective_to = models.DateField(_("effective to"), null=True, blank=True)
    product_types = models.JSONField(_("product types"), default=list, blank=True)
    markets = models.JSONField(_("markets"), default=list, blank=True)
    is_binding = models.BooleanField(_("binding"), default=False)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("regulation")
        verbose_name_plural = _("regulations")
        ordering: ClassVar = ["code", "edition", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "tenant",
                Lower("code"),
                Lower("edition"),
                condition=models.Q(is_deleted=False),
                name="compliance_regulation_version_once",
            ),
            models.CheckConstraint(
                condition=models.Q(effective_from__isnull=True)
                | models.Q(effective_to__isnull=True)
                | models.Q(effective_to__gt=models.F("effective_from")),
                name="compliance_regulation_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.edition}".strip()

    def get_absolute_url(self) -> str:
        """The regulation's page."""
        return reverse("compliance:regulation-detail", args=[self.pk])

    def clean(self) -> None:
        """Check what no column type can: dates in order, known types, market codes."""
        problems: dict[str, Any] = {}
        if self.effective_from and self.effective_to and self.effective_to <= self.effective_from:
            problems["effective_to"] = _("The end must be after the beginning.")
        types = self.product_types
        if not isinstance(types, list) or len(set(map(str, types))) != len(types) or set(types) - set(ProductType):
            problems["product_types"] = _("Product types are a list of known types.")
        if not are_markets(self.markets):
            problems["markets"] = _("Markets are a list of two-letter country codes, or EU.")
        if problems:
            raise ValidationError(problems)

    def holds_on(self, day: dt.date) -> bool:
        """Return whether it is in force on ``day``."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or self.effective_to > day
        )

    @property
    def product_type_labels(self) -> list[str]:
        """The types it reaches in words; none means all."""
        return [str(ProductType(code).label) for code in self.product_types]
