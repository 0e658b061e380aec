"""plm_approved_sources: which manufacturer's part may be bought for a product, and what suppliers ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import ACCEPTED, CURRENCY, DAY, EXACT, ID, TEXT, listing, message, record
from plm_project.core.decimals import plain
from products.events import SOURCES_CHANGED
from products.models import ApprovedSource, Product, SupplierOffer
from products.selectors.sourcing import offer_list, source_list


@dataclass(frozen=True)
class SourceFacts:
    """A product's approved manufacturer list, and the offers that may meet it."""

    product: Product
    sources: tuple[ApprovedSource, ...]
    offers: tuple[SupplierOffer, ...]


def gather(subject: Subject) -> SourceFacts:
    """Read the whole list as it is now."""
    product = Product.all_objects.get(pk=subject.entity_id)
    return SourceFacts(product, tuple(source_list(product)), tuple(offer_list(product)))


def to_payload(facts: SourceFacts) -> dict[str, Any]:
    """Rename our fields to theirs. Disqualified sources are named, too: they must not be bought."""
    return {
        "item_id": str(facts.product.pk),
        "item_number": facts.product.product_number,
        "unit": facts.product.unit_of_measure,
        "sources": [
            {
                "manufacturer": source.manufacturer_part.manufacturer.name,
                "manufacturer_part_number": source.manufacturer_part.mpn,
                "approval": source.status,
                "preferred": source.is_preferred,
                "valid_from": source.valid_from.isoformat() if source.valid_from else None,
                "valid_to": source.valid_to.isoformat() if source.valid_to else None,
            }
            for source in facts.sources
        ],
        "offers": [
            {
                "offer_id": str(offer.pk),
                "supplier": offer.supplier.name,
                "manufacturer_part_number": offer.manufacturer_part.mpn if offer.manufacturer_part else "",
                "supplier_part_number": offer.supplier_part_number,
                "currency": offer.currency,
                "minimum_quantity": plain(offer.minimum_quantity),
                "lead_time_days": offer.lead_time_days,
                "prices": [
                    {"from_quantity": plain(entry.from_quantity), "unit_price": plain(entry.unit_price)}
                    for entry in offer.breaks.all()
                ],
            }
            for offer in facts.offers
        ],
    }


CONTRACT = Contract(
    key="plm_approved_sources",
    version=1,
    neighbour="procurement_purchasing",
    title=gettext_lazy("Approved sources"),
    path="/api/v1/procurement/approved-sources",
    triggers=(SOURCES_CHANGED,),
    schema=message(
        item_id=ID,
        item_number=TEXT,
        unit=TEXT,
        sources=listing(
            record(
                manufacturer=TEXT,
                manufacturer_part_number=TEXT,
                approval=TEXT,
                preferred={"type": "boolean"},
                valid_from=DAY,
                valid_to=DAY,
            )
        ),
        offers=listing(
            record(
                offer_id=ID,
                supplier=TEXT,
                manufacturer_part_number=TEXT,
                supplier_part_number=TEXT,
                currency=CURRENCY,
                minimum_quantity=EXACT,
                lead_time_days={"type": ["integer", "null"], "minimum": 0},
                prices=listing(record(from_quantity=EXACT, unit_price=EXACT)),
            )
        ),
    ),
    answer_schema=ACCEPTED,
    gather=gather,
    map=to_payload,
    mapping=(
        ("product_id", "item_id"),
        ("source.status", "sources.approval"),
        ("source.is_preferred", "sources.preferred"),
        ("manufacturer_part.mpn", "sources.manufacturer_part_number"),
    ),
)
