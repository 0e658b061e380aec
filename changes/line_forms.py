"""What people type about one line of a change: all that it is to say. The forms read and explain; the services decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from changes.forms import LARGEST_FIND_NUMBER, ChangePagesForm, part_field, version_field
from changes.line_settings import FIELDS_OF, SETTING_FIELDS, ordinary
from changes.merging import CUSTOM, SUBSTITUTES
from changes.selectors.difference import DifferenceRow
from plm_project.core.decimals import plain
from plm_project.web.forms import DateInput, DecimalInput
from products.choices import LineType
from products.conditions import LONGEST_CONDITION
from products.importing.designators import designators_written, split_designators
from products.models import BomLine
from products.models.bom_line import MOST_ATTRITION, SMALLEST_QUANTITY
from products.selectors.end_items import serials_of_text, serials_text
from products.selectors.products import product_ids
from products.selectors.substitutes import Substitute
from products.serial_texts import LONGEST_SERIALS
from products.units import unit_choices

# What the form asks of the settings; attributes of one's own come by the API and stay as they are.
ASKED = tuple(name for name in SETTING_FIELDS if name != CUSTOM)
EMPTY_ROWS = 2
HIGHEST_RANK = 32_767


def _decimal(label: Any, *, digits: int = 15, places: int = 6, help_text: Any = "", most: int | None = None) -> Any:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=digits,
        decimal_places=places,
        min_value=0,
        max_value=most,
        widget=DecimalInput(),
        help_text=help_text,
    )


class SerialsField(forms.CharField):
    """Serial numbers per end item, typed as text; cleaned to what is stored."""

    def clean(self, value: Any) -> Any:
        """Return what is stored. One query, none where nothing is typed."""
        return serials_of_text(super().clean(value) or "")


class SubstituteRow(ChangePagesForm):
    """One product that may be taken for the part of the line. Without a part the row says nothing."""

    product = part_field(_("Substitute"), required=False)
    quantity = forms.DecimalField(
        label=_("Quantity"),
        required=False,
        max_digits=15,
        decimal_places=6,
        min_value=SMALLEST_QUANTITY,
        widget=DecimalInput(),
    )
    unit_of_measure = forms.ChoiceField(
        label=_("Unit"), required=False, choices=lambda: [("", _("The part's own")), *unit_choices()]
    )
    rank = forms.IntegerField(
        label=_("Rank"),
        required=False,
        min_value=1,
        max_value=HIGHEST_RANK,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
    )
    reference_designators = forms.CharField(label=_("Reference designators"), required=False, max_length=100_000)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def clean_reference_designators(self) -> list[str]:
        """Split the words; ranges are written out."""
        return list(split_designators(self.cleaned_data["reference_designators"]))

    def values(self, ids: Mapping[str, Any]) -> dict[str, Any]:
        """Return the input of the services."""
        given = self.cleaned_data
        found = {name: given[name] for name in ("quantity", "unit_of_measure", "rank") if given.get(name)}
        return {
            **found,
            "product_id": ids[self.number],
            "reference_designators": given["reference_designators"],
            "note": given["note"],
        }

    @property
    def number(self) -> str:
        """The number of the part; empty for a row that says nothing."""
        return str(self.cleaned_data.get("product", "")).strip()


class SubstituteRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """All substitutes of a line: those without a part are taken off."""

    def clean(self) -> None:
        """Find the parts. One query."""
        self.said = [row for row in self.forms if row.is_valid() and row.number]
        self.ids = product_ids([row.number for row in self.said]) if self.said else {}
        for row in self.said:
            if row.number not in self.ids:
                row.add_error("product", _now("There is no product %(number)s.") % {"number": row.number})
        if any(row.errors for row in self.said):
            raise forms.ValidationError(_now("Please check the substitutes."))

    def values(self) -> list[dict[str, Any]]:
        """Return the input of the services."""
        return [row.values(self.ids) for row in self.said]


_SubstituteFormSet: Any = forms.formset_factory(SubstituteRow, formset=SubstituteRows, extra=EMPTY_ROWS, max_num=500)


class LineFields(ChangePagesForm):
    """A BOM line as it is to be."""

    child = part_field(_("Part"), help_text=_("Its number; type part of the number or name to search."))
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=15, decimal_places=6, widget=DecimalInput())
    unit_of_measure = forms.ChoiceField(
        label=_("Unit"), required=False, choices=lambda: [("", _("The part's own")), *unit_choices()]
    )
    find_number = forms.IntegerField(
        label=_("Find number"),
        required=False,
        min_value=1,
        max_value=LARGEST_FIND_NUMBER,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
    )
    reference_designators = forms.CharField(
        label=_("Reference designators"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example R1, R2, C4-C9."),
    )
    note = forms.CharField(
        label=_("Note for the approvers"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    effective_from = forms.DateField(label=_("Effective from"), required=False, widget=DateInput())
    effective_to = forms.DateField(
        label=_("Effective to"), required=False, widget=DateInput(), help_text=_("The first day it no longer holds.")
    )
    serials = SerialsField(
        label=_("Serial numbers"),
        required=False,
        max_length=LONGEST_SERIALS,
        widget=forms.Textarea(attrs={"rows": 1, "spellcheck": "false"}),
        help_text=_("End item and its units: BIKE-1: 1-50, 80-. Empty: every unit."),
    )
    condition = forms.CharField(
        label=_("Condition"),
        required=False,
        max_length=LONGEST_CONDITION,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("For example colour:red and not gps:yes. Empty: for all options."),
    )
    line_type = forms.ChoiceField(label=_("Line type"), choices=LineType.choices, required=False)
    is_optional = forms.BooleanField(label=_("Optional"), required=False)
    attrition_percent = _decimal(_("Attrition (%)"), digits=6, places=3, most=MOST_ATTRITION)
    setup_quantity = _decimal(_("Set-up quantity"), help_text=_("Once an order, whatever its size."))
    rounding_multiple = _decimal(_("Rounded up to a multiple of"), help_text=_("0: not rounded."))
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    # What does not come from a page that shows them says nothing about them.
    with_more = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)
    expected_version = version_field()

    renamed: ClassVar[dict[str, str]] = {"child_id": "child", "product_id": "child"}

    @cached_property
    def substitutes(self) -> SubstituteRows:
        """The rows of the substitutes."""
        is_sent = self.is_bound and f"{SUBSTITUTES}-TOTAL_FORMS" in self.data
        made: SubstituteRows = _SubstituteFormSet(
            data=self.data if is_sent else None,
            initial=self.initial.get(SUBSTITUTES),
            prefix=SUBSTITUTES,
            auto_id=str(self.auto_id),
        )
        return made

    @property
    def says_more(self) -> bool:
        """Whether something beyond the ordinary is said, or is wrong."""
        if any(name in self.errors for name in ASKED) or (
            self.substitutes.is_bound and self.substitutes.total_error_count()
        ):
            return True
        plain_words = {None, "", "0", str(LineType.STANDARD), False}
        is_ordinary = all(self[name].value() in plain_words for name in ASKED)
        return not is_ordinary or any(row["product"].value() for row in self.substitutes)

    def clean(self) -> dict[str, Any]:
        """Fill in what is ordinary where nothing is said; look at the substitutes too."""
        found: dict[str, Any] = super().clean() or {}
        for name in ASKED:
            if name in found and found[name] in (None, ""):
                found[name] = ordinary(name)
        if self.substitutes.is_bound and not self.substitutes.is_valid():
            self.add_error(None, _now("Please check the substitutes."))
        return found

    def clean_reference_designators(self) -> list[str]:
        """Split the words; ranges are written out."""
        return list(split_designators(self.cleaned_data["reference_designators"]))

    def clean_notes(self) -> str:
        """Return the text; browsers send other line ends, which is no change."""
        typed, shown = str(self.cleaned_data["notes"]), str(self.initial.get("notes") or "")
        return shown if typed.splitlines() == shown.splitlines() else typed

    def line_values(self, child_id: Any) -> dict[str, Any]:
        """Return the input of the services, by the line's own field names."""
        given = self.cleaned_data
        return {
            "child_id": child_id,
            "quantity": given["quantity"],
            "unit_of_measure": given["unit_of_measure"] or None,
            "find_number": given["find_number"],
            "reference_designators": given["reference_designators"],
        }

    def more_values(self) -> dict[str, Any]:
        """Return effectivity, attributes and substitutes, by the line's own field names, where the page has sent them."""
        given = self.cleaned_data
        found = {name: given[name] for name in ASKED} if given["with_more"] else {}
        return {**found, SUBSTITUTES: self.substitutes.values()} if self.substitutes.is_bound else found


