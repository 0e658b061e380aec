"""What the tenant has of that which a file of sources names: a fixed number of statements, rows locked for the write."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from plm_project.tenancy.id_sets import in_ids
from products.models import (
    ApprovedSource,
    Manufacturer,
    ManufacturerPart,
    PriceBreak,
    Product,
    Supplier,
    SupplierOffer,
)
from products.selectors.products import product_ids
from products.sourcing.source_file import SourceSpec

# Which item, which supplier, its number, the currency, from when on: what makes two rows one offer.
OfferKey = tuple[uuid.UUID, uuid.UUID, str, str, Any]


@dataclass
class Known:
    """Records by what the file calls them; names are folded, for "Yageo" and "YAGEO" are one maker."""

    products: dict[str, Product] = field(default_factory=dict)
    manufacturers: dict[str, Manufacturer] = field(default_factory=dict)
    suppliers: dict[str, Supplier] = field(default_factory=dict)
    parts: dict[tuple[uuid.UUID, str], ManufacturerPart] = field(default_factory=dict)
    sources: dict[tuple[uuid.UUID, uuid.UUID], ApprovedSource] = field(default_factory=dict)
    offers: dict[OfferKey, SupplierOffer] = field(default_factory=dict)
    breaks: dict[uuid.UUID, list[PriceBreak]] = field(default_factory=dict)


def known_load(specs: Sequence[SourceSpec]) -> Known:
    """Read what the rows name."""
    known = Known()
    ids = product_ids({spec.product_number for spec in specs})
    known.products = {row.product_number: row for row in Product.objects.filter(in_ids("pk", ids.values()))}
    known.manufacturers = _by_name(Manufacturer)
    known.suppliers = _by_name(Supplier)
    makers = {row.pk for row in known.manufacturers.values()}
    for part in ManufacturerPart.objects.filter(in_ids("manufacturer_id", makers)).select_related("manufacturer"):
        known.parts[part.manufacturer_id, part.mpn.casefold()] = part
    _load_sources(known, set(ids.values()))
    _load_offers(known, specs, set(ids.values()))
    return known


def offer_key(offer: SupplierOffer) -> OfferKey:
    """Return what makes an offer the same one in a file."""
    item = offer.manufacturer_part_id or offer.product_id
    assert item is not None
    return item, offer.supplier_id, offer.supplier_part_number, offer.currency, offer.valid_from


def _by_name(model: Any) -> dict[str, Any]:
    """Return live records by folded code and, stronger, by folded name."""
    rows = list(model.objects.order_by("name", "id"))
    return {row.code.casefold(): row for row in rows} | {row.name.casefold(): row for row in rows}


def _load_sources(known: Known, ids: set[uuid.UUID]) -> None:
    parts = {part.pk: part for part in known.parts.values()}
    for source in ApprovedSource.objects.select_for_update().filter(in_ids("product_id", ids)):
        part = parts.get(source.manufacturer_part_id)
        if part is not None:
            source.manufacturer_part = part
        known.sources[source.product_id, source.manufacturer_part_id] = source


def _load_offers(known: Known, specs: Sequence[SourceSpec], ids: set[uuid.UUID]) -> None:
    named = {spec.mpn.casefold() for spec in specs}
    parts = [part.pk for (_maker, mpn), part in known.parts.items() if mpn in named]
    wanted = Q(in_ids("product_id", ids)) | Q(in_ids("manufacturer_part_id", parts))
    offers = list(SupplierOffer.objects.select_for_update().filter(wanted))
    known.offers = {offer_key(offer): offer for offer in offers}
    for entry in PriceBreak.objects.filter(in_ids("offer_id", [offer.pk for offer in offers])):
        known.breaks.setdefault(entry.offer_id, []).append(entry)
