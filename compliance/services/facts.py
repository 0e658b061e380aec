"""What events about a record carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compliance import events
from compliance.models import ComplianceRecord
from plm_project.core.actor import Actor
from plm_project.outbox.events import publish_many
from products.models import Product
from products.services.products import product_facts

Happening = tuple[ComplianceRecord, str]  # the record as it is now, and the status before


def status_facts(record: ComplianceRecord, before: str, actor: Actor) -> dict[str, Any]:
    """Return the event's data: the product's facts, and what changed of which revision under which regulation."""
    product, regulation = record.revision.product, record.regulation
    return {
        **product_facts(product),
        "record_id": record.pk,
        "regulation_id": regulation.pk,
        "regulation": regulation.code,
        "regulation_edition": regulation.edition,
        "is_binding": regulation.is_binding,
        "revision_id": record.revision_id,
        "revision": record.revision.label,
        "from": before,
        "to": record.status,
        "assessor_id": record.assessor_id,
        "assessor": actor.label,
        "reason": record.reason,
        "valid_until": record.valid_until,
    }


def statuses_publish(actor: Actor, happenings: Sequence[Happening]) -> None:
    """Publish compliance_status_changed for each; the caller has locked the products. As many statements as one
    product has happenings at most.
    """
    rounds: list[dict[Any, tuple[Product, dict[str, Any]]]] = []
    counted: dict[Any, int] = {}
    for record, before in happenings:
        product = record.revision.product
        place = counted.get(product.pk, 0)
        counted[product.pk] = place + 1
        if place == len(rounds):
            rounds.append({})
        rounds[place][product.pk] = (product, status_facts(record, before, actor))
    for entry in rounds:
        publish_many(actor, events.COMPLIANCE_STATUS_CHANGED, list(entry.values()))
