"""Substitutes of BOM lines: in place on their line."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import RowForm, RowsInline, name_choices, plain_number
from products import permissions
from products.admin.designators import DesignatorsField, units_or_own
from products.importing.designators import designators_written, split_designators
from products.models import LineSubstitute
from products.services.substitute_copies import SUBSTITUTE_FIELDS
from products.services.substitutes import substitute_add, substitute_remove, substitute_update

name_choices(LineSubstitute, lambda row: f"{row.rank}: {row.product.product_number}")


class SubstituteRow(RowForm):
    """A substitute in place."""

    quantity = forms.DecimalField(
        label=_("Quantity"),
        required=False,
        max_digits=15,
        decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 10, "autocomplete": "off"}),
        help_text=_("Empty: the line's."),
    )
    unit_of_measure = forms.ChoiceField(label=_("Unit"), choices=units_or_own, required=False)
    reference_designators = DesignatorsField(
        label=_("Designators"),
        split=split_designators,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 1, "cols": 16}),
    )

    class Meta:
        model = LineSubstitute
        fields: ClassVar = ["rank", "product", "quantity", "unit_of_measure", "reference_designators", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial.update(unit_of_measure="", quantity=None)
        elif "product" in self.fields:
            self.initial["quantity"] = plain(self.instance.quantity)
            self.fields["quantity"].required = True
            self.fields["product"].disabled = True  # another one is another substitute


class SubstituteInline(RowsInline):
    """What may be taken for the part, while the revision is in work; of any other one to look at."""

    model = LineSubstitute
    form = SubstituteRow
    fk_name = "line"
    needs: ClassVar = {
        "view": permissions.PRODUCTS_READ,
        "add": permissions.BOM_UPDATE,
        "change": permissions.BOM_UPDATE,
        "delete": permissions.BOM_UPDATE,
    }
    fields = tuple(SubstituteRow.Meta.fields)
    autocomplete_fields = ("product",)

    def is_open(self, request: HttpRequest, obj: Any) -> bool:
        """Only in work."""
        return bool(obj.parent_revision.is_editable)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Numbers without padding where they are only read."""
        if obj is not None and not obj.parent_revision.is_editable:
            return ("rank", "part", "amount", "unit_of_measure", "designators", "note")
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of them, unless it is in work."""
        is_read = obj is not None and not obj.parent_revision.is_editable
        return self.get_fields(request, obj) if is_read else ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """By rank, with their products."""
        return super().get_queryset(request).select_related("product").order_by("rank", "created_at", "id")

    @admin.display(description=_("part"))
    def part(self, obj: LineSubstitute) -> str:
        """The product, leading to its page."""
        address = reverse("admin:products_product_change", args=[obj.product_id])
        return format_html('<a href="{}">{}</a>', address, obj.product)

    @admin.display(description=_("quantity"))
    def amount(self, obj: LineSubstitute) -> str:
        """The quantity."""
        return plain_number(obj.quantity)

    @admin.display(description=_("designators"))
    def designators(self, obj: LineSubstitute) -> str:
        """The designators as one text."""
        return designators_written(obj.reference_designators) or "–"

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """By the service."""
        data = form.service_data(only_changed=False)
        substitute_add(actor=actor, line_id=parent.pk, product_id=data["product_id"], data=_said(data))

    def row_update(self, actor: Actor, row: LineSubstitute, form: Any) -> None:
        """By the service."""
        substitute_update(actor=actor, row_id=row.pk, changes=_said(form.service_data(only_changed=True)))

    def row_remove(self, actor: Actor, row: LineSubstitute) -> None:
        """By the service."""
        substitute_remove(actor=actor, row_id=row.pk)


def _said(data: dict[str, Any]) -> dict[str, Any]:
    """Return what the service takes, without a unit that nobody chose."""
    return {
        name: data[name] for name in SUBSTITUTE_FIELDS if name in data and (name != "unit_of_measure" or data[name])
    }
