"""All that is known of one product: its own records and its structure's status on a day."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from compliance.models import ComplianceRecord, ProductMarkets
from compliance.selectors.records import live_records
from compliance.selectors.structure import StructureStatus, part_at, structure_statuses
from products.models import Product
from products.selectors.graph import ROOT, structure_load
from products.selectors.resolution import Resolution


@dataclass(frozen=True)
class ProductCompliance:
    """``revision`` is the label of the revision that the day takes ("" where there is none); ``records`` are its own,
    as they read today; ``structure`` reads as of the day. ``markets`` empty: sold everywhere.
    """

    product_id: uuid.UUID
    product_number: str
    revision: str
    as_of: dt.date
    markets: tuple[str, ...]
    markets_version: int | None
    records: tuple[ComplianceRecord, ...]
    structure: tuple[StructureStatus, ...]


def product_compliance(product: Product, day: dt.date) -> ProductCompliance:
    """Return it in a fixed number of queries, however large the structure."""
    structure = structure_load(product, Resolution.whatever_may_be_built(day))
    top = part_at(structure, ROOT)
    records = (
        live_records()
        .filter(revision_id=top.revision_id)
        .select_related("revision__product", "regulation", "assessor")
        .order_by("regulation__code", "regulation__edition", "id")
    )
    sold = ProductMarkets.objects.filter(product=product).first()
    return ProductCompliance(
        product.pk,
        product.product_number,
        top.label,
        day,
        tuple(sold.markets) if sold else (),
        sold.version if sold else None,
        tuple(records) if top.revision_id else (),
        tuple(structure_statuses(structure)),
    )
