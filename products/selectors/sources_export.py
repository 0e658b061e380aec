"""The tenant's sources and offers as rows of the file of sources (``products/sourcing/source_file.py``)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Prefetch, Q

from plm_project.tenancy.id_sets import in_ids
from plm_project.tenancy.scope import tenant_scope
from products.models import ApprovedSource, PriceBreak, Product, SupplierOffer
from products.selectors.products import CHUNK


def sourced_ids() -> list[uuid.UUID]:
    """Return the products that have a source or an offer of their own, by number."""
    live = Q(sources__is_deleted=False) | Q(offers__is_deleted=False)
    return list(Product.objects.filter(live).order_by("product_number").distinct().values_list("pk", flat=True))


def most_prices() -> int:
    """Return how many prices the richest offer has, at least 1: the width of the file."""
    rows = PriceBreak.objects.order_by().values("offer_id").annotate(found=Count("pk")).order_by("-found")
    first = rows.first()
    return int(first["found"]) if first else 1


def source_rows(tenant_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> Iterator[Sequence[Any]]:
    """Yield a row for each offer of each source, and for each source without one; each portion in its own scope.

    An offer of a part that several products list stands below each of them, as it is read.
    """
    for start in range(0, len(ids), CHUNK):
        with tenant_scope(tenant_id):
            rows = _portion(ids[start : start + CHUNK])
        yield from rows


def _portion(ids: Sequence[uuid.UUID]) -> list[Sequence[Any]]:
    products = Product.objects.filter(in_ids("pk", ids)).order_by("product_number")
    listed = ApprovedSource.objects.filter(in_ids("product_id", ids)).select_related("manufacturer_part__manufacturer")
    sources: dict[uuid.UUID, list[ApprovedSource]] = {}
    for source in listed.order_by("manufacturer_part__mpn", "id"):
        sources.setdefault(source.product_id, []).append(source)
    parts = {source.manufacturer_part_id for found in sources.values() for source in found}
    wanted = Q(in_ids("product_id", ids)) | Q(in_ids("manufacturer_part_id", parts))
    breaks = Prefetch("breaks", PriceBreak.objects.order_by("from_quantity"))
    offers: dict[uuid.UUID | None, list[SupplierOffer]] = {}
    for offer in SupplierOffer.objects.filter(wanted).select_related("supplier").prefetch_related(breaks):
        offers.setdefault(offer.manufacturer_part_id or offer.product_id, []).append(offer)
    rows: list[Sequence[Any]] = []
    for product in products:
        rows += [_row(product, None, offer) for offer in offers.get(product.pk, ())]
        for source in sources.get(product.pk, ()):
            found = offers.get(source.manufacturer_part_id) or [None]  # type: ignore[list-item]
            rows += [_row(product, source, offer) for offer in found]
    return rows


def _row(product: Product, source: ApprovedSource | None, offer: SupplierOffer | None) -> Sequence[Any]:
    part = source.manufacturer_part if source else None
    row: list[Any] = [
        product.product_number,
        part.manufacturer.name if part else "",
        part.mpn if part else "",
        source.status if source else "",
        ("yes" if source.is_preferred else "no") if source else "",
        source.status_reason if source else "",
    ]
    if offer is None:
        return row
    row += [
        offer.supplier.name,
        offer.supplier_part_number,
        offer.currency,
        offer.minimum_quantity,
        offer.order_multiple,
        offer.lead_time_days,
        offer.valid_from,
        offer.valid_to,
    ]
    for entry in offer.breaks.all():
        row += [entry.from_quantity, entry.unit_price]
    return row
