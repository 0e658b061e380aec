"""What lists and structure questions are narrowed by. Bad values are dropped, so that an old link still opens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from products.choices import LifecyclePhase, ProductStatus, ProductType, ResolutionMode
from products.effectivity import HIGHEST_SERIAL
from products.forms.base import PlmForm, date_field, decimal_field
from products.models import Product
from products.selectors.configurations import configuration_rows
from products.selectors.products import SORT_FIELDS, SORT_ORDERS, ProductFilter
from products.selectors.questions import choices_read, resolution_asked
from products.selectors.resolution import CHOICE, Resolution

MOST_CONFIGURATIONS = 200
ANY = [("", _("Any"))]


class ProductFilterForm(PlmForm):
    """The filters of the product list; its values live in the address."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"placeholder": _("Number, name or description")}),
    )
    product_type = forms.ChoiceField(label=_("Type"), required=False, choices=[*ANY, *ProductType.choices])
    lifecycle_phase = forms.ChoiceField(label=_("Phase"), required=False, choices=[*ANY, *LifecyclePhase.choices])
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[*ANY, *ProductStatus.choices])
    tags = forms.CharField(label=_("Tags"), required=False, max_length=200, help_text=_("All of them, by commas."))
    cost_min = decimal_field(_("Cost from"), places=4, required=False)
    cost_max = decimal_field(_("Cost to"), places=4, required=False)
    sort_by = forms.ChoiceField(
        required=False, choices=[(name, name) for name in SORT_FIELDS], widget=forms.HiddenInput
    )
    sort_order = forms.ChoiceField(
        required=False, choices=[(name, name) for name in SORT_ORDERS], widget=forms.HiddenInput
    )

    def wanted(self) -> ProductFilter:
        """Return the filter; a field with a fault filters nothing, and says so."""
        self.is_valid()
        given = self.cleaned_data
        return ProductFilter(
            q=given.get("q", ""),
            product_type=_one(given.get("product_type")),
            lifecycle_phase=_one(given.get("lifecycle_phase")),
            status=_one(given.get("status")),
            tags=[word for word in (part.strip() for part in given.get("tags", "").split(",")) if word],
            cost_min=given.get("cost_min"),
            cost_max=given.get("cost_max"),
            sort_by=given.get("sort_by") or "created_at",
            sort_order=given.get("sort_order") or "desc",
        )

    def is_narrowed(self) -> bool:
        """Return whether anything but the order is asked for."""
        return any(self.data.get(name) for name in self.fields if not name.startswith("sort_"))


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


class StructureForm(PlmForm):
    """Which revision of the product, at which date, by which mode, for which unit and options."""

    revision = forms.ChoiceField(label=_("Revision"), required=False)
    as_of = date_field(_("As of"), required=False)
    mode = forms.ChoiceField(label=_("Mode"), required=False, choices=ResolutionMode.choices)
    serial = forms.IntegerField(
        label=_("Serial number"),
        required=False,
        min_value=1,
        max_value=HIGHEST_SERIAL,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": _("newest")}),
    )
    options = forms.CharField(
        label=_("Options"),
        required=False,
        max_length=4000,
        widget=forms.TextInput(attrs={"placeholder": _("all (150 %)"), "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("For example colour:red, motor:e. “none” chooses nothing."),
    )
    configuration = forms.ChoiceField(label=_("Configuration"), required=False, help_text=_("In place of options."))
    optional = forms.BooleanField(label=_("Count optional lines"), required=False)

    def __init__(self, *args: Any, revisions: Any = None, product: Product | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = product
        if product is None:  # upwards there are many end items, and no unit or choice of one
            for name in ("serial", "options", "configuration", "optional"):
                del self.fields[name]
        else:
            self._offer_configurations(product)
        if revisions is None:
            del self.fields["revision"]
        else:
            field: Any = self.fields["revision"]
            named = [(entry.label, f"{entry.label} · {entry.get_state_display()}") for entry in revisions]
            field.choices = [("", _("By date and mode")), *named]

    def _offer_configurations(self, product: Product) -> None:
        saved = [(row.code, row.name) for row in configuration_rows().filter(product=product)[:MOST_CONFIGURATIONS]]
        field: Any = self.fields["configuration"]
        field.choices = [("", _("none")), *saved]
        if not saved:
            del self.fields["configuration"]

    def clean_options(self) -> str:
        """Check that every word is a choice."""
        text: str = self.cleaned_data["options"]
        for choice in choices_read(text) or ():
            if not CHOICE.fullmatch(choice.lower()):
                raise forms.ValidationError(
                    _("“%(choice)s” is no choice; write family:choice."), params={"choice": choice}
                )
        return text

    def resolution(self) -> Resolution:
        """Return the resolution; what is not given or wrong is the default (effective, today).

        Raises ValidationFailed for a configuration that breaks its rules, or that stands beside options: another
        structure in its place would be taken for it.
        """
        self.is_valid()
        return resolution_asked(self.cleaned_data, self.product, upwards=self.product is None)

    def is_narrowed(self) -> bool:
        """Return whether a unit, options or optional lines are asked for."""
        return any(self.data.get(name) for name in ("serial", "options", "configuration", "optional"))

    def revision_label(self) -> str:
        """Return the revision asked for, "" for the one that date and mode take."""
        self.is_valid()
        return str(self.cleaned_data.get("revision") or "")
