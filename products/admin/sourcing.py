"""Manufacturers, suppliers, manufacturer parts, sources, offers and exchange rates. A door, as thin as the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import (
    RecordAdmin,
    RecordForm,
    Step,
    StepsMixin,
    badge,
    name_choices,
    plain_number,
    steps_from_options,
)
from plm_project.tenancy.states import transition_options
from products import permissions
from products.choices import SourceStatus
from products.forms.sourcing import read_breaks
from products.models import (
    Alternate,
    ApprovedSource,
    ExchangeRate,
    Manufacturer,
    ManufacturerPart,
    Supplier,
    SupplierOffer,
)
from products.services.alternates import alternate_add, alternate_remove, alternate_update
from products.services.approved_sources import source_add, source_remove, source_step, source_update
from products.services.partners import (
    manufacturer_create,
    manufacturer_delete,
    manufacturer_part_create,
    manufacturer_part_delete,
    manufacturer_part_update,
    manufacturer_update,
    supplier_create,
    supplier_delete,
    supplier_update,
)
from products.services.supplier_offers import (
    exchange_rate_create,
    exchange_rate_delete,
    exchange_rate_update,
    offer_create,
    offer_remove,
    offer_update,
)
from products.sourcing.pricing import Break

name_choices(Manufacturer, str)
name_choices(Alternate, lambda row: f"{row.product.product_number} – {row.alternate.product_number}")
name_choices(Supplier, str)
name_choices(ManufacturerPart, str)
STATUS_STEPS = {str(status): _("Set to: %s") % status.label for status in SourceStatus}


def needs_of(write: str) -> dict[str, str]:
    """Return the permissions of a record that one permission writes."""
    return {"view": permissions.SOURCING_READ, **dict.fromkeys(("add", "change", "delete"), write)}


class PlainForm(RecordForm):
    """Without a reason: the services say what changed."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("minimum_quantity", "order_multiple", "rate"):
            value = getattr(self.instance, name, None)
            if name in self.fields and value is not None:
                self.initial[name] = plain(value)


class MasterAdmin(RecordAdmin):
    """What the plain records share: ``services`` are create, update and delete; ``key`` is the id's name there."""

    needs: ClassVar = needs_of(permissions.SOURCING_UPDATE)
    form = PlainForm
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}
    services: ClassVar[tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]]
    key: ClassVar[str]

    def create_record(self, actor: Actor, form: Any) -> Any:
        """By the service."""
        return type(self).services[0](actor=actor, data=form.service_data(only_changed=False))

    def update_record(self, actor: Actor, obj: Any, form: Any) -> Any:
        """By the service."""
        changes = form.service_data(only_changed=True)
        update = type(self).services[1]
        return update(actor=actor, changes=changes, expected_version=form.version_seen, **{self.key: obj.pk})

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        type(self).services[2](actor=actor, reason=reason, expected_version=expected_version, **{self.key: obj.pk})


