"""What people type about sources, offers, companies and rates."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.core.decimals import plain
from plm_project.tenancy.models import validate_currency
from products.choices import MissingPolicy, PartLifecycle
from products.forms.base import PlmForm, date_field, decimal_field, reason_field, version_field
from products.models import SupplierOffer
from products.selectors.quantity_rollup import MOST_QUANTITIES
from products.sourcing.pricing import Break


def company_field(label: Any, options: str, **kwargs: Any) -> forms.CharField:
    """A company by name or code; the page holds the suggestions as ``<datalist id=options>``."""
    attrs = {"autocomplete": "off", "spellcheck": "false", "list": options}
    return forms.CharField(label=label, max_length=200, widget=forms.TextInput(attrs=attrs), **kwargs)


def read_breaks(text: str) -> list[Break]:
    """Read prices, one a line: quantity and price with a blank, tab, semicolon or colon between."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        words = line.replace(";", " ").replace(":", " ").split()
        try:
            quantity, price = (Decimal(word.replace(",", ".")) for word in words)
        except (ValueError, InvalidOperation):
            raise forms.ValidationError(
                _now("“%(line)s” is not a quantity and a price.") % {"line": line[:60]}
            ) from None
        if not (quantity.is_finite() and price.is_finite()):
            raise forms.ValidationError(_now("“%(line)s” is not a quantity and a price.") % {"line": line[:60]})
        found.append(Break(quantity, price))
    return found


class SourceAddForm(PlmForm):
    """A manufacturer part for the AML."""

    manufacturer = company_field(_("Manufacturer"), "manufacturer-options", help_text=_("Name or code."))
    mpn = forms.CharField(label=_("Manufacturer part number"), max_length=100)
    valid_from = date_field(_("Valid from"), required=False)
    valid_to = date_field(_("Valid to"), required=False, help_text=_("The first day it no longer counts."))


class SourceEditForm(PlmForm):
    """Validity and preference of a source."""

    is_preferred = forms.BooleanField(
        label=_("Preferred"), required=False, help_text=_("Of equally cheap offers its own is taken.")
    )
    valid_from = date_field(_("Valid from"), required=False)
    valid_to = date_field(_("Valid to"), required=False, help_text=_("The first day it no longer counts."))
    expected_version = version_field()


class OfferForm(PlmForm):
    """What a supplier asks."""

    item = forms.ChoiceField(label=_("For"))
    supplier = company_field(_("Supplier"), "supplier-options", help_text=_("Name or code."))
    supplier_part_number = forms.CharField(label=_("Supplier part number"), max_length=100, required=False)
    currency = forms.CharField(
        label=_("Currency"), min_length=3, max_length=3, widget=forms.TextInput(attrs={"autocapitalize": "characters"})
    )
    breaks = forms.CharField(
        label=_("Prices"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "num font-monospace"}),
        help_text=_("One a line: from quantity, then the price of one unit. For example: 1000 0.0042"),
    )
    minimum_quantity = decimal_field(
        _("Minimum quantity"), places=6, min_value=0, required=False, help_text=_("Empty: none.")
    )
    order_multiple = decimal_field(
        _("Order multiple"), places=6, min_value=0, required=False, help_text=_("The package it is sold in.")
    )
    lead_time_days = forms.IntegerField(
        label=_("Lead time (days)"),
        required=False,
        min_value=0,
        max_value=3650,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Empty: not known."),
    )
    valid_from = date_field(_("Valid from"), required=False)
    valid_to = date_field(_("Valid to"), required=False, help_text=_("The first day it no longer holds."))
    expected_version = version_field()

    def __init__(self, *args: Any, items: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if items is None:
            del self.fields["item"]
        else:
            self.fields["item"].choices = items  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        """Read it as capitals."""
        code = str(self.cleaned_data["currency"]).upper()
        validate_currency(code)
        return code

    def clean_breaks(self) -> list[Break]:
        """Read the lines."""
        return read_breaks(self.cleaned_data["breaks"])

    def offer_data(self) -> dict[str, Any]:
        """Return the input of the service, without supplier, item and prices."""
        data = dict(self.cleaned_data)
        for name in ("item", "supplier", "breaks", "expected_version"):
            data.pop(name, None)
        for name in ("minimum_quantity", "order_multiple"):
            data[name] = data[name] or Decimal(0)
        return data


def offer_values(offer: SupplierOffer) -> dict[str, Any]:
    """Return an offer as the form shows it."""
    return {
        "supplier": offer.supplier.name,
        "supplier_part_number": offer.supplier_part_number,
        "currency": offer.currency,
        "breaks": "\n".join(f"{plain(row.from_quantity)} {plain(row.unit_price)}" for row in offer.breaks.all()),
        "minimum_quantity": plain(offer.minimum_quantity),
        "order_multiple": plain(offer.order_multiple),
        "lead_time_days": offer.lead_time_days,
        "valid_from": offer.valid_from,
        "valid_to": offer.valid_to,
        "expected_version": offer.version,
    }


class RemoveForm(PlmForm):
    """Confirmation with a reason."""

    reason = reason_field()
    expected_version = version_field()


class SourceStepForm(RemoveForm):
    """A verdict."""


class PartnerForm(PlmForm):
    """A manufacturer or supplier."""

    name = forms.CharField(label=_("Name"), min_length=2, max_length=200)
    code = forms.CharField(label=_("Code"), min_length=2, max_length=20, help_text=_("A short form for lists."))
    website = forms.URLField(label=_("Website"), required=False, max_length=500, assume_scheme="https")
    contact = forms.CharField(
        label=_("Contact"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        initial=True,
        help_text=_("Nothing is bought of or through an inactive one."),
    )
    expected_version = version_field()


class PartnerFilterForm(PlmForm):
    """What a list of companies is narrowed by."""

    q = forms.CharField(label=_("Name or code"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("active", _("Active")), ("inactive", _("Inactive"))],
    )

    def active(self) -> bool | None:
        """Return which are asked for; None is all."""
        self.is_valid()
        return {"active": True, "inactive": False}.get(self.cleaned_data.get("state", ""))


class ManufacturerPartForm(PlmForm):
    """What a part is called and how long it will be made."""

    mpn = forms.CharField(
        label=_("Manufacturer part number"), max_length=100, help_text=_("Once per manufacturer, whatever the case.")
    )
    description = forms.CharField(label=_("Description"), required=False, max_length=500)
    lifecycle = forms.ChoiceField(label=_("Availability"), choices=PartLifecycle.choices)
    link = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    expected_version = version_field()


class ManufacturerPartFilterForm(PlmForm):
    """What the list of manufacturer parts is narrowed by."""

    q = forms.CharField(label=_("Number, description or manufacturer"), required=False, max_length=200)
    lifecycle = forms.ChoiceField(
        label=_("Availability"), required=False, choices=[("", _("All")), *PartLifecycle.choices]
    )


class RateForm(PlmForm):
    """A new exchange rate."""

    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    rate = decimal_field(_("Worth of one unit"), places=10, min_value=Decimal("0.0000000001"))
    valid_from = date_field(_("Valid from"))

    def clean_currency(self) -> str:
        """Read it as capitals."""
        return str(self.cleaned_data["currency"]).upper()


class QuantitiesForm(PlmForm):
    """Which build quantities, at which date."""

    quantities = forms.CharField(
        label=_("Build quantities"), required=False, max_length=200, help_text=_("Separated by commas or blanks.")
    )
    as_of = date_field(_("As of"), required=False)
    missing = forms.ChoiceField(label=_("Without a price"), required=False, choices=MissingPolicy.choices)

    def wanted(self) -> list[Decimal]:
        """Return the quantities in rising order; what is no quantity falls away, nothing left means the usual four."""
        self.is_valid()
        words = str(self.cleaned_data.get("quantities") or "").replace(",", " ").replace(";", " ").split()
        found = set()
        for word in words[: MOST_QUANTITIES * 2]:
            try:
                value = Decimal(word)
            except InvalidOperation:
                continue
            if value.is_finite() and 0 < value < 10**9:
                found.add(value)
        return sorted(found)[:MOST_QUANTITIES] or [Decimal(10**power) for power in range(4)]

    def policy(self) -> MissingPolicy:
        """Return what happens to a part without a price."""
        self.is_valid()
        return MissingPolicy(self.cleaned_data.get("missing") or MissingPolicy.LISTED)


class ReportForm(PlmForm):
    """What the single-source report is narrowed by."""

    product = forms.CharField(
        label=_("Below product"), required=False, max_length=50, help_text=_("A number; empty: all bought parts.")
    )
    only = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("None or one manufacturer")), ("none", _("No manufacturer at all"))],
    )
