"""plm_as_built: what one unit, by its serial number, was built from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import ACCEPTED, EXACT, ID, TEXT, listing, message, record
from plm_project.core.decimals import plain
from products.models import Product
from products.selectors.explosion import explosion_flat
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution


@dataclass(frozen=True)
class UnitFacts:
    """The unit, and the total of each part in it: (product number, quantity, unit)."""

    product: Product
    serial: int
    built_on: dt.date
    parts: tuple[tuple[str, Decimal, str], ...]


def gather(subject: Subject) -> UnitFacts:
    """Resolve the structure for the serial number on the day it was built."""
    product = Product.all_objects.get(pk=subject.entity_id)
    serial, built_on = int(subject.data["serial"]), dt.date.fromisoformat(subject.data["built_on"])
    structure = structure_load(product, Resolution.of(as_of=built_on, serial=serial, end_item=product.pk))
    flat = explosion_flat(structure)
    parts = tuple((line.product_number, line.total_quantity, line.unit_of_measure) for line in flat)
    return UnitFacts(product, serial, built_on, parts)


def to_payload(facts: UnitFacts) -> dict[str, Any]:
    """Rename our fields to theirs."""
    return {
        "model_id": str(facts.product.pk),
        "model_number": facts.product.product_number,
        "serial_number": facts.serial,
        "built_on": facts.built_on.isoformat(),
        "parts": [
            {"part_number": number, "quantity": plain(quantity), "unit": unit}
            for number, quantity, unit in facts.parts
        ],
    }


CONTRACT = Contract(
    key="plm_as_built",
    version=1,
    neighbour="enterprise_asset_management",
    title=gettext_lazy("Unit as built"),
    path="/api/v1/assets/units",
    triggers=(),
    tells_events=True,
    schema=message(
        model_id=ID,
        model_number=TEXT,
        serial_number={"type": "integer", "minimum": 1},
        built_on={"type": "string", "format": "date"},
        parts=listing(record(part_number=TEXT, quantity=EXACT, unit=TEXT)),
    ),
    answer_schema=ACCEPTED,
    gather=gather,
    map=to_payload,
    mapping=(("product_number", "model_number"), ("serial", "serial_number"), ("total_quantity", "parts.quantity")),
)
