"""Regulations, and where products are sold."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from compliance import permissions
from compliance.models import ProductMarkets, Regulation
from compliance.services import product_markets_set, regulation_create, regulation_delete, regulation_update
from compliance.services.markets import product_markets_clear
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.admin import RecordAdmin, RecordForm, WordsField, badge, name_choices, on_page
from products.choices import ProductType

name_choices(Regulation, str)


class RegulationForm(RecordForm):
    """A regulation's own fields."""

    product_types = forms.MultipleChoiceField(
        label=_("Product types"),
        choices=ProductType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all types."),
    )
    link = forms.URLField(label=_("Link to the text"), required=False, max_length=500, assume_scheme="https")
    markets = WordsField(
        label=_("Markets"), required=False, help_text=_("Two-letter country codes or EU. Empty: everywhere.")
    )

    class Meta:
        model = Regulation
        fields: ClassVar = ["code", "edition", "title", "description", "link", "effective_from", "effective_to",
                            "product_types", "markets", "is_binding"]  # fmt: skip


@admin.register(Regulation)
class RegulationAdmin(RecordAdmin):
    """Regulations."""

    needs: ClassVar = {
        "view": permissions.COMPLIANCE_READ,
        "add": permissions.REGULATIONS_MANAGE,
        "change": permissions.REGULATIONS_MANAGE,
        "delete": permissions.REGULATIONS_MANAGE,
    }
    form = RegulationForm
    list_display = ("code", "edition", "title", "state", "is_binding")
    list_filter = ("is_binding",)
    search_fields = ("code", "title", "edition")
    readonly_fields = ("audit_created", "audit_changed")
    fieldsets = (
        (None, {"fields": [("code", "edition"), "title", "description", "link"]}),
        (_("Scope"), {"fields": [("effective_from", "effective_to"), "product_types", "markets", "is_binding"]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people of the audit."""
        return super().get_queryset(request).select_related("created_by", "updated_by")

    @admin.display(description=_("state"))
    def state(self, obj: Regulation) -> str:
        """Whether it is in force."""
        if obj.holds_on(clock.today()):
            return badge("active", _now("in force"))
        return badge("inactive", _now("not in force"))

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Its own page."""
        return [(_now("Page of the regulation"), on_page("compliance:regulation-detail", obj.pk))]

    def create_record(self, actor: Actor, form: Any) -> Regulation:
        """By the service."""
        return regulation_create(actor=actor, data=form.service_data(only_changed=False))

    def update_record(self, actor: Actor, obj: Any, form: Any) -> Regulation:
        """By the service."""
        return regulation_update(
            actor=actor,
            regulation_id=obj.pk,
            changes=form.service_data(only_changed=True),
            reason=form.cleaned_data.get("reason", ""),
            expected_version=form.version_seen,
        )

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        regulation_delete(actor=actor, regulation_id=obj.pk, reason=reason, expected_version=expected_version)


class MarketsForm(RecordForm):
    """A product and its markets."""

    markets = WordsField(label=_("Markets"), help_text=_("Two-letter country codes or EU."))

    class Meta:
        model = ProductMarkets
        fields: ClassVar = ["product", "markets"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "product" in self.fields:
            self.fields["product"].disabled = True


@admin.register(ProductMarkets)
class ProductMarketsAdmin(RecordAdmin):
    """Where products are sold. Deleting a row means: sold everywhere."""

    needs: ClassVar = {
        "view": permissions.COMPLIANCE_READ,
        "add": permissions.COMPLIANCE_ASSESS,
        "change": permissions.COMPLIANCE_ASSESS,
        "delete": permissions.COMPLIANCE_ASSESS,
    }
    form = MarketsForm
    list_display = ("product", "codes")
    search_fields = ("product__product_number", "product__product_name")
    autocomplete_fields = ("product",)
    list_select_related = ("product",)
    readonly_fields = ("audit_created", "audit_changed")
    fieldsets = (
        (None, {"fields": ["product", "markets"]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the product and the people of the audit."""
        return super().get_queryset(request).select_related("product", "created_by", "updated_by")

    @admin.display(description=_("markets"))
    def codes(self, obj: ProductMarkets) -> str:
        """The codes."""
        return ", ".join(obj.markets)

    def create_record(self, actor: Actor, form: Any) -> Any:
        """By the service."""
        return _set(actor, form.cleaned_data["product"].pk, form, None)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> Any:
        """By the service."""
        return _set(actor, obj.product_id, form, form.version_seen)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        product_markets_clear(actor=actor, markets_id=obj.pk, reason=reason, expected_version=expected_version)


def _set(actor: Actor, product_id: Any, form: Any, version: int | None) -> Any:
    return product_markets_set(
        actor=actor,
        product_id=product_id,
        markets=form.cleaned_data["markets"],
        reason=form.cleaned_data.get("reason", ""),
        expected_version=version,
    )
