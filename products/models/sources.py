"""The approved manufacturer list (AML): which manufacturer's part may stand for a product."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded
from products.choices import PartLifecycle, SourceStatus
from products.models.partners import LIVE
from products.models.product import no_control_characters
from products.sourcing.lifecycle import SourceLifecycle


def validity_fault(begin: dt.date | None, end: dt.date | None) -> dict[str, Any]:
    """Return what is wrong with a validity: it holds from ``begin`` up to, not including, ``end``."""
    return {"valid_to": _("The end must be after the beginning.")} if begin and end and end <= begin else {}


def validity_in_order(name: str) -> models.CheckConstraint:
    """The same rule in the database."""
    return models.CheckConstraint(
        condition=models.Q(valid_from__isnull=True)
        | models.Q(valid_to__isnull=True)
        | models.Q(valid_to__gt=models.F("valid_from")),
        name=name,
    )


class ManufacturerPart(TenantRecord):
    """One part number (MPN) of one manufacturer, used once whatever the case. Several products may be met by it."""

    manufacturer = models.ForeignKey(
        "products.Manufacturer", on_delete=models.PROTECT, related_name="parts", verbose_name=_("manufacturer")
    )
    mpn = models.CharField(_("manufacturer part number"), max_length=100, validators=[no_control_characters])
    description = models.CharField(_("description"), max_length=500, blank=True, default="")
    lifecycle = models.CharField(_("availability"), max_length=20, choices=PartLifecycle, default=PartLifecycle.ACTIVE)
    link = models.URLField(_("link"), max_length=500, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("manufacturer part")
        verbose_name_plural = _("manufacturer parts")
        ordering: ClassVar = ["mpn", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint("manufacturer", Lower("mpn"), condition=LIVE, name="products_mpn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.manufacturer.name} {self.mpn}"


class ApprovedSource(Guarded, SourceLifecycle, TenantRecord):
    """A row of the AML: a product and a manufacturer part that can stand for it, with the verdict on it.

    Only an approved source counts when something is bought, from ``valid_from`` up to, not including, ``valid_to``.
    At most one source of a product is preferred, and only an approved one can be. The status moves by the transitions
    in ``products/sourcing/lifecycle.py`` alone.
    """

    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="sources")
    manufacturer_part = models.ForeignKey(
        ManufacturerPart, on_delete=models.PROTECT, related_name="sources", verbose_name=_("manufacturer part")
    )
    status = FSMField(
        _("status"), max_length=20, choices=SourceStatus.choices, default=SourceStatus.POTENTIAL, protected=True
    )
    status_reason = models.CharField(_("reason of the status"), max_length=500, blank=True, default="")
    is_preferred = models.BooleanField(_("preferred"), default=False)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("approved source")
        verbose_name_plural = _("approved sources")
        ordering: ClassVar = ["product", "-is_preferred", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "manufacturer_part"], condition=LIVE, name="products_source_once"
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=models.Q(is_preferred=True, is_deleted=False),
                name="products_one_preferred_source",
            ),
            models.CheckConstraint(
                condition=models.Q(is_preferred=False) | models.Q(status=SourceStatus.APPROVED),
                name="products_preferred_is_approved",
            ),
            validity_in_order("products_source_validity_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.product.product_number}: {self.manufacturer_part}"

    def clean(self) -> None:
        """Check the rules of one row."""
        problems = validity_fault(self.valid_from, self.valid_to)
        if self.is_preferred and self.status != SourceStatus.APPROVED:
            problems["is_preferred"] = _("Only an approved source can be preferred.")
        if problems:
            raise ValidationError(problems)
