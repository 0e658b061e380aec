"""BOM lines: add, edit, remove."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plm_project.core.decimals import plain
from products.choices import LineType
from products.conditions import LONGEST_CONDITION
from products.forms.base import (
    PlmForm,
    date_field,
    decimal_field,
    part_field,
    reason_field,
    serials_field,
    version_field,
)
from products.importing.designators import designators_written, split_designators
from products.models import BomLine
from products.selectors.end_items import serials_text
from products.units import unit_choices

# For an ordinary line these stay as they are, and the part of the form that holds them stays folded.
ORDINARY: dict[str, Any] = {
    "effective_from": None,
    "effective_to": None,
    "serials": None,
    "condition": "",
    "line_type": LineType.STANDARD,
    "is_optional": False,
    "attrition_percent": Decimal(0),
    "setup_quantity": Decimal(0),
    "rounding_multiple": Decimal(0),
}


class LineForm(PlmForm):
    """A line. The child is named by its number; the quantity is in the child's own unit, or converts to it."""

    child = part_field(_("Part"), help_text=_("Its number; type part of the number or name to search."))
    quantity = decimal_field(_("Quantity"), places=6)
    unit_of_measure = forms.ChoiceField(
        label=_("Unit"),
        required=False,
        choices=lambda: [("", _("The part's own")), *unit_choices()],
        help_text=_("Another one of its kind is converted."),
    )
    find_number = forms.IntegerField(
        label=_("Find number"),
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Empty: after the last line."),
    )
    reference_designators = forms.CharField(
        label=_("Reference designators"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example R1, R2, C4-C9."),
    )
    effective_from = date_field(_("Effective from"), required=False)
    effective_to = date_field(_("Effective to"), required=False, help_text=_("The first day it no longer holds."))
    serials = serials_field()
    condition = forms.CharField(
        label=_("Condition"),
        required=False,
        max_length=LONGEST_CONDITION,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("For example colour:red and not gps:yes. Empty: for all options."),
    )
    line_type = forms.ChoiceField(label=_("Line type"), choices=LineType.choices, required=False)
    is_optional = forms.BooleanField(label=_("Optional"), required=False)
    attrition_percent = decimal_field(_("Attrition (%)"), digits=6, places=3, required=False, min_value=0)
    setup_quantity = decimal_field(
        _("Set-up quantity"), places=6, required=False, min_value=0, help_text=_("Once an order, whatever its size.")
    )
    rounding_multiple = decimal_field(
        _("Rounded up to a multiple of"), places=6, required=False, min_value=0, help_text=_("0: not rounded.")
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    expected_version = version_field()

    def __init__(self, *args: Any, adding: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["find_number"].required = not adding
        if not adding:
            self.fields["find_number"].help_text = ""

    def clean_reference_designators(self) -> list[str]:
        """Split the words; ranges are written out."""
        return list(split_designators(self.cleaned_data["reference_designators"]))

    def clean(self) -> dict[str, Any]:
        """Compare the dates while the person is still at the form."""
        found: dict[str, Any] = super().clean() or {}
        for name, value in ORDINARY.items():
            if name in found and found[name] in (None, ""):
                found[name] = value
        if not found.get("unit_of_measure"):
            found.pop("unit_of_measure", None)
        begin, end = found.get("effective_from"), found.get("effective_to")
        if begin and end and end <= begin:
            self.add_error("effective_to", _("The end must be after the beginning."))
        return found

    @property
    def is_ordinary(self) -> bool:
        """Whether nothing under "Effectivity and use" is said, and nothing there is wrong."""
        if any(name in self.errors for name in ORDINARY):
            return False
        plain_words = {None, "", "0", str(LineType.STANDARD), False}
        return all(self[name].value() in plain_words for name in ORDINARY)


# The service's names where the form has others.
RENAMED = {"child_id": "child"}


def line_values(line: Any, child_number: str) -> dict[str, Any]:
    """Return a line (or what its history kept of it) as the form shows it, without the version."""
    return {
        "child": child_number,
        "quantity": plain(line.quantity),
        "find_number": line.find_number,
        "reference_designators": designators_written(line.reference_designators),
        "effective_from": line.effective_from,
        "effective_to": line.effective_to,
        "serials": serials_text(line.serials),
        "condition": line.condition,
        "line_type": line.line_type,
        "is_optional": "on" if line.is_optional else "",  # as a browser sends it
        "attrition_percent": plain(line.attrition_percent),
        "setup_quantity": plain(line.setup_quantity),
        "rounding_multiple": plain(line.rounding_multiple),
        "notes": line.notes,
    }


def form_values(line: BomLine) -> dict[str, Any]:
    """Return the initial values of the edit form."""
    return {**line_values(line, line.child.product_number), "expected_version": line.version}


class LineRemoveForm(PlmForm):
    """Confirmation with a reason."""

    reason = reason_field()
    expected_version = version_field()
