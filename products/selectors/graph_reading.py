"""Reads the graph below a product out of the database: each distinct product once, each line once, in one statement
on PostgreSQL and two on SQLite.

What costs is moving the rows, not finding them. So PostgreSQL packs every column into one value: numbers and keys as
bytes, words as JSON; 43,000 lines arrive as eight values instead of 43,000 rows. SQLite lives in the same process and
hands over rows. Both end up as the same columns.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import uuid
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from products.models import Product
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
COST_PLACES, QUANTITY_PLACES = 4, 6  # decimals of the columns (models/fields.py)
NO_REVISION = bytes(16)
NEW_LINE = "E'\\n'"
# What is packed of a line: for sums, and beyond that for showing it.
SUMMED = f"""string_agg(int4send(n.place::int), ''), string_agg(uuid_send(l.child_id), ''),
                string_agg(int8send((l.quantity * {10**QUANTITY_PLACES})::bigint), ''), string_agg(left(l.line_type, 1), '')"""
TOLD = """, string_agg(int4send(l.find_number), ''), string_agg(uuid_send(l.id), ''),
                string_agg(l.unit_of_measure, E'\\n'), string_agg(l.reference_designators::text, E'\\n')"""


@dataclass(slots=True)
class ProductColumns:
    """The distinct products, the roots first; ``revision`` is ``NO_REVISION`` and ``label`` None where none was found."""

    key: list[bytes]
    revision: list[bytes]
    cost: list[int]
    mass: list[int]
    number: list[str]
    name: list[str]
    product_type: list[str]
    unit: list[str]
    label: list[str | None]
    state: list[str | None]
    since: list[str | None]
    until: list[str | None]
    serials: list[Any]


@dataclass(slots=True)
class LineColumns:
    """The lines by parent (a place in the products' columns), find number and id; ``designators`` is JSON text.

    ``kind`` is the first letter of the line type. ``limits`` is what is out of the ordinary about a line
    (``reasons.limits_of``). Read for sums alone, they have the first four columns, come in any order within a parent,
    and leave out lines for reference.
    """

    parent: list[int]
    child: list[bytes]
    quantity: list[int]
    kind: str | list[str]
    find_number: list[int] = field(default_factory=list)
    key: list[bytes] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    designators: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)


def graph_read(
    product_id: uuid.UUID, revision_ids: Sequence[uuid.UUID | None], resolution: Resolution, *, sums_only: bool
) -> tuple[ProductColumns, LineColumns]:
    """Return what is below ``product_id`` in each of the revisions given, as one graph.

    O(products + lines) in the database and here, however many paths there are.
    """
    if connection.vendor == "postgresql":
        kept = [as_parameter(key) for key in revision_ids if key]
        first = Sql(
            "product_id <> %s OR revision_id = ANY(%s) OR revision_id IS NULL", (as_parameter(product_id), kept)
        )
        return _read_packed(_nodes(product_id, revision_ids, resolution), first, resolution, sums_only)
    return _read_rows(_nodes(product_id, revision_ids, resolution), resolution, product_id, revision_ids)


def forest_read(product_ids: Sequence[uuid.UUID], resolution: Resolution) -> tuple[ProductColumns, LineColumns]:
    """Return several live products with all that is below them as one graph, each product once."""
    taken = revision_of("sp.id", resolution)
    start = Sql(
        f"SELECT sp.id, {taken.text} FROM {PRODUCT} sp WHERE sp.tenant_id = %s AND NOT sp.is_deleted "
        f"AND sp.id IN ({', '.join(['%s'] * len(product_ids))})",
        (*taken.params, tenant_parameter(), *map(as_parameter, product_ids)),
    )
    nodes = _recursive(start, resolution)
    if connection.vendor == "postgresql":
        return _read_packed(nodes, Sql("TRUE"), resolution, sums_only=False)
    return _read_rows(nodes, resolution)


def everything_read(resolution: Resolution) -> tuple[ProductColumns, LineColumns]:
    """Return all products of the tenant with the lines of the revision that ``resolution`` takes, for sums."""
    taken = revision_of("p.id", resolution)
    nodes = Sql(
        f"WITH node(product_id, revision_id) AS (SELECT p.id, {taken.text} FROM {PRODUCT} p WHERE p.tenant_id = %s)",
        (*taken.params, tenant_parameter()),
    )
    if connection.vendor == "postgresql":
        return _read_packed(nodes, Sql("TRUE"), resolution, sums_only=True)
    return _read_rows(nodes, resolution)


# --- what is below, each product once ------------------------------------------------------------------------------
def _nodes(product_id: uuid.UUID, revision_ids: Sequence[uuid.UUID | None], resolution: Resolution) -> Sql:
    """Return the recursive part, the roots' own revisions first."""
    uuid_type = "uuid" if connection.vendor == "postgresql" else "text"
    root = as_parameter(product_id)
    start = " UNION ALL ".join(f"SELECT CAST(%s AS {uuid_type}), CAST(%s AS {uuid_type})" for _ in revision_ids)
    params = (value for key in revision_ids for value in (root, as_parameter(key) if key else None))
    return _recursive(Sql(start, tuple(params)), resolution)


def _recursive(start: Sql, resolution: Resolution) -> Sql:
    """Return every distinct (product, revision) from those of ``start`` downwards, these first."""
    packed = connection.vendor == "postgresql"
    holds, lines = line_test("l", resolution), lines_of("n.revision_id", resolution)
    below = f"FROM node n JOIN {lines.text} l ON l.parent_revision_id = n.revision_id AND l.tenant_id = %s AND {holds.text}"
    below_params = (*lines.params, tenant_parameter(), *holds.params)
    if packed:  # look a revision up once for each product of a level; SQLite takes no subquery here
        taken = revision_of("c.child_id", resolution)
        step = f"SELECT c.child_id, {taken.text} FROM (SELECT DISTINCT l.child_id {below}) c"
    else:
        taken = revision_of("l.child_id", resolution)
        step = f"SELECT l.child_id, {taken.text} {below}"
    text = f"WITH RECURSIVE node(product_id, revision_id) AS ({_grouped(start.text, packed)} UNION {step})"
    return Sql(text, (*start.params, *taken.params, *below_params))


def _grouped(start: str, packed: bool) -> str:
    return f"({start})" if packed else start


# --- PostgreSQL: columns packed into values ------------------------------------------------------------------------
def _read_packed(nodes: Sql, kept: Sql, resolution: Resolution, sums_only: bool) -> tuple[ProductColumns, LineColumns]:
    """``kept`` leaves out a root that its own structure meets again in another revision: a cycle leads to the first."""
    holds, tenant, lines_read = line_test("l", resolution), tenant_parameter(), lines_of("n.revision_id", resolution)
    # OFFSET 0 keeps the lines a look-up by revision: the planner, which cannot know how much is below, would rather
    # read the whole table for an assembly of five lines.
    sql = f"""{nodes.text}, numbered AS MATERIALIZED (
            SELECT product_id, revision_id, row_number() OVER () - 1 AS place FROM node
            WHERE {kept.text}
        )
        SELECT p.*, l.* FROM (
            SELECT string_agg(uuid_send(id), ''), string_agg(coalesce(uuid_send(revision_id), %s), ''),
                string_agg(int8send((current_cost * {10**COST_PLACES})::bigint), ''),
                string_agg(int8send((mass_kg * {10**QUANTITY_PLACES})::bigint), ''),
                json_agg(product_number)::text, json_agg(product_name)::text, json_agg(product_type)::text,
                json_agg(unit_of_measure)::text, json_agg(label)::text, json_agg(state)::text,
                json_agg(effective_from)::text, json_agg(effective_to)::text, json_agg(serials)::text
            FROM (
                SELECT p.id, p.current_cost, p.mass_kg, p.product_number, p.product_name, p.product_type,
                    p.unit_of_measure, r.id AS revision_id, r.label, r.state, r.effective_from, r.effective_to, r.serials
                FROM numbered n JOIN {PRODUCT} p ON p.id = n.product_id AND p.tenant_id = %s
                LEFT JOIN {REVISION} r ON r.id = n.revision_id AND r.tenant_id = %s ORDER BY n.place
            ) n
        ) p, (
            SELECT {SUMMED if sums_only else f"{SUMMED}{TOLD}, string_agg({packed_limits('l')}, {NEW_LINE})"}
            FROM numbered n CROSS JOIN LATERAL (
                SELECT l.* FROM {lines_read.text} l WHERE l.parent_revision_id = n.revision_id AND l.tenant_id = %s
                AND {holds.text} {"AND l.line_type <> 'reference'" if sums_only else "ORDER BY l.find_number, l.id"} OFFSET 0
            ) l
        ) l"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [
            *nodes.params, *kept.params, NO_REVISION, tenant, tenant, *lines_read.params, tenant, *holds.params,
        ])  # fmt: skip
        row = cursor.fetchone()
    products = ProductColumns(
        _keys(row[0]), _keys(row[1]), _numbers("q", row[2]), _numbers("q", row[3]), *map(json.loads, row[4:13])
    )
    lines = LineColumns(
        parent=_numbers("i", row[13]), child=_keys(row[14]), quantity=_numbers("q", row[15]), kind=row[16] or ""
    )
    if not sums_only:
        lines.find_number, lines.key = _numbers("i", row[17]), _keys(row[18])
        lines.unit, lines.designators, lines.limits = _words(row[19]), _words(row[20]), _words(row[21])
    return products, _in_order(lines)


def _keys(packed: bytes | None) -> list[bytes]:
    data = bytes(packed or b"")
    return [data[at : at + 16] for at in range(0, len(data), 16)]


def _words(packed: str | None) -> list[str]:
    return [] if packed is None else packed.split("\n")


def _numbers(kind: str, packed: bytes | None) -> list[int]:
    values = array(kind, bytes(packed or b""))
    if sys.byteorder == "little":
        values.byteswap()
    return values.tolist()


def _in_order(lines: LineColumns) -> LineColumns:
    """Sort by parent, find number and id. They come so as a rule, but SQL promises no order to an aggregate."""
    if not lines.key:
        order = lines.parent
        if all(map(int.__le__, order, order[1:])):
            return lines
        places = sorted(range(len(order)), key=order.__getitem__)
    else:
        order = [(parent << 32) | find for parent, find in zip(lines.parent, lines.find_number, strict=True)]
        if all(map(int.__lt__, order, order[1:])):
            return lines
        places = sorted(range(len(order)), key=lambda at: (order[at], lines.key[at]))
    columns = (getattr(lines, name) for name in LineColumns.__slots__)
    return LineColumns(*([column[at] for at in places] if column else [] for column in columns))


# --- SQLite: rows ----------------------------------------------------------------------------------------------------
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
    return products, _in_order(lines)


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
