"""Option families, choices, options and rules of products, configurations. A door, as thin as the others."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.tenancy.admin import RecordAdmin, badge, name_choices
from products import permissions
from products.admin.sourcing import PlainForm
from products.models import Configuration, OptionChoice, OptionFamily, OptionRule, ProductOption
from products.selectors.configurations import problem_of
from products.services.configurations import configuration_create, configuration_remove, configuration_update
from products.services.option_families import (
    option_choice_add,
    option_choice_remove,
    option_choice_update,
    option_family_create,
    option_family_remove,
    option_family_update,
)
from products.services.product_options import (
    option_rule_add,
    option_rule_remove,
    option_rule_update,
    product_option_add,
    product_option_remove,
    product_option_update,
)

name_choices(OptionFamily, str)
name_choices(OptionChoice, lambda choice: f"{choice.family.code}:{choice.code}")
name_choices(ProductOption, lambda option: f"{option.product.product_number}: {option.family.name}")
name_choices(OptionRule, str)
name_choices(Configuration, str)
NEEDS = {
    "view": permissions.PRODUCTS_READ,
    **dict.fromkeys(("add", "change", "delete"), permissions.PRODUCTS_UPDATE),
}


class WordsField(forms.CharField):
    """A list of codes or choices, typed with commas or blanks between."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 9000, "widget": forms.TextInput, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Show what is stored as text."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the list."""
        return [word.lower() for word in (super().clean(value) or "").replace(",", " ").split()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is meant."""
        return bool(self.clean(data or "") != (initial or []))


class OptionRecordAdmin(RecordAdmin):
    """What these records share: ``fixed`` fields say what a record is and never change."""

    needs: ClassVar = NEEDS
    form = PlainForm
    fixed: ClassVar[tuple[str, ...]] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a record is never changes."""
        return (*self.readonly_fields, *(self.fixed if obj is not None else ()))


@admin.register(OptionFamily)
class OptionFamilyAdmin(OptionRecordAdmin):
    """What customers are asked."""

    list_display = ("name", "code")
    search_fields = ("name", "code")
    fields = ("name", "code")
    fixed = ("code",)

    def create_record(self, actor: Actor, form: Any) -> OptionFamily:
        """By the service."""
        return option_family_create(actor=actor, data=form.service_data(only_changed=False))

    def update_record(self, actor: Actor, obj: Any, form: Any) -> OptionFamily:
        """By the service."""
        changes = form.service_data(only_changed=True)
        return option_family_update(actor=actor, family_id=obj.pk, changes=changes, expected_version=form.version_seen)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        option_family_remove(actor=actor, family_id=obj.pk, reason=reason, expected_version=expected_version)


@admin.register(OptionChoice)
class OptionChoiceAdmin(OptionRecordAdmin):
    """The answers there are."""

    list_display = ("name", "code", "family", "rank")
    list_filter = (("family", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name", "code", "family__name", "family__code")
    autocomplete_fields = ("family",)
    fields = ("family", "name", "code", "rank")
    fixed = ("family", "code")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their family; of live ones."""
        return super().get_queryset(request).filter(family__is_deleted=False).select_related("family")

    def create_record(self, actor: Actor, form: Any) -> OptionChoice:
        """By the service."""
        data = form.service_data(only_changed=False)
        return option_choice_add(actor=actor, family_id=data.pop("family_id"), data=data)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> OptionChoice:
        """By the service."""
        changes = form.service_data(only_changed=True)
        return option_choice_update(actor=actor, choice_id=obj.pk, changes=changes, expected_version=form.version_seen)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        option_choice_remove(actor=actor, choice_id=obj.pk, reason=reason, expected_version=expected_version)


class ProductOptionForm(PlainForm):
    """An option with its allowed choices as text."""

    allowed = WordsField(label=_("Allowed choices"), help_text=_("Their codes, by commas. Empty: all of the family."))

    class Meta:
        model = ProductOption
        exclude: ClassVar = ["tenant"]


