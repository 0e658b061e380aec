"""Everything above a product: which assemblies contain it, directly or through others."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

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
    nearest. ``quantity`` is what one of it contains on the lines of that level, ``total_quantity`` by all ways; lines
    for reference contain nothing."""

    level: int
    product_id: uuid.UUID
    product_number: str
    product_name: str
    revision: str
    quantity: Decimal
    total_quantity: Decimal
    is_root: bool


@dataclass(frozen=True, slots=True)
class WhereUsedEdge:
    """One product directly in another: ``quantity`` is what one of the parent has of it on all its lines together."""

    child_id: uuid.UUID
    child_number: str
    parent_id: uuid.UUID
    parent_number: str
    quantity: Decimal


@dataclass(frozen=True)
class WhereUsed:
    """``direct``: parents on level 1; ``ancestors``: all distinct products above; ``roots``: those nothing contains."""

    product_number: str
    direct: int
    ancestors: int
    roots: int
    lines: tuple[WhereUsedLine, ...]
    _parents: tuple[_Parent, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def edges(self) -> tuple[WhereUsedEdge, ...]:
        """What is directly in what, among the products shown and the one asked about; by parent, then by child.

        Made when asked for, of what was read anyway.
        """
        shown = {line.product_id for line in self.lines} | {parent.product_id for parent in self._parents[:1]}
        found: dict[tuple[str, str], WhereUsedEdge] = {}
        for parent in self._parents[1:]:
            if parent.product_id not in shown:
                continue
            for at, quantity in parent.below:
                child = self._parents[at]
                if child.product_id in shown:
                    key = (parent.number, child.number)
                    before = found[key].quantity if key in found else Decimal(0)
                    found[key] = WhereUsedEdge(
                        child.product_id, child.number, parent.product_id, parent.number, before + quantity
                    )
        return tuple(found[key] for key in sorted(found))


@dataclass(slots=True)
class _Parent:
    """An ancestor; ``below`` are its children on the way down with the quantities. The asked product itself is one too."""

    product_id: uuid.UUID
    number: str = ""
    name: str = ""
    label: str = ""
    below: list[tuple[int, Decimal]] = field(default_factory=list)
    above: list[int] = field(default_factory=list)
    level: int = 0
    total: Decimal = Decimal(1)
    nearest: Decimal = Decimal(0)


def where_used(product: Product, resolution: Resolution, *, depth: int | None = None) -> WhereUsed:
    """Return where ``product`` is used, ``depth`` levels up (None: to the roots). One query, O(lines above).

    A parent counts when the line stands in the revision that the resolution takes of that parent. Raises
    StructureCycle when the stored lines make a cycle.
    """
    parents = _read(product, resolution)
    _set_levels(parents)
    _set_totals(parents)
    shown = [parent for parent in parents[1:] if depth is None or parent.level <= depth]
    lines = tuple(
        WhereUsedLine(
            level=parent.level,
            product_id=parent.product_id,
            product_number=parent.number,
            product_name=parent.name,
            revision=parent.label,
            quantity=parent.nearest,
            total_quantity=parent.total,
            is_root=not parent.above,
        )
        for parent in sorted(shown, key=lambda parent: (parent.level, parent.number))
    )
    return WhereUsed(
        product_number=product.product_number,
        direct=sum(1 for line in lines if line.level == 1),
        ancestors=len(lines),
        roots=sum(1 for line in lines if line.is_root),
        lines=lines,
        _parents=tuple(parents),
    )


def _set_levels(parents: list[_Parent]) -> None:
    """Set the shortest distance of each ancestor."""
    frontier, level, seen = [0], 0, {0}
    while frontier:
        level += 1
        frontier = [up for up in dict.fromkeys(up for at in frontier for up in parents[at].above) if up not in seen]
        seen.update(frontier)
        for up in frontier:
            parents[up].level = level


def _set_totals(parents: list[_Parent]) -> None:
    """Set how much of the product one of each ancestor contains: by all ways, and by the lines of its own level.

    Children before parents, each line once. Raises StructureCycle where no such order exists.
    """
    waiting = [len(parent.below) for parent in parents]
    ready, done = [0], 0
    with exact():
        while ready:
            at = ready.pop()
            done += 1
            parent = parents[at]
            if at:
                total = nearest = Decimal(0)
                level = parent.level - 1
                for below, quantity in parent.below:
                    amount = parents[below].total * quantity
                    total += amount
                    if parents[below].level == level:
                        nearest += amount
                parent.total, parent.nearest = total, nearest
            for up in parent.above:
                waiting[up] -= 1
                if not waiting[up]:
                    ready.append(up)
    if done != len(parents):
        raise StructureCycle(sorted(parents[at].number for at, count in enumerate(waiting) if count))


def _read(product: Product, resolution: Resolution) -> list[_Parent]:
    """Read every line on a way up from ``product``; the product itself comes first."""
    taken = revision_of("r.product_id", resolution)
    holds = line_test("l", resolution)
    lines = (
        f"JOIN {REVISION} r ON r.id = l.parent_revision_id AND r.tenant_id = %s AND r.id = {taken.text} "
        f"WHERE l.tenant_id = %s AND {holds.text}"
    )
    counted = "CASE WHEN l.line_type = 'reference' THEN 0 ELSE l.quantity END"
    columns = f"l.id, l.child_id, {counted}, l.find_number, r.product_id, r.label"
    params = (tenant_parameter(), *taken.params, tenant_parameter(), *holds.params)
    # A product is climbed from once a level; SQLite takes no subquery here and climbs once a line.
    up = "(SELECT DISTINCT product_id FROM up) up" if connection.vendor == "postgresql" else "up"
    sql = (
        f"WITH RECURSIVE up(line_id, child_id, quantity, find_number, product_id, label) AS ("
        f"SELECT {columns} FROM {LINE} l {lines} AND l.child_id = %s UNION "
        f"SELECT {columns} FROM {up} JOIN {LINE} l ON l.child_id = up.product_id {lines}) "
        f"SELECT p.id, p.product_number, p.product_name, up.label, up.child_id, up.quantity "
        f"FROM up JOIN {PRODUCT} p ON p.id = up.product_id AND p.tenant_id = %s "
        f"ORDER BY p.product_number, up.find_number, up.line_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, as_parameter(product.pk), *params, tenant_parameter()])
        rows = cursor.fetchall()
    asked = as_parameter(product.pk)
    places: dict[Any, int] = {asked: 0}
    parents = [_Parent(product.pk, product.product_number, product.product_name)]
    for key, number, name, label, _child, _quantity in rows:
        if key not in places:
            places[key] = len(parents)
            parents.append(_Parent(as_uuid(key), number, name, label))
    if any(row[0] == asked for row in rows):
        raise StructureCycle([product.product_number, "…", product.product_number])
    for key, _number, _name, _label, child, quantity in rows:
        at, below = places[key], places[child]
        parents[at].below.append((below, as_decimal(quantity)))
        parents[below].above.append(at)
    return parents