class PartnerAdmin(MasterAdmin):
    """A company outside."""

    list_display = ("name", "code", "website", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code")
    fields = ("name", "code", "website", "contact", "is_active")


@admin.register(Manufacturer)
class ManufacturerAdmin(PartnerAdmin):
    """Who makes parts."""

    services = (manufacturer_create, manufacturer_update, manufacturer_delete)
    key = "manufacturer_id"


@admin.register(Supplier)
class SupplierAdmin(PartnerAdmin):
    """Who sells parts."""

    services = (supplier_create, supplier_update, supplier_delete)
    key = "supplier_id"


@admin.register(ManufacturerPart)
class ManufacturerPartAdmin(MasterAdmin):
    """Manufacturers' part numbers."""

    services = (manufacturer_part_create, manufacturer_part_update, manufacturer_part_delete)
    key = "part_id"
    list_display = ("mpn", "manufacturer", "description", "lifecycle")
    list_filter = ("lifecycle",)
    list_select_related = ("manufacturer",)
    search_fields = ("mpn", "description", "manufacturer__name")
    autocomplete_fields = ("manufacturer",)
    fields = ("manufacturer", "mpn", "description", "lifecycle", "link")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their manufacturer, which names them."""
        return super().get_queryset(request).select_related("manufacturer")


@admin.register(ExchangeRate)
class ExchangeRateAdmin(MasterAdmin):
    """What other currencies are worth."""

    needs: ClassVar = needs_of(permissions.SOURCING_RATES)
    services = (exchange_rate_create, exchange_rate_update, exchange_rate_delete)
    key = "rate_id"
    list_display = ("currency", "valid_from", "worth")
    list_filter = ("currency",)
    search_fields = ("currency",)
    fields = ("currency", "rate", "valid_from")

    @admin.display(description=_("rate"), ordering="rate")
    def worth(self, obj: ExchangeRate) -> str:
        """The rate."""
        return plain_number(obj.rate)


class OfferForm(PlainForm):
    """An offer with its prices as text."""

    prices = forms.CharField(
        label=_("Prices"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 30}),
        help_text=_("One a line: from quantity, then the price of one unit. For example: 1000 0.0042"),
    )
    apart = PlainForm.apart | {"prices"}

    class Meta:
        model = SupplierOffer
        exclude: ClassVar = ["tenant"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "prices" in self.fields and not self.instance._state.adding:
            rows = self.instance.breaks.order_by("from_quantity")
            self.initial["prices"] = "\n".join(f"{plain(row.from_quantity)} {plain(row.unit_price)}" for row in rows)

    def clean_prices(self) -> list[Break]:
        """Read the lines."""
        return read_breaks(self.cleaned_data["prices"])


@admin.register(SupplierOffer)
class SupplierOfferAdmin(RecordAdmin):
    """What suppliers ask."""

    needs: ClassVar = needs_of(permissions.SOURCING_UPDATE)
    form = OfferForm
    list_display = ("supplier", "manufacturer_part", "product", "supplier_part_number", "currency", "valid_to")
    list_filter = ("currency",)
    search_fields = ("supplier__name", "supplier_part_number", "manufacturer_part__mpn", "product__product_number")
    autocomplete_fields = ("supplier", "manufacturer_part", "product")
    fields = ("supplier", "manufacturer_part", "product", "supplier_part_number", "currency", "prices",
              "minimum_quantity", "order_multiple", "lead_time_days", "valid_from", "valid_to")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what names them."""
        rows = super().get_queryset(request)
        return rows.select_related("supplier", "product", "manufacturer_part__manufacturer")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What an offer is for never changes."""
        return ("manufacturer_part", "product") if obj is not None else ()

    def create_record(self, actor: Actor, form: Any) -> SupplierOffer:
        """By the service."""
        data = form.service_data(only_changed=False)
        return offer_create(actor=actor, data=data, breaks=form.cleaned_data["prices"])

    def update_record(self, actor: Actor, obj: Any, form: Any) -> SupplierOffer:
        """By the service."""
        return offer_update(
            actor=actor,
            offer_id=obj.pk,
            changes=form.service_data(only_changed=True),
            breaks=form.cleaned_data["prices"],
            expected_version=form.version_seen,
        )

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        offer_remove(actor=actor, offer_id=obj.pk, reason=reason, expected_version=expected_version)


@admin.register(Alternate)
class AlternateAdmin(RecordAdmin):
    """Products that may be taken in the place of others."""

    needs: ClassVar = {
        "view": permissions.PRODUCTS_READ,
        "add": permissions.PRODUCTS_UPDATE,
        "change": permissions.PRODUCTS_UPDATE,
        "delete": permissions.PRODUCTS_UPDATE,
    }
    form = PlainForm
    list_display = ("product", "alternate", "is_two_way", "rank", "note")
    list_filter = ("is_two_way",)
    search_fields = ("product__product_number", "alternate__product_number")
    autocomplete_fields = ("product", "alternate")
    fields = ("product", "alternate", "is_two_way", "rank", "note")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With both products; of live ones."""
        rows = super().get_queryset(request).filter(product__is_deleted=False, alternate__is_deleted=False)
        return rows.select_related("product", "alternate")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The pair never changes: that is another alternate."""
        return () if obj is None else ("product", "alternate")

    def create_record(self, actor: Actor, form: Any) -> Alternate:
        """By the service."""
        data = form.service_data(only_changed=False)
        product_id, alternate_id = data.pop("product_id"), data.pop("alternate_id")
        return alternate_add(actor=actor, product_id=product_id, alternate_id=alternate_id, data=data)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> Alternate:
        """By the service."""
        changes = form.service_data(only_changed=True)
        return alternate_update(actor=actor, row_id=obj.pk, changes=changes, expected_version=form.version_seen)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        alternate_remove(actor=actor, row_id=obj.pk, reason=reason, expected_version=expected_version)


@admin.register(ApprovedSource)
class ApprovedSourceAdmin(StepsMixin, RecordAdmin):
    """The approved manufacturer lists of all products."""

    needs: ClassVar = needs_of(permissions.SOURCING_UPDATE)
    form = PlainForm
    list_display = ("product", "manufacturer_part", "status_badge", "is_preferred", "valid_from", "valid_to")
    list_filter = ("status", "is_preferred")
    search_fields = ("product__product_number", "manufacturer_part__mpn", "manufacturer_part__manufacturer__name")
    autocomplete_fields = ("product", "manufacturer_part")
    readonly_fields = ("status_badge", "status_reason")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what names them; of live products."""
        rows = super().get_queryset(request).filter(product__is_deleted=False)
        return rows.select_related("product", "manufacturer_part__manufacturer")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new source is a potential one that nobody prefers yet."""
        if obj is None:
            return ("product", "manufacturer_part", "valid_from", "valid_to")
        return (
            "product",
            "manufacturer_part",
            "status_badge",
            "status_reason",
            "is_preferred",
            "valid_from",
            "valid_to",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What stands for what never changes: that is another source."""
        return self.readonly_fields if obj is None else (*self.readonly_fields, "product", "manufacturer_part")

    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, obj: ApprovedSource) -> str:
        """The verdict."""
        return badge(obj.status, obj.get_status_display())

    def create_record(self, actor: Actor, form: Any) -> ApprovedSource:
        """By the service."""
        data = form.service_data(only_changed=False)
        product_id, part_id = data.pop("product_id"), data.pop("manufacturer_part_id")
        return source_add(actor=actor, product_id=product_id, manufacturer_part_id=part_id, data=data)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> ApprovedSource:
        """By the service."""
        changes = form.service_data(only_changed=True)
        return source_update(actor=actor, source_id=obj.pk, changes=changes, expected_version=form.version_seen)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        source_remove(actor=actor, source_id=obj.pk, reason=reason, expected_version=expected_version)

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """The verdicts."""
        return steps_from_options(transition_options(obj, "status", request.actor), STATUS_STEPS)  # type: ignore[attr-defined]

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> None:
        """By the service."""
        source_step(
            actor=actor, source_id=obj.pk, to=name, reason=data["reason"], expected_version=data["expected_version"]
        )