@admin.register(ProductOption)
class ProductOptionAdmin(OptionRecordAdmin):
    """What may be chosen for which product."""

    form = ProductOptionForm
    list_display = ("product", "family", "is_required", "default_choice", "rank")
    list_filter = ("is_required",)
    search_fields = ("product__product_number", "family__name", "family__code")
    autocomplete_fields = ("product", "family", "default_choice")
    fields = ("product", "family", "is_required", "allowed", "default_choice", "rank")
    fixed = ("product", "family")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what names them; of live products."""
        rows = super().get_queryset(request).filter(product__is_deleted=False)
        return rows.select_related("product", "family", "default_choice__family")

    def create_record(self, actor: Actor, form: Any) -> ProductOption:
        """By the service."""
        data = form.service_data(only_changed=False)
        product_id, family_id = data.pop("product_id"), data.pop("family_id")
        return product_option_add(actor=actor, product_id=product_id, family_id=family_id, data=data)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> ProductOption:
        """By the service."""
        changes = form.service_data(only_changed=True)
        return product_option_update(
            actor=actor, option_id=obj.pk, changes=changes, expected_version=form.version_seen
        )

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        product_option_remove(actor=actor, option_id=obj.pk, reason=reason, expected_version=expected_version)


@admin.register(OptionRule)
class OptionRuleAdmin(OptionRecordAdmin):
    """What choices ask of each other."""

    list_display = ("product", "condition", "kind", "then", "note")
    list_filter = ("kind",)
    search_fields = ("product__product_number", "condition", "then", "note")
    autocomplete_fields = ("product",)
    fields = ("product", "condition", "kind", "then", "note")
    fixed = ("product",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their product; of live ones."""
        return super().get_queryset(request).filter(product__is_deleted=False).select_related("product")

    def create_record(self, actor: Actor, form: Any) -> OptionRule:
        """By the service."""
        data = form.service_data(only_changed=False)
        return option_rule_add(actor=actor, product_id=data.pop("product_id"), data=data)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> OptionRule:
        """By the service."""
        changes = form.service_data(only_changed=True)
        return option_rule_update(actor=actor, rule_id=obj.pk, changes=changes, expected_version=form.version_seen)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        option_rule_remove(actor=actor, rule_id=obj.pk, reason=reason, expected_version=expected_version)


class ConfigurationForm(PlainForm):
    """A configuration with its choices as text."""

    choices = WordsField(label=_("Choices"), help_text=_("family:choice, by commas."))

    class Meta:
        model = Configuration
        exclude: ClassVar = ["tenant"]


@admin.register(Configuration)
class ConfigurationAdmin(OptionRecordAdmin):
    """Saved choices."""

    form = ConfigurationForm
    list_display = ("code", "name", "product", "note")
    search_fields = ("code", "name", "product__product_number")
    autocomplete_fields = ("product",)
    readonly_fields = ("status_badge",)
    fixed = ("product", "code")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their product; of live ones."""
        return super().get_queryset(request).filter(product__is_deleted=False).select_related("product")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A stored one says whether the rules allow it."""
        fields = ("product", "code", "name", "choices", "note")
        return fields if obj is None else (*fields, "status_badge")

    @admin.display(description=_("status"))
    def status_badge(self, obj: Configuration) -> str:
        """What the rules, as they are now, say of it."""
        valid = not problem_of(obj.product).broken(obj.choices)
        return badge("approved", _("Valid")) if valid else badge("disqualified", _("Breaks rules"))

    def create_record(self, actor: Actor, form: Any) -> Configuration:
        """By the service."""
        data = form.service_data(only_changed=False)
        return configuration_create(actor=actor, product_id=data.pop("product_id"), data=data)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> Configuration:
        """By the service."""
        changes = form.service_data(only_changed=True)
        return configuration_update(
            actor=actor, configuration_id=obj.pk, changes=changes, expected_version=form.version_seen
        )

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        configuration_remove(actor=actor, configuration_id=obj.pk, reason=reason, expected_version=expected_version)
