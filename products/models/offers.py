"""What suppliers ask for parts, and what other currencies are worth."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.models import validate_currency
from products.models.fields import DIGITS, quantity_field
from products.models.partners import LIVE
from products.models.product import no_control_characters
from products.models.sources import validity_fault, validity_in_order

NOT_NEGATIVE = MinValueValidator(Decimal(0))
SMALLEST_RATE = Decimal("0.0000000001")
MOST_BREAKS = 20


class SupplierOffer(TenantRecord):
    """What one supplier asks for a manufacturer part or, where no manufacturer is named, for the product itself.

    Quantities are in the product's unit. ``minimum_quantity`` is the least that is sold (MOQ), ``order_multiple`` the
    package it is sold in; 0 is none. ``lead_time_days`` are calendar days from order to arrival; None is unknown. It
    holds from ``valid_from`` up to, not including, ``valid_to``. Its prices are its ``breaks``, in ``currency``.
    """

    supplier = models.ForeignKey(
        "products.Supplier", on_delete=models.PROTECT, related_name="offers", verbose_name=_("supplier")
    )
    manufacturer_part = models.ForeignKey(
        "products.ManufacturerPart", null=True, blank=True, on_delete=models.PROTECT, related_name="offers",
        verbose_name=_("manufacturer part"),
    )  # fmt: skip
    product = models.ForeignKey(
        "products.Product", null=True, blank=True, on_delete=models.PROTECT, related_name="offers",
        verbose_name=_("product"),
    )  # fmt: skip
    supplier_part_number = models.CharField(
        _("supplier part number"), max_length=100, blank=True, default="", validators=[no_control_characters]
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[validate_currency])
    minimum_quantity = quantity_field(_("minimum quantity"), default=Decimal(0), validators=[NOT_NEGATIVE])
    order_multiple = quantity_field(_("order multiple"), default=Decimal(0), validators=[NOT_NEGATIVE])
    lead_time_days = models.PositiveIntegerField(_("lead time (days)"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("supplier offer")
        verbose_name_plural = _("supplier offers")
        ordering: ClassVar = ["supplier", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(manufacturer_part__isnull=True, product__isnull=False)
                | models.Q(manufacturer_part__isnull=False, product__isnull=True),
                name="products_offer_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_quantity__gte=0) & models.Q(order_multiple__gte=0),
                name="products_offer_not_negative",
            ),
            validity_in_order("products_offer_validity_in_order"),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.supplier.name, self.supplier_part_number, self.currency)))

    def clean(self) -> None:
        """Check the rules of one row."""
        problems = validity_fault(self.valid_from, self.valid_to)
        if (self.manufacturer_part_id is None) == (self.product_id is None):
            problems["manufacturer_part"] = _("An offer is for a manufacturer part or for the product itself.")
        if problems:
            raise ValidationError(problems)


class PriceBreak(TenantRecord):
    """The price of one unit from a quantity on, in the offer's currency; 6 decimals, for resistors cost fractions."""

    offer = models.ForeignKey(SupplierOffer, on_delete=models.PROTECT, related_name="breaks")
    from_quantity = quantity_field(_("from quantity"), validators=[MinValueValidator(Decimal("0.000001"))])
    unit_price = models.DecimalField(_("unit price"), max_digits=DIGITS, decimal_places=6, validators=[NOT_NEGATIVE])

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("price break")
        verbose_name_plural = _("price breaks")
        ordering: ClassVar = ["offer", "from_quantity", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "from_quantity"], condition=LIVE, name="products_break_once"),
            models.CheckConstraint(
                condition=models.Q(from_quantity__gt=0) & models.Q(unit_price__gte=0), name="products_break_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity}: {self.unit_price}"


class ExchangeRate(TenantRecord):
    """What one unit of a currency is worth in the tenant's own from ``valid_from`` on, until a later rate."""

    currency = models.CharField(_("currency"), max_length=3, validators=[validate_currency])
    rate = models.DecimalField(
        _("rate"), max_digits=DIGITS, decimal_places=10, validators=[MinValueValidator(SMALLEST_RATE)]
    )
    valid_from = models.DateField(_("valid from"))

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering: ClassVar = ["currency", "-valid_from", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "currency", "valid_from"], condition=LIVE, name="products_rate_once_a_day"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="products_rate_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_from}"
