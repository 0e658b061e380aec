"""Suppliers' offers with their price breaks, and exchange rates.

Prices of offers do not touch ``product.current_cost``, and so publish no cost_updated: that event tells of the
product's own amounts (SPEC §6), which partners mirror; an offer is one of several answers to "what would it cost".
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.models import Tenant
from products import permissions
from products.models import ExchangeRate, ManufacturerPart, PriceBreak, Product, Supplier, SupplierOffer
from products.models.offers import MOST_BREAKS
from products.services.inputs import apply, clean
from products.services.sourcing_records import (
    named_or_refused,
    record_change,
    record_create,
    record_locked,
    record_store,
)
from products.sourcing.pricing import Break

OFFER_FIELDS = frozenset(
    {
        "supplier_id",
        "supplier_part_number",
        "currency",
        "minimum_quantity",
        "order_multiple",
        "lead_time_days",
        "valid_from",
        "valid_to",
    }
)
AT_CREATION = OFFER_FIELDS | {"manufacturer_part_id", "product_id"}
RATE_FIELDS = frozenset({"currency", "rate", "valid_from"})


@transaction.atomic
def offer_create(*, actor: Actor, data: Mapping[str, Any], breaks: Sequence[Break]) -> SupplierOffer:
    """Enter an offer with at least one price. Raises ValidationFailed naming the field (``breaks[0].unit_price``)."""
    actor.require(permissions.SOURCING_UPDATE)
    _require_references(data)
    check_breaks(breaks)
    offer = record_create(
        actor, SupplierOffer(tenant_id=actor.tenant_id), data, allowed=AT_CREATION, taken="supplier_part_number"
    )
    _set_breaks(actor, offer, breaks)
    return offer


@transaction.atomic
def offer_update(
    *,
    actor: Actor,
    offer_id: uuid.UUID,
    changes: Mapping[str, Any],
    breaks: Sequence[Break] | None = None,
    expected_version: int | None = None,
) -> SupplierOffer:
    """Change an offer; ``breaks`` are all its prices from now on, None leaves them. A change of prices counts the
    offer's version up. What it is for never changes: that is another offer."""
    actor.require(permissions.SOURCING_UPDATE)
    offer = record_locked(SupplierOffer, offer_id)
    offer.expect_version(expected_version)
    _require_references(changes)
    differences = apply(offer, changes, allowed=OFFER_FIELDS)
    if breaks is not None:
        check_breaks(breaks)
        if _set_breaks(actor, offer, breaks):
            differences["breaks"] = {}
    if not differences:
        return offer
    said = _("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))}
    return record_store(actor, offer, said, taken="supplier_part_number")


@transaction.atomic
def offer_remove(
    *, actor: Actor, offer_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> SupplierOffer:
    """Take an offer, with its prices, out of sight."""
    actor.require(permissions.SOURCING_UPDATE)
    offer = record_locked(SupplierOffer, offer_id)
    offer.expect_version(expected_version)
    for entry in offer.breaks.select_for_update():
        entry.soft_delete_as(actor, reason=reason or _("removed"))
    return offer.soft_delete_as(actor, reason=reason or _("removed"))


@transaction.atomic
def exchange_rate_create(*, actor: Actor, data: Mapping[str, Any]) -> ExchangeRate:
    """Enter what a currency is worth from a day on. Raises Conflict when that day has a rate already."""
    actor.require(permissions.SOURCING_RATES)
    _refuse_own_currency(actor, data)
    record = ExchangeRate(tenant_id=actor.tenant_id)
    return record_create(actor, record, data, allowed=RATE_FIELDS, taken="valid_from")


@transaction.atomic
def exchange_rate_update(
    *, actor: Actor, rate_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> ExchangeRate:
    """Put a rate right. A new rate is a new record, from its own day on."""
    actor.require(permissions.SOURCING_RATES)
    record = record_locked(ExchangeRate, rate_id)
    record.expect_version(expected_version)
    _refuse_own_currency(actor, changes)
    return record_change(actor, record, changes, allowed=RATE_FIELDS, taken="valid_from")


@transaction.atomic
def exchange_rate_delete(
    *, actor: Actor, rate_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> ExchangeRate:
    """Take a rate out of sight; the one before it holds on."""
    actor.require(permissions.SOURCING_RATES)
    record = record_locked(ExchangeRate, rate_id)
    record.expect_version(expected_version)
    return record.soft_delete_as(actor, reason=reason or _("deleted"))


def check_breaks(breaks: Sequence[Break]) -> None:
    """Raise ValidationFailed unless there is a price, and each quantity stands once."""
    if not breaks:
        raise ValidationFailed.field("breaks", _("Give at least one price."))
    if len(breaks) > MOST_BREAKS:
        raise ValidationFailed.field("breaks", _("At most %(count)s prices.") % {"count": MOST_BREAKS})
    if len({entry.from_quantity for entry in breaks}) != len(breaks):
        raise ValidationFailed.field("breaks", _("Each quantity has one price."))


def _set_breaks(actor: Actor, offer: SupplierOffer, breaks: Sequence[Break]) -> bool:
    """Make these the offer's prices; return whether anything changed. The history of each price goes on."""
    known: dict[Decimal, PriceBreak] = {entry.from_quantity: entry for entry in offer.breaks.select_for_update()}
    changed = False
    for index, wanted in enumerate(breaks):
        entry = known.pop(wanted.from_quantity, None)
        if entry is not None and entry.unit_price == wanted.unit_price:
            continue
        changed = True
        entry = entry or PriceBreak(tenant_id=actor.tenant_id, offer=offer, from_quantity=wanted.from_quantity)
        entry.unit_price = wanted.unit_price
        clean(entry, prefix=f"breaks[{index}].")
        entry.save_as(actor, reason=_("price"))
    for entry in known.values():
        entry.soft_delete_as(actor, reason=_("price taken away"))
    return changed or bool(known)


def _require_references(data: Mapping[str, Any]) -> None:
    for name, model in (
        ("supplier_id", Supplier),
        ("manufacturer_part_id", ManufacturerPart),
        ("product_id", Product),
    ):
        if data.get(name) is not None:
            named_or_refused(model.objects.all(), data[name], name)


def _refuse_own_currency(actor: Actor, data: Mapping[str, Any]) -> None:
    own = Tenant.objects.only("currency").get(pk=actor.tenant_id).currency
    if data.get("currency") == own:
        raise ValidationFailed.field("currency", _("%(currency)s is your own currency.") % {"currency": own})
