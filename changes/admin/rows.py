"""What hangs on a change, in place: affected products, redlines, approvals."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from changes import permissions
from changes.choices import RedlineOperation
from changes.line_said import said_words
from changes.line_settings import settings_flat
from changes.line_words import label_of
from changes.models import AffectedProduct, Approval, ChangeDocument, EngineeringChange, Redline
from changes.models.affected import CHOSEN_ACTIONS
from changes.services import (
    affected_add,
    affected_remove,
    affected_update,
    change_document_add,
    change_document_remove,
    redline_add,
    redline_remove,
    redline_update,
)
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import (
    KnownSelect,
    PermittedInline,
    ReadOnlyInline,
    RowForm,
    RowsInline,
    WordsField,
    badge,
    moment,
    name_choices,
)
from products.models import BomLine
from products.units import unit_choices

DESIGNATORS = "reference_designators"
# Drawn on the change's own page; here they are looked at and taken away.
ON_ITS_PAGE = frozenset({RedlineOperation.EFFECTIVITY, RedlineOperation.ATTRIBUTES, RedlineOperation.SUBSTITUTES})

name_choices(ChangeDocument, lambda link: f"{link.document.document_number}")
name_choices(AffectedProduct, lambda affected: f"{affected.product.product_number}")


class DraftRows(PermittedInline):
    """Rows that are edited while their change is a draft, by those who may edit the change."""

    needs: ClassVar = {
        "view": permissions.CHANGES_READ,
        "add": permissions.CHANGES_UPDATE,
        "change": permissions.CHANGES_UPDATE,
        "delete": permissions.CHANGES_UPDATE,
    }

    def is_open(self, request: HttpRequest, obj: EngineeringChange) -> bool:
        """Only in a draft; who may edit somebody else's is said by the service."""
        return obj.is_draft


