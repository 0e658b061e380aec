"""Reads the graph below a product out of the database: each distinct product once, each line once, in one statement
on PostgreSQL (``graph_packed.py``) and two on SQLite, which lives in the same process and hands over rows. Both end up
as the same columns.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from products.models import Product
from products.selectors.graph_columns import (
    COST_PLACES,
    NO_REVISION,
    QUANTITY_PLACES,
    LineColumns,
    ProductColumns,
    in_order,
)
from products.selectors.graph_packed import everything_unpacked, forest_unpacked, graph_unpacked
from products.selectors.line_source import lines_of
from products.selectors.resolution import (
    REVISION,
    Resolution,
    Sql,
    as_parameter,
    line_test,
    packed_limits,
    revision_of,
    tenant_parameter,
)
from products.selectors.stored import as_decimal

PRODUCT = Product._meta.db_table


def graph_read(
    product_id: uuid.UUID, revision_ids: Sequence[uuid.UUID | None], resolution: Resolution, *, sums_only: bool
) -> tuple[ProductColumns, LineColumns]:
    """Return what is below ``product_id`` in each of the revisions given, as one graph.

    A root that its own structure meets again in another revision is left out: a cycle leads to the first. O(products +
    lines) in the database and here, however many paths there are.
    """
    if connection.vendor == "postgresql":
        return graph_unpacked(product_id, revision_ids, resolution, sums_only=sums_only)
    root = as_parameter(product_id)
    start = " UNION ALL ".join("SELECT CAST(%s AS text), CAST(%s AS text)" for _ in revision_ids)
    params = (value for key in revision_ids for value in (root, as_parameter(key) if key else None))
    return _read_rows(_recursive(Sql(start, tuple(params)), resolution), resolution, product_id, revision_ids)


def forest_read(product_ids: Sequence[uuid.UUID], resolution: Resolution) -> tuple[ProductColumns, LineColumns]:
    """Return several live products with all that is below them as one graph, each product once."""
    if connection.vendor == "postgresql":
        return forest_unpacked(product_ids, resolution)
    taken = revision_of("sp.id", resolution)
    start = Sql(
        f"SELECT sp.id, {taken.text} FROM {PRODUCT} sp WHERE sp.tenant_id = %s AND NOT sp.is_deleted "
        f"AND sp.id IN ({', '.join(['%s'] * len(product_ids))})",
        (*taken.params, tenant_parameter(), *map(as_parameter, product_ids)),
    )
    return _read_rows(_recursive(start, resolution), resolution)


def everything_read(resolution: Resolution) -> tuple[ProductColumns, LineColumns]:
    """Return all products of the tenant with the lines of the revision that ``resolution`` takes, for sums."""
    if connection.vendor == "postgresql":
        return everything_unpacked(resolution)
    taken = revision_of("p.id", resolution)
    nodes = Sql(
        f"WITH node(product_id, revision_id) AS (SELECT p.id, {taken.text} FROM {PRODUCT} p WHERE p.tenant_id = %s)",
        (*taken.params, tenant_parameter()),
    )
    return _read_rows(nodes, resolution)


def _recursive(start: Sql, resolution: Resolution) -> Sql:
    """Return every distinct (product, revision) from those of ``start`` downwards, these first."""
    holds, lines, taken = (
        line_test("l", resolution),
        lines_of("n.revision_id", resolution),
        revision_of("l.child_id", resolution),
    )
    text = (
        f"WITH RECURSIVE node(product_id, revision_id) AS ({start.text} UNION SELECT l.child_id, {taken.text} FROM node n "
        f"JOIN {lines.text} l ON l.parent_revision_id = n.revision_id AND l.tenant_id = %s AND {holds.text})"
    )
    return Sql(text, (*start.params, *taken.params, *lines.params, tenant_parameter(), *holds.params))


def _read_rows(
    nodes: Sql,
    resolution: Resolution,
    product_id: uuid.UUID | None = None,
    revision_ids: Sequence[uuid.UUID | None] = (),
) -> tuple[ProductColumns, LineColumns]:
    holds, tenant, lines_read = line_test("l", resolution), tenant_parameter(), lines_of("n.revision_id", resolution)
    root = product_id.bytes if product_id else b""
    wanted = [key.bytes if key else NO_REVISION for key in revision_ids]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{nodes.text} SELECT p.id, r.id, p.current_cost, p.mass_kg, p.product_number, p.product_name, "
            f"p.product_type, p.unit_of_measure, r.label, r.state, r.effective_from, r.effective_to, r.serials FROM node n "
            f"JOIN {PRODUCT} p ON p.id = n.product_id AND p.tenant_id = %s LEFT JOIN {REVISION} r ON r.id = n.revision_id",
            [*nodes.params, tenant],
        )
        found = [(_key(row[0]), _key(row[1]), row) for row in cursor.fetchall()]
        found = [entry for entry in found if entry[0] != root or entry[1] in wanted]
        found.sort(key=lambda entry: (entry[0] != root, wanted.index(entry[1]) if entry[0] == root else 0))
        cursor.execute(
            f"{nodes.text} SELECT n.revision_id, l.child_id, l.quantity, substr(l.line_type, 1, 1), l.find_number, l.id, "
            f"l.unit_of_measure, l.reference_designators, {packed_limits('l')} "
            f"FROM node n JOIN {lines_read.text} l ON l.parent_revision_id = n.revision_id AND l.tenant_id = %s "
            f"AND {holds.text}",
            [*nodes.params, *lines_read.params, tenant, *holds.params],
        )
        rows = cursor.fetchall()
    products = ProductColumns(
        [key for key, _revision, _row in found],
        [revision for _key, revision, _row in found],
        [_scaled(row[2], COST_PLACES) for _key, _revision, row in found],
        [_scaled(row[3], QUANTITY_PLACES) for _key, _revision, row in found],
        *_columns((_texts(row[4:]) for _key, _revision, row in found), 9),
    )
    place = {revision: at for at, revision in enumerate(products.revision) if revision != NO_REVISION}
    kept = [(place[parent], row) for row in rows if (parent := _key(row[0])) in place]
    lines = LineColumns(
        *_columns(
            (
                (parent, _key(row[1]), _scaled(row[2], QUANTITY_PLACES), row[3], row[4], _key(row[5]), *row[6:9])
                for parent, row in kept
            ),
            9,
        )
    )
    return products, in_order(lines)


def _key(value: Any) -> bytes:
    return bytes.fromhex(value) if value else NO_REVISION


def _scaled(value: Any, places: int) -> int:
    return int(as_decimal(value).scaleb(places).to_integral_exact())


def _texts(values: Sequence[Any]) -> list[str | None]:
    return [value.isoformat() if isinstance(value, dt.date) else value for value in values]


def _columns(rows: Iterable[Sequence[Any]], count: int) -> list[list[Any]]:
    columns: list[list[Any]] = [[] for _ in range(count)]
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns
