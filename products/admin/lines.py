"""BOM lines: in place on their revision, and as a list of their own."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import (
    RecordAdmin,
    RecordForm,
    RowForm,
    RowsInline,
    name_choices,
    plain_number,
)
from products import permissions
from products.admin.designators import DesignatorsField, units_or_own
from products.admin.substitutes import SubstituteInline
from products.forms.base import serials_field
from products.importing.designators import designators_written, split_designators
from products.models import BomLine
from products.services import LineInput, line_add, line_remove, line_update

WIDGETS: dict[str, Any] = {
    "quantity": forms.TextInput(attrs={"inputmode": "decimal", "size": 10, "autocomplete": "off"}),
    "find_number": forms.TextInput(attrs={"inputmode": "numeric", "size": 5, "autocomplete": "off"}),
    "effective_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    "effective_to": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    "notes": forms.Textarea(attrs={"rows": 1, "cols": 20}),
}

name_choices(
    BomLine,
    lambda line: f"{line.find_number}: {line.child.product_number} × {plain(line.quantity)} {line.unit_of_measure}",
)


class LineFields(forms.ModelForm):
    """What row and form of a line share."""

    unit_of_measure = forms.ChoiceField(label=_("Unit"), choices=units_or_own, required=False)
    reference_designators = DesignatorsField(
        label=_("Designators"),
        split=split_designators,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 1, "cols": 16}),
        help_text=_("For example R1, R2, C4-C9."),
    )
    find_number = forms.IntegerField(
        label=_("Find number"),
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        widget=WIDGETS["find_number"],
        help_text=_("Empty: after the last line."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial.update(unit_of_measure="", quantity=None, find_number=None)
        else:
            self.initial["quantity"] = plain(self.instance.quantity)
            if "find_number" in self.fields:
                self.fields["find_number"].required = True


class LineRow(LineFields, RowForm):
    """A line in place."""

    class Meta:
        model = BomLine
        fields: ClassVar = ["find_number", "child", "quantity", "unit_of_measure", "reference_designators",
                            "effective_from", "effective_to", "notes"]  # fmt: skip
        widgets = WIDGETS


class LineForm(LineFields, RecordForm):
    """A line on its own page."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field

    serials = serials_field()

    class Meta(LineRow.Meta):
        fields: ClassVar = [*LineRow.Meta.fields, "serials", "condition", "line_type", "is_optional",
                            "attrition_percent", "setup_quantity", "rounding_multiple"]  # fmt: skip


class LineInline(RowsInline):
    """The bill of materials of a revision in work; of any other one to look at."""

    model = BomLine
    form = LineRow
    fk_name = "parent_revision"
    needs: ClassVar = {
        "view": permissions.PRODUCTS_READ,
        "add": permissions.BOM_UPDATE,
        "change": permissions.BOM_UPDATE,
        "delete": permissions.BOM_UPDATE,
    }
    fields = tuple(LineRow.Meta.fields)
    autocomplete_fields = ("child",)

    def is_open(self, request: HttpRequest, obj: Any) -> bool:
        """Only in work."""
        return bool(obj.is_editable)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Numbers without padding where they are only read."""
        if obj is not None and not obj.is_editable:
            return ("find_number", "part", "amount", "unit_of_measure", "designators", "effective_from", "effective_to",
                    "notes")  # fmt: skip
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of them, unless it is in work."""
        return self.get_fields(request, obj) if obj is not None and not obj.is_editable else ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """By find number, with their parts."""
        return super().get_queryset(request).select_related("child").order_by("find_number", "id")

    @admin.display(description=_("part"))
    def part(self, obj: BomLine) -> str:
        """The part, leading to its page."""
        address = reverse("admin:products_product_change", args=[obj.child_id])
        return format_html('<a href="{}">{}</a>', address, obj.child)

    @admin.display(description=_("quantity"))
    def amount(self, obj: BomLine) -> str:
        """The quantity."""
        return plain_number(obj.quantity)

    @admin.display(description=_("designators"))
    def designators(self, obj: BomLine) -> str:
        """The designators as one text."""
        return designators_written(obj.reference_designators) or "–"

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """By the service."""
        data = form.service_data(only_changed=False)
        line_add(
            actor=actor,
            revision_id=parent.pk,
            line=LineInput(
                child_id=data["child_id"],
                quantity=data["quantity"],
                unit_of_measure=data["unit_of_measure"] or None,
                find_number=data["find_number"],
                reference_designators=tuple(data["reference_designators"]),
                effective_from=data["effective_from"],
                effective_to=data["effective_to"],
                notes=data["notes"],
            ),
        )

    def row_update(self, actor: Actor, row: BomLine, form: Any) -> None:
        """By the service."""
        line_update(actor=actor, line_id=row.pk, changes=line_changes(row, form))

    def row_remove(self, actor: Actor, row: BomLine) -> None:
        """By the service."""
        line_remove(actor=actor, line_id=row.pk)


def line_changes(line: BomLine, form: Any) -> dict[str, Any]:
    """Return what differs; an empty unit means the (new) part's own."""
    changes: dict[str, Any] = form.service_data(only_changed=True)
    if changes.get("unit_of_measure") == "":
        child = form.cleaned_data.get("child") or line.child
        changes["unit_of_measure"] = child.unit_of_measure
    return changes


@admin.register(BomLine)
class BomLineAdmin(RecordAdmin):
    """All lines of the tenant: where a long bill of materials is edited, and what redlines choose from."""

    needs: ClassVar = {
        "view": permissions.PRODUCTS_READ,
        "change": permissions.BOM_UPDATE,
        "delete": permissions.BOM_UPDATE,
    }
    form = LineForm
    list_display = ("find_number", "parent", "part", "amount", "unit_of_measure", "effective_from", "effective_to")
    list_display_links = ("find_number", "part")
    linked = frozenset({"parent_revision__id__exact"})
    list_filter = ("parent_revision__state", "line_type", "is_optional")
    search_fields = ("child__product_number", "child__product_name", "parent_revision__product__product_number")
    search_help_text = _("Number or name of the part, or number of the product it stands in")
    ordering = ("parent_revision__product__product_number", "-parent_revision__sequence", "find_number", "id")
    autocomplete_fields = ("child",)
    inlines = (SubstituteInline,)
    readonly_fields = ("parent", "audit_created", "audit_changed")
    fieldsets = (
        (None, {"fields": ["parent", ("find_number", "child"), ("quantity", "unit_of_measure"), "reference_designators",
                           "notes"]}),
        (_("Effectivity and use"), {"fields": [("effective_from", "effective_to"), "serials", "condition",
                                               ("line_type", "is_optional"),
                                               ("attrition_percent", "setup_quantity", "rounding_multiple")]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """Live lines of live revisions and products; for a choice those of the revisions the form names."""
        rows = super().get_queryset(request).select_related("child", "parent_revision__product")
        rows = rows.filter(parent_revision__is_deleted=False, parent_revision__product__is_deleted=False)
        match = request.resolver_match
        if match is not None and match.url_name == "autocomplete":
            rows = rows.filter(parent_revision__in=_uuids(request.GET.getlist("revision")))
        elif match is not None and match.url_name == "products_bomline_change":
            rows = rows.select_related("created_by", "updated_by", "child", "parent_revision__product")
        return rows

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while its revision is in work."""
        return super().has_change_permission(request, obj) and (obj is None or obj.parent_revision.is_editable)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while its revision is in work."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.parent_revision.is_editable)

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        """Why it cannot be edited."""
        if obj.parent_revision.is_editable:
            return []
        return [_now("Its revision is not in work. An engineering change makes the next one.")]

    @admin.display(description=_("stands in"), ordering="parent_revision__product__product_number")
    def parent(self, obj: BomLine) -> str:
        """The revision, leading to its page."""
        address = reverse("admin:products_productrevision_change", args=[obj.parent_revision_id])
        return format_html('<a href="{}">{}</a>', address, obj.parent_revision)

    @admin.display(description=_("part"), ordering="child__product_number")
    def part(self, obj: BomLine) -> str:
        """The part."""
        return str(obj.child)

    @admin.display(description=_("quantity"), ordering="quantity")
    def amount(self, obj: BomLine) -> str:
        """The quantity."""
        return plain_number(obj.quantity)

    def update_record(self, actor: Actor, obj: BomLine, form: Any) -> BomLine:
        """By the service."""
        changes = line_changes(obj, form)
        return line_update(actor=actor, line_id=obj.pk, changes=changes, expected_version=form.version_seen)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        line_remove(actor=actor, line_id=obj.pk, reason=reason, expected_version=expected_version)


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    """Return the ids among what an address says."""
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found