class AffectedRow(RowForm):
    """A product of the change, and what happens with it. Its base revision is found by the service."""

    class Meta:
        model = AffectedProduct
        fields: ClassVar = ["product", "chosen_action", "replacement", "effective_from"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "product" in self.fields:
            self.fields["product"].disabled = True
        if "chosen_action" in self.fields:
            field = self.fields["chosen_action"]
            field.choices = [("", _("new revision")), *CHOSEN_ACTIONS]  # type: ignore[attr-defined] # a ChoiceField

    def values(self) -> dict[str, Any]:
        """Return the input of the service: what was given, and of a stored row what was emptied."""
        is_new = self.instance._state.adding
        data = self.service_data(only_changed=not is_new)
        data.pop("product_id", None)
        if "chosen_action" in data:
            chosen = data.pop("chosen_action") or ("" if is_new else self.instance.revision_action)
            data |= {"action": chosen} if chosen else {}
        return data


class AffectedInline(DraftRows, RowsInline):
    """The products that the change does something with."""

    model = AffectedProduct
    form = AffectedRow
    fk_name = "change"
    fields = ("product", "chosen_action", "replacement", "effective_from", "base", "result")
    readonly_fields = ("base", "result")
    autocomplete_fields = ("product", "replacement")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With all that a row names."""
        related = ("product", "base_revision__product", "resulting_revision__product", "replacement")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description=_("redlines are drawn on"))
    def base(self, obj: AffectedProduct) -> str:
        """The revision that is replaced."""
        return _revision_link(obj.base_revision) if not obj._state.adding else "–"

    @admin.display(description=_("released as"))
    def result(self, obj: AffectedProduct) -> str:
        """The revision that came of it."""
        return _revision_link(obj.resulting_revision) if obj.resulting_revision_id else "–"

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """By the service."""
        product = form.cleaned_data["product"]
        affected_add(actor=actor, change_id=parent.pk, product_id=product.pk, values=form.values())

    def row_update(self, actor: Actor, row: Any, form: Any) -> None:
        """By the service."""
        affected_update(actor=actor, affected_id=row.pk, changes=form.values())

    def row_remove(self, actor: Actor, row: Any) -> None:
        """By the service."""
        affected_remove(actor=actor, affected_id=row.pk)


class DocumentRow(RowForm):
    """A document that belongs to the change."""

    class Meta:
        model = ChangeDocument
        fields: ClassVar = ["document"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "document" in self.fields:
            self.fields["document"].disabled = True


class DocumentInline(DraftRows, RowsInline):
    """The documents of the change."""

    model = ChangeDocument
    form = DocumentRow
    fk_name = "change"
    fields = ("document",)
    autocomplete_fields = ("document",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Of live documents."""
        return super().get_queryset(request).filter(document__is_deleted=False).select_related("document")

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """By the service."""
        change_document_add(actor=actor, change_id=parent.pk, document_id=form.cleaned_data["document"].pk)

    def row_update(self, actor: Actor, row: Any, form: Any) -> None:
        """There is nothing to change on a row: it is removed, and another one added."""

    def row_remove(self, actor: Actor, row: Any) -> None:
        """By the service."""
        change_document_remove(actor=actor, link_id=row.pk)


class LineSelect(KnownSelect):
    """Looks up the lines of some revisions alone."""

    revisions: tuple[str, ...] | list[str] = ()

    def get_url(self) -> str:
        """Name the revisions in the address that the choices come from."""
        return f"{super().get_url()}?{urlencode({'revision': list(self.revisions)}, doseq=True)}"


class RedlineRow(RowForm):
    """One redline. Line and operation are chosen once."""

    unit_of_measure = forms.ChoiceField(
        label=_("Unit"), choices=lambda: [("", _("as the part")), *unit_choices()], required=False
    )
    reference_designators = WordsField(
        label=_("Designators"), max_length=100_000, widget=forms.Textarea(attrs={"rows": 1, "cols": 30})
    )

    class Meta:
        model = Redline
        fields: ClassVar = ["operation", "line", "affected", "child", "quantity", "unit_of_measure", "find_number",
                            DESIGNATORS, "note"]  # fmt: skip
        widgets: ClassVar = {
            "quantity": forms.TextInput(attrs={"inputmode": "decimal", "size": 10, "autocomplete": "off"}),
            "find_number": forms.TextInput(attrs={"inputmode": "numeric", "size": 6, "autocomplete": "off"}),
            "note": forms.Textarea(attrs={"rows": 1, "cols": 40}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            if "operation" in self.fields:
                choices = [choice for choice in RedlineOperation.choices if choice[0] not in ON_ITS_PAGE]
                self.fields["operation"].choices = [("", "---------"), *choices]  # type: ignore[attr-defined] # a ChoiceField
            return
        for name in ("operation", "line", "affected"):
            if name in self.fields:
                self.fields[name].disabled = True
        if self.instance.quantity is not None:
            self.initial["quantity"] = plain(self.instance.quantity)

    def values(self, *, only_changed: bool) -> dict[str, Any]:
        """Return the new values as the service takes them: what is empty is no value, but for emptied designators."""
        data = self.service_data(only_changed=only_changed)
        operation = self.cleaned_data.get("operation") or self.instance.operation
        found: dict[str, Any] = {}
        for name in ("child_id", "quantity", "unit_of_measure", "find_number", DESIGNATORS):
            if name not in data:
                continue
            empty = data[name] in (None, "", [])
            if (name == DESIGNATORS and operation == RedlineOperation.DESIGNATORS) or not empty:
                found[name] = data[name]
            elif only_changed:
                found[name] = None
        return found


class RedlineInline(DraftRows, RowsInline):
    """The edits to the bills of material."""

    model = Redline
    form = RedlineRow
    fk_name = "change"
    fields = (*RedlineRow.Meta.fields, "further")
    readonly_fields = ("further",)
    autocomplete_fields = ("line", "child")
    template = "admin/edit_inline/stacked.html"
    fieldsets = (
        (None, {"fields": [("operation", "line", "affected"), ("child", "quantity", "unit_of_measure"),
                           ("find_number", DESIGNATORS), "further", "note"]}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """With all that a row names."""
        return super().get_queryset(request).select_related("line__child", "child", "affected__product")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Look lines up among those of this change."""
        if db_field.name == "line":
            kwargs["widget"] = LineSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Offer the lines of this change's base revisions, and its own affected products."""
        made = super().get_formset(request, obj, **kwargs)
        fields = made.form.base_fields
        affected = AffectedProduct.objects.filter(change=obj).select_related("product")
        if "affected" in fields:
            fields["affected"].queryset = affected
            fields["affected"].required = False
            fields["affected"].help_text = _("For an addition: the product that gets the line.")
            # The few products of one change: listed once for the page, not once for every row.
            fields["affected"].choices = [("", "---------"), *((entry.pk, str(entry.product)) for entry in affected)]
        if "line" in fields:
            revisions = [entry.base_revision_id for entry in affected]
            fields["line"].queryset = BomLine.objects.filter(parent_revision__in=revisions).select_related("child")
            fields["line"].widget.revisions = [str(key) for key in revisions]
            fields["line"].help_text = _("For anything but an addition.")
        return made

    @admin.display(description=_("effectivity, attributes, substitutes"))
    def further(self, obj: Redline) -> str:
        """What is drawn on the change's page."""
        said = settings_flat(obj.settings).items()
        return "; ".join(f"{label_of(name)}: {said_words(name, value) or '–'}" for name, value in said) or "–"

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """By the service."""
        data = form.service_data(only_changed=False)
        redline_add(
            actor=actor,
            change_id=parent.pk,
            operation=data["operation"],
            line_id=data["line_id"],
            affected_id=data["affected_id"],
            values=form.values(only_changed=False),
            note=data["note"],
        )

    def row_update(self, actor: Actor, row: Any, form: Any) -> None:
        """By the service."""
        changes = form.values(only_changed=True)
        if "note" in form.changed_data:
            changes["note"] = form.cleaned_data["note"]
        redline_update(actor=actor, redline_id=row.pk, changes=changes)

    def row_remove(self, actor: Actor, row: Any) -> None:
        """By the service."""
        redline_remove(actor=actor, redline_id=row.pk)


class ApprovalInline(ReadOnlyInline):
    """Who decides, and what they said. Votes are cast with the buttons above, by the people themselves."""

    model = Approval
    needs: ClassVar = {"view": permissions.CHANGES_READ}
    fields = ("round", "person", "named_by", "decision_badge", "comment", "decided")
    readonly_fields = fields
    verbose_name_plural = _("approvals")

    def get_queryset(self, request: HttpRequest) -> Any:
        """The running round first."""
        return super().get_queryset(request).select_related("approver").order_by("-round", "created_at", "id")

    @admin.display(description=_("approver"))
    def person(self, obj: Approval) -> str:
        """Who."""
        return str(obj.approver)

    @admin.display(description=_("rules"))
    def named_by(self, obj: Approval) -> str:
        """Which rules named them."""
        return ", ".join(obj.rule_labels)

    @admin.display(description=_("decision"))
    def decision_badge(self, obj: Approval) -> str:
        """What they said."""
        return badge(obj.decision, obj.get_decision_display())

    @admin.display(description=_("decided"))
    def decided(self, obj: Approval) -> str:
        """When."""
        return moment(obj.decided_at)


def _revision_link(revision: Any) -> str:
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:products_productrevision_change", args=[revision.pk]), revision
    )
