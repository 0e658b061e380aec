"""The import of a bill of materials: the file, then its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.web.forms import FileDropInput
from products.forms.base import PlmForm, part_field
from products.importing import AUTO
from products.importing.columns import FIELDS
from products.importing.dialects import LAYOUTS
from products.importing.table import MAX_BYTES

# What nearly every file has; the rest folds away.
FIRST_FIELDS = ("part_number", "name", "quantity", "unit", "find_number", "reference", "level", "parent")

FIELD_LABELS: dict[str, Any] = {
    "level": _("Level"),
    "parent": _("Parent number"),
    "part_number": _("Part number"),
    "name": _("Name"),
    "description": _("Description"),
    "quantity": _("Quantity"),
    "unit": _("Unit"),
    "find_number": _("Find number"),
    "reference": _("Reference designators"),
    "manufacturer": _("Manufacturer"),
    "mpn": _("Manufacturer part number"),
    "maker_reference": _("Manufacturer reference"),
    "supplier": _("Supplier"),
    "supplier_part_number": _("Supplier part number"),
    "value": _("Value"),
    "footprint": _("Footprint"),
    "package": _("Package"),
    "specification": _("Specification"),
    "revision": _("Revision"),
    "unit_cost": _("Unit cost"),
    "mass": _("Mass"),
    "mass_unit": _("Mass unit"),
    "item_type": _("Item type"),
    "part_class": _("Class"),
    "outline": _("Outline number"),
    "dnp": _("Not fitted"),
    "fitted": _("Fitted"),
    "fitting": _("Remark on fitting"),
    "datasheet": _("Data sheet"),
    "effective_from": _("Effective from"),
    "effective_to": _("Effective to"),
    "alternates": _("Alternates"),
    "not_fitted": _("Designators not fitted"),
    "note": _("Note"),
}


def small_enough(upload: Any) -> Any:
    """Return an upload; raise ValidationError where it is larger than an import reads."""
    if upload.size > MAX_BYTES:
        raise forms.ValidationError(_now("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 2**20})
    return upload


class UploadForm(PlmForm):
    """The file and the product it is the BOM of."""

    file = forms.FileField(
        label=_("File"),
        max_length=255,
        widget=FileDropInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.xml,.json,.zip"}),
        help_text=_(
            "CSV, Excel, KiCad or IPC-2581 XML, CycloneDX JSON, or a ZIP of linked lists; up to 20 MB. "
            "Headings, delimiter and encoding are detected."
        ),
    )
    parent_number = part_field(
        _("Number of the product"),
        help_text=_("The lines go below it. It is created when there is none yet."),
    )
    parent_name = forms.CharField(label=_("Its name, should it be new"), required=False, max_length=200)

    def clean_file(self) -> Any:
        """Refuse what is too large before it is kept."""
        return small_enough(self.cleaned_data["file"])


class SourcesUploadForm(PlmForm):
    """The file of sources, offers and prices."""

    file = forms.FileField(
        label=_("File"),
        max_length=255,
        widget=FileDropInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,.xls"}),
        help_text=_("CSV or Excel, up to 20 MB, with headings in the first row."),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is kept."""
        return small_enough(self.cleaned_data["file"])


class MappingForm(PlmForm):
    """Which column holds which field, the layout and the sheet. Built from the columns that the file has."""

    def __init__(
        self,
        *args: Any,
        columns: Sequence[tuple[str, str]] = (),
        sheets: Sequence[str] = (),
        detected: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.detected = dict(detected or {})
        choices = [("", _("– not in the file –")), *columns]
        for name in FIELDS:
            self.fields[f"map_{name}"] = forms.ChoiceField(
                label=FIELD_LABELS.get(name, name),
                required=False,
                choices=choices,
                initial=self.detected.get(name, ""),
            )
        layouts = [(AUTO, _("Detect")), *((dialect.name, dialect.title) for dialect in LAYOUTS)]
        self.fields["dialect"] = forms.ChoiceField(label=_("Layout"), required=False, choices=layouts, initial=AUTO)
        if len(sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"), required=False, choices=[("", _("Detect")), *((name, name) for name in sheets)]
            )

    def first_fields(self) -> list[forms.BoundField]:
        """The usual fields."""
        return [self[f"map_{name}"] for name in FIRST_FIELDS]

    def other_fields(self) -> list[forms.BoundField]:
        """The rest."""
        return [self[f"map_{name}"] for name in FIELDS if name not in FIRST_FIELDS]

    def others_used(self) -> int:
        """How many of the rest the file has."""
        return sum(1 for name in self.detected if name not in FIRST_FIELDS)
