"""Everything above a product: which assemblies contain it, directly or through others."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection

from plm_project.core.decimals import exact
from products.exceptions import StructureCycle
from products.models import Product
from products.selectors.resolution import (
    LINE,
    REVISION,
    Resolution,
    as_parameter,
    line_test,
    revision_of,
    tenant_parameter,
)
from products.selectors.stored import as_decimal, as_uuid

PRODUCT = Product._meta.db_table


@dataclass(frozen=True, slots=True)
class WhereUsedLine:
    """One product that contains the asked one. ``level`` 1 is a direct parent; a parent by several ways stands at its
    nearest. ``quantity`` is what one of it contains on the lines of that level, ``total_quantity`` by all ways."""

    level: int
    product_id: uuid.UUID
    product_number: str
    product_name: str
    revision: str
    quantity: Decimal
    total_quantity: Decimal
    is_root: bool


@dataclass(frozen=True)
class WhereUsed:
    """``direct``: parents on level 1; ``ancestors``: all distinct products above; ``roots``: those nothing contains."""

    product_number: str
    direct: int
    ancestors: int
    roots: int
    lines: tuple[WhereUsedLine, ...]


@dataclass(slots=True)
class _Parent:
    number: str
    name: str
    label: str
    below: list[tuple[uuid.UUID, Decimal]] = field(default_factory=list)


def where_used(product: Product, resolution: Resolution, *, depth: int | None = None) -> WhereUsed:
    """Return where ``product`` is used, ``depth`` levels up (None: to the roots). One query.

    A parent counts when the line stands in the revision that the resolution takes of that parent. Raises
    StructureCycle when the stored lines make a cycle.
    """
    parents = _read(product, resolution)
    above: dict[uuid.UUID, list[uuid.UUID]] = {}
    for parent_id, parent in parents.items():
        for child_id, _quantity in parent.below:
            above.setdefault(child_id, []).append(parent_id)
    levels = _levels(product.pk, above)
    totals = _totals(product, parents, above)
    shown = [key for key, level in levels.items() if depth is None or level <= depth]
    lines = tuple(
        WhereUsedLine(
            level=levels[key],
            product_id=key,
            product_number=parents[key].number,
            product_name=parents[key].name,
            revision=parents[key].label,
            quantity=_nearest_quantity(parents[key], levels, levels[key], totals),
            total_quantity=totals[key],
            is_root=key not in above,
        )
        for key in sorted(shown, key=lambda key: (levels[key], parents[key].number))
    )
    return WhereUsed(
        product_number=product.product_number,
        direct=sum(1 for line in lines if line.level == 1),
        ancestors=len(lines),
        roots=sum(1 for line in lines if line.is_root),
        lines=lines,
    )


def _levels(start: uuid.UUID, above: dict[uuid.UUID, list[uuid.UUID]]) -> dict[uuid.UUID, int]:
    """Return the shortest distance of each ancestor."""
    levels: dict[uuid.UUID, int] = {}
    frontier, level = [start], 0
    while frontier:
        level += 1
        frontier = list(dict.fromkeys(up for key in frontier for up in above.get(key, ()) if up not in levels))
        levels.update(dict.fromkeys(frontier, level))
    return levels


def _totals(
    product: Product, parents: dict[uuid.UUID, _Parent], above: dict[uuid.UUID, list[uuid.UUID]]
) -> dict[uuid.UUID, Decimal]:
    """Return how much of the product one of each ancestor contains: children before parents, each line once."""
    waiting = {key: len(parent.below) for key, parent in parents.items()}
    totals = {product.pk: Decimal(1)}
    ready = [product.pk]
    done = 0
    with exact():
        while ready:
            key = ready.pop()
            if key in parents:
                totals[key] = sum((totals[child] * quantity for child, quantity in parents[key].below), Decimal(0))
                done += 1
            for up in above.get(key, ()):
                waiting[up] -= 1
                if waiting[up] == 0:
                    ready.append(up)
    if done != len(parents):
        raise StructureCycle(sorted(parents[key].number for key, count in waiting.items() if count))
    return totals


def _nearest_quantity(
    parent: _Parent, levels: dict[uuid.UUID, int], level: int, totals: dict[uuid.UUID, Decimal]
) -> Decimal:
    """Return the quantity by the nearest way: the direct lines, or what the children one level nearer contain."""
    with exact():
        return sum(
            (quantity * (totals[child] if level > 1 else 1) for child, quantity in parent.below
             if levels.get(child, 0) == level - 1),
            Decimal(0),
        )  # fmt: skip


def _read(product: Product, resolution: Resolution) -> dict[uuid.UUID, _Parent]:
    taken = revision_of("r.product_id", resolution)
    holds = line_test("l", resolution)
    join = (
        f"JOIN {LINE} l ON l.child_id = up.product_id AND l.tenant_id = %s AND {holds.text} "
        f"JOIN {REVISION} r ON r.id = l.parent_revision_id AND r.id = {taken.text}"
    )
    join_params = (tenant_parameter(), *holds.params, *taken.params)
    uuid_type = "uuid" if connection.vendor == "postgresql" else "text"
    sql = (
        f"WITH RECURSIVE up(product_id) AS (SELECT CAST(%s AS {uuid_type}) "
        f"UNION SELECT r.product_id FROM up {join}) "
        f"SELECT p.id, p.product_number, p.product_name, r.label, l.child_id, l.quantity "
        f"FROM up {join} JOIN {PRODUCT} p ON p.id = r.product_id ORDER BY p.product_number, l.find_number, l.id"
    )
    parents: dict[uuid.UUID, _Parent] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [as_parameter(product.pk), *join_params, *join_params])
        for parent_id, number, name, label, child_id, quantity in cursor.fetchall():
            parent = parents.setdefault(as_uuid(parent_id), _Parent(number, name, label))
            parent.below.append((as_uuid(child_id), as_decimal(quantity)))
    if product.pk in parents:
        raise StructureCycle([product.product_number, "…", product.product_number])
    return parents
