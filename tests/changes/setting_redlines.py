"""Drawing redlines of effectivity, attributes and substitutes, and what came of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from changes.models import EngineeringChange, Redline
from changes.services import (
    change_implement,
    change_problems,
    redline_add,
)
from products.models import BomLine, Product, ProductRevision
from tests.changes.conftest import People, approved, fresh
from tests.factories import make_product

MAY, JUNE = dt.date(2027, 5, 1), dt.date(2027, 6, 1)
ATTRIBUTES: dict[str, Any] = {
    "condition": "Colour:RED  and gps:yes",
    "line_type": "consumable",
    "is_optional": True,
    "attrition_percent": "2.5",
    "setup_quantity": Decimal(3),
    "rounding_multiple": "10",
    "notes": "left side",
    "custom_attributes": {"torque": 4},
}


def draw(people: People, change: EngineeringChange, operation: str, line: Any = None, **values: Any) -> Redline:
    affected = change.affected.first().pk if operation == "add" else None
    return redline_add(
        actor=people.author,
        change_id=change.pk,
        operation=operation,
        line_id=line.pk if line else None,
        affected_id=affected,
        values=values,
    )


def faults(change: EngineeringChange) -> dict[str, str]:
    return {problem.name: problem.message for problem in change_problems(fresh(change))}


def carried_out(people: People, change: EngineeringChange) -> ProductRevision:
    approved(people, fresh(change))
    change_implement(actor=people.analyst, change_id=change.pk)
    revision = change.affected.first().resulting_revision
    assert revision is not None
    return revision


def substitutes_on(line: BomLine) -> list[tuple[str, int, Decimal, str, str]]:
    rows = line.substitutes.select_related("product").order_by("rank", "product__product_number")
    return [(row.product.product_number, row.rank, row.quantity, row.unit_of_measure, row.note) for row in rows]


def bike(first: int, last: int | None = None) -> tuple[Product, list[dict[str, Any]]]:
    item = make_product(f"BIKE-{first}")
    return item, [{"end_item": str(item.pk), "first": first, "last": last}]
