"""What people type about substitutes of a line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plm_project.core.decimals import plain
from products.forms.base import PlmForm, decimal_field, part_field, version_field
from products.importing.designators import designators_written, split_designators
from products.models import LineSubstitute
from products.units import unit_choices


class SubstituteFields(PlmForm):
    """What may be said of a substitute."""

    quantity = decimal_field(_("Quantity"), places=6, help_text=_("For the whole line."))
    unit_of_measure = forms.ChoiceField(
        label=_("Unit"),
        required=False,
        choices=lambda: [("", _("The part's own")), *unit_choices()],
        help_text=_("Another one of its kind is converted."),
    )
    rank = forms.IntegerField(
        label=_("Rank"), min_value=1, max_value=32_767, initial=1, help_text=_("1 is tried first.")
    )
    reference_designators = forms.CharField(
        label=_("Reference designators"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example R1, R2, C4-C9."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def clean_reference_designators(self) -> list[str]:
        """Split the words; ranges are written out."""
        return list(split_designators(self.cleaned_data["reference_designators"]))

    def clean(self) -> dict[str, Any]:
        """Leave out a unit that nobody chose."""
        found: dict[str, Any] = super().clean() or {}
        if not found.get("unit_of_measure"):
            found.pop("unit_of_measure", None)
        return found


class SubstituteAddForm(SubstituteFields):
    """Another product that may be taken for the part of the line."""

    product = part_field(_("Part"), help_text=_("Its number; type part of the number or name to search."))

    field_order = ("product", "quantity", "unit_of_measure", "rank", "reference_designators", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].required = False
        self.fields["quantity"].help_text = _("For the whole line. Empty: the line's.")


class SubstituteEditForm(SubstituteFields):
    """A substitute as it stands."""

    expected_version = version_field()


def substitute_values(row: LineSubstitute) -> dict[str, Any]:
    """Return the initial values of the edit form."""
    return {
        "quantity": plain(row.quantity),
        "rank": row.rank,
        "reference_designators": designators_written(row.reference_designators),
        "note": row.note,
        "expected_version": row.version,
    }
