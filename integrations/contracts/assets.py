"""plm_asset_revision: which revision of a product is released, and what is in it, for the assets built from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import ACCEPTED, DAY, EXACT, ID, MAYBE_TEXT, TEXT, listing, message, record
from plm_project.core.decimals import plain
from products.events import PRODUCT_UPDATED
from products.models import BomLine, ProductRevision
from products.selectors.records import released_revision


@dataclass(frozen=True)
class RevisionFacts:
    """The released revision with its lines and, where there was one, the label of the revision that it replaces."""

    revision: ProductRevision
    replaces: str | None
    lines: tuple[BomLine, ...]


def wants(subject: Subject) -> bool:
    """A product that was changed in another way is no news to assets."""
    return "released_revision_id" in subject.data


def gather(subject: Subject) -> RevisionFacts:
    """Read what is released now."""
    revision, before, lines = released_revision(subject.entity_id)
    return RevisionFacts(revision, before, tuple(lines))


def to_payload(facts: RevisionFacts) -> dict[str, Any]:
    """Rename our fields to theirs."""
    revision, product = facts.revision, facts.revision.product
    return {
        "model_id": str(product.pk),
        "model_number": product.product_number,
        "model_name": product.product_name,
        "revision": revision.label,
        "replaces_revision": facts.replaces,
        "applies_from": revision.effective_from.isoformat() if revision.effective_from else None,
        "applies_to": revision.effective_to.isoformat() if revision.effective_to else None,
        "parts": [
            {
                "position": line.find_number,
                "part_id": str(line.child_id),
                "part_number": line.child.product_number,
                "quantity": plain(line.quantity),
                "unit": line.unit_of_measure,
                "serials": line.serials,
            }
            for line in facts.lines
        ],
    }


CONTRACT = Contract(
    key="plm_asset_revision",
    version=1,
    neighbour="enterprise_asset_management",
    title=gettext_lazy("Released revision"),
    path="/api/v1/assets/models",
    triggers=(PRODUCT_UPDATED,),
    wants=wants,
    schema=message(
        model_id=ID,
        model_number=TEXT,
        model_name=TEXT,
        revision=TEXT,
        replaces_revision=MAYBE_TEXT,
        applies_from=DAY,
        applies_to=DAY,
        parts=listing(
            record(
                position={"type": "integer"},
                part_id=ID,
                part_number=TEXT,
                quantity=EXACT,
                unit=TEXT,
                serials={"type": ["array", "null"], "description": "Serial numbers of end items; null: all."},
            )
        ),
    ),
    answer_schema=ACCEPTED,
    gather=gather,
    map=to_payload,
    mapping=(
        ("product_id", "model_id"),
        ("product_number", "model_number"),
        ("product_name", "model_name"),
        ("revision.effective_from", "applies_from"),
        ("revision.effective_to", "applies_to"),
        ("line.find_number", "parts.position"),
        ("line.child", "parts.part_number"),
    ),
)