class RedlineForm(LineFields):
    """A line of the base revision: its find number stays unless another is given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["find_number"].required = True
        self.fields["child"].widget.attrs["autofocus"] = True  # the editor opens inside the table


class AdditionForm(LineFields):
    """A line that does not exist yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["find_number"].help_text = _("Empty: after the last line.")

    def settings(self, custom_attributes: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the same as an addition takes them: each as a whole, None where nothing is out of the ordinary."""
        given = self.more_values()
        said = {name: value for name, value in given.items() if name in ASKED and value != ordinary(name)}
        if custom_attributes:
            said[CUSTOM] = custom_attributes
        found: dict[str, Any] = {}
        if self.cleaned_data["with_more"]:
            found = {
                kind: {name: said[name] for name in names if name in said} or None for kind, names in FIELDS_OF.items()
            }
        return {**found, SUBSTITUTES: given[SUBSTITUTES] or None} if SUBSTITUTES in given else found


def row_values(row: DifferenceRow, version: int) -> dict[str, Any]:
    """Return a row of the picture as the form shows it: what the line is to be so far."""
    notes = dict.fromkeys(redline.note for redline in row.redlines if redline.note)
    values = row.values
    return {
        "child": values["product_number"],
        "quantity": values["quantity"],
        "unit_of_measure": values["unit_of_measure"],
        "find_number": values["find_number"],
        "reference_designators": designators_written(values["reference_designators"]),
        "note": "\n".join(notes),
        "expected_version": version,
    }


def untouched_row(line: BomLine, version: int) -> dict[str, Any]:
    """Return a line nobody has redlined as the form shows it."""
    return {
        "child": line.child.product_number,
        "quantity": plain(line.quantity),
        "unit_of_measure": line.unit_of_measure,
        "find_number": line.find_number,
        "reference_designators": designators_written(line.reference_designators),
        "expected_version": version,
    }


def more_shown(line: BomLine | None, substitutes: Sequence[Substitute], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return effectivity, attributes and substitutes as the form shows them: the line's, with the ``new`` ones of its
    redlines. One query where serial numbers are shown.
    """
    values = {name: ordinary(name) if line is None else getattr(line, name) for name in ASKED}
    values |= {name: value for name, value in new.items() if name in ASKED}
    values = {name: plain(value) if isinstance(value, Decimal) else value for name, value in values.items()}
    rows = new.get(SUBSTITUTES, substitutes)
    return {
        **values,
        "serials": serials_text(values["serials"]) if values["serials"] else "",
        SUBSTITUTES: [
            {
                "product": one.product_number,
                "quantity": plain(one.quantity),
                "unit_of_measure": one.unit_of_measure,
                "rank": one.rank,
                "reference_designators": designators_written(one.reference_designators),
                "note": one.note,
            }
            for one in sorted(rows, key=lambda one: (one.rank, one.product_number))
        ],
    }
