"""The item master's forms: create, edit, delete, move through the lifecycle."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.core.decimals import plain
from products.choices import ProductStatus, ProductType
from products.forms.base import PlmForm, decimal_field, part_field, reason_field, version_field
from products.models import Product
from products.units import unit_choices

SCALARS = (str, int, float, bool, type(None))


class ProductFields(PlmForm):
    """The fields that creating and editing share."""

    product_name = forms.CharField(label=_("Name"), min_length=3, max_length=200)
    product_type = forms.ChoiceField(label=_("Type"), choices=ProductType.choices, initial=ProductType.MANUFACTURED)
    unit_of_measure = forms.ChoiceField(label=_("Unit"), choices=unit_choices, initial="each")
    product_description = forms.CharField(
        label=_("Description"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    target_cost = decimal_field(_("Target cost"), places=4, min_value=0, required=False)
    current_cost = decimal_field(
        _("Own cost"),
        places=4,
        min_value=0,
        required=False,
        help_text=_("A purchased part's price, or what assembling adds. The parts below are rolled up by themselves."),
    )
    mass_kg = decimal_field(
        _("Own mass (kg)"), places=6, min_value=0, required=False, help_text=_("Without the parts below.")
    )
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=2600, help_text=_("Several are separated by commas.")
    )
    attributes = forms.CharField(
        label=_("Attributes"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "font-monospace"}),
        help_text=_("One a line: name: value"),
    )

    def clean_tags(self) -> list[str]:
        """Split at commas; each tag once."""
        words = (word.strip() for word in self.cleaned_data["tags"].split(","))
        return list(dict.fromkeys(word for word in words if word))

    def clean_attributes(self) -> dict[str, str]:
        """Read the lines."""
        return read_attributes(self.cleaned_data["attributes"])

    def product_data(self) -> dict[str, Any]:
        """Return the input of the service."""
        data = dict(self.cleaned_data)
        data["custom_attributes"] = data.pop("attributes")
        for name in ("target_cost", "current_cost", "mass_kg"):
            data[name] = data[name] if data[name] is not None else 0
        return data


class ProductCreateForm(ProductFields):
    """A new product. Its number is for ever."""

    product_number = forms.CharField(
        label=_("Number"), min_length=3, max_length=50, help_text=_("Cannot be changed later.")
    )
    field_order = ["product_number", "product_name", "product_type", "unit_of_measure"]


class ProductEditForm(ProductFields):
    """A product as it stands, with the version that the person saw."""

    status = forms.ChoiceField(label=_("Status"), choices=ProductStatus.choices)
    replaced_by = part_field(_("Replaced by"), required=False, help_text=_("Number of the product to use instead."))
    reason = reason_field(label=_("Reason for the change"))
    expected_version = version_field()
    field_order = ["product_name", "product_type", "unit_of_measure", "status"]

    def product_changes(self, product: Product) -> dict[str, Any]:
        """Return the input of the service. Attributes that no line can show stay as they are."""
        data = self.product_data()
        for name in ("reason", "expected_version", "replaced_by"):
            data.pop(name)
        before = product.custom_attributes
        kept = {name: value for name, value in before.items() if not isinstance(value, SCALARS)}
        typed = {
            name: before[name] if name in before and shown_value(before[name]) == text else text
            for name, text in data["custom_attributes"].items()
        }
        data["custom_attributes"] = {**kept, **typed}
        return data


def product_values(product: Product) -> dict[str, Any]:
    """Return a product as the edit form shows it."""
    return {
        "product_name": product.product_name,
        "product_type": product.product_type,
        "unit_of_measure": product.unit_of_measure,
        "product_description": product.product_description,
        "target_cost": plain(product.target_cost),
        "current_cost": plain(product.current_cost),
        "mass_kg": plain(product.mass_kg),
        "tags": ", ".join(product.tags),
        "attributes": "\n".join(
            f"{name}: {shown_value(value)}"
            for name, value in product.custom_attributes.items()
            if isinstance(value, SCALARS)
        ),
        "status": product.status,
        "replaced_by": product.replaced_by.product_number if product.replaced_by else "",
        "expected_version": product.version,
    }


# The service's names where the form has others.
RENAMED = {"custom_attributes": "attributes", "replaced_by_id": "replaced_by"}


def read_attributes(text: str) -> dict[str, str]:
    """Read lines of ``name: value``; raise a ValidationError that names the first line that is not one."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise forms.ValidationError(_now("“%(line)s” is not of the form name: value.") % {"line": line[:60]})
        found[name.strip()] = value.strip()
    return found


def shown_value(value: Any) -> str:
    """Return an attribute's value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else " ".join(str(value).split())


class ProductDeleteForm(PlmForm):
    """Confirmation with a reason."""

    reason = reason_field()
    expected_version = version_field()


class TransitionForm(PlmForm):
    """A step in the lifecycle."""

    reason = reason_field()
    replaced_by = part_field(_("Replaced by"), required=False, help_text=_("Number of the product to use instead."))
    expected_version = version_field()

    def __init__(self, *args: Any, retiring: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not retiring:
            del self.fields["replaced_by"]
