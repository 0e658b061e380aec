"""Reads the graph below a product out of PostgreSQL with one statement that packs every column into one value.

What costs is moving rows, not finding them: numbers and keys come as bytes, words as JSON, so that 43,000 lines arrive as
eight values. And what is found is found once: each step of the recursion is a whole level, as an array of the products
that no level before had. So each product's revision is looked up once and each line is read once, in one snapshot, where
a step a product looked up whatever stands on several levels again and read all lines a second time.
"""

from __future__ import annotations

import json
import sys
import uuid
from array import array
from collections.abc import Mapping, Sequence
from itertools import chain
from struct import iter_unpack
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

PRODUCT = Product._meta.db_table
BYTES, LETTERS, WORDS = ("bytea", "''"), ("text", "''"), ("text", "E'\\n'")  # type, and what parts the values
# What is packed of the lines of a level: for sums, and beyond that for showing them.
SUMMED = {
    "parent": (BYTES, "int4send((w.begin + n.place - 1)::int)"),
    "child": (BYTES, "uuid_send(l.child_id)"),
    "quantity": (BYTES, f"int8send((l.quantity * {10**QUANTITY_PLACES})::bigint)"),
    "kind": (LETTERS, "left(l.line_type, 1)"),
}
TOLD = {
    "find_number": (BYTES, "int4send(l.find_number)"),
    "key": (BYTES, "uuid_send(l.id)"),
    "unit": (WORDS, "l.unit_of_measure"),
    "designators": (WORDS, "l.reference_designators::text"),
}


def graph_unpacked(
    product_id: uuid.UUID, revision_ids: Sequence[uuid.UUID | None], resolution: Resolution, *, sums_only: bool
) -> tuple[ProductColumns, LineColumns]:
    """Return ``graph_reading.graph_read``."""
    keys = [as_parameter(key) if key else None for key in revision_ids]
    start = Sql("SELECT %s::uuid[], %s::uuid[]", ([as_parameter(product_id)] * len(keys), keys))
    return _read(start, resolution, sums_only=sums_only)


def forest_unpacked(product_ids: Sequence[uuid.UUID], resolution: Resolution) -> tuple[ProductColumns, LineColumns]:
    """Return ``graph_reading.forest_read``."""
    wanted = Sql("id = ANY(%s::uuid[]) AND NOT is_deleted", (list(map(as_parameter, product_ids)),))
    return _read(_each_of(wanted, resolution), resolution, sums_only=False)


def everything_unpacked(resolution: Resolution) -> tuple[ProductColumns, LineColumns]:
    """Return ``graph_reading.everything_read``: one level, below which there is nothing new."""
    return _read(_each_of(Sql("TRUE"), resolution), resolution, sums_only=True, downwards=False)


def _each_of(wanted: Sql, resolution: Resolution) -> Sql:
    taken = revision_of("s.id", resolution)
    return Sql(
        f"SELECT array_agg(f.id), array_agg(f.revision_id) FROM (SELECT s.id, ({taken.text})::uuid AS revision_id "
        f"FROM {PRODUCT} s WHERE s.tenant_id = %s AND {wanted.text} OFFSET 0) f",
        (*taken.params, tenant_parameter(), *wanted.params),
    )


def _read(
    start: Sql, resolution: Resolution, *, sums_only: bool, downwards: bool = True
) -> tuple[ProductColumns, LineColumns]:
    """``start`` gives the first level: an array of products, and one of the revisions taken of them."""
    columns = SUMMED if sums_only else {**SUMMED, **TOLD, "limits": (WORDS, packed_limits("l"))}
    walk, products = _walk(start, resolution, columns, sums_only=sums_only, downwards=downwards), _products()
    lines = ", ".join(f"string_agg(w.{name}, {between})" for name, ((_type, between), _value) in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"{walk.text} SELECT p.*, l.* FROM ({products.text}) p, (SELECT {lines} FROM walk w) l",
            [*walk.params, *products.params],
        )
        row = cursor.fetchone()
    return _product_columns(row), _line_columns(row[13:])


def _walk(start: Sql, resolution: Resolution, columns: Mapping[str, Any], *, sums_only: bool, downwards: bool) -> Sql:
    """Return the recursion: a row a level, with its products and their revisions, and packed the lines of the level above.

    ``begin`` is the place of a level's first product, ``seen`` holds those of all levels before. Products come in order
    of their keys and so nearly as they are stored, which counts where the tables are larger than the cache.
    """
    tenant, holds, read = tenant_parameter(), line_test("l", resolution), lines_of("n.revision_id", resolution)
    taken = revision_of("c.id", resolution)
    counted = " FILTER (WHERE l.line_type <> 'reference')" if sums_only else ""
    packed = ", ".join(
        f"string_agg({value}, {between}){counted} AS {name}" for name, ((_type, between), value) in columns.items()
    )
    # OFFSET 0 keeps the lines a look-up by revision, and the revisions one by product: the planner, which cannot know
    # how much is below, would rather read the whole table for an assembly of five lines.
    text = f"""WITH RECURSIVE walk AS (
            SELECT 0 AS level, 0 AS begin, s.products, s.revisions, ARRAY[]::uuid[] AS seen,
                {", ".join(f"NULL::{kind} AS {name}" for name, ((kind, _between), _value) in columns.items())}
            FROM ({start.text}) s(products, revisions)
            UNION ALL
            SELECT w.level + 1, w.begin + cardinality(w.products), next.products, next.revisions, w.seen || w.products,
                {", ".join(f"below.{name}" for name in columns)}
            FROM walk w CROSS JOIN LATERAL (
                SELECT {packed}, {"array_agg(DISTINCT l.child_id)" if downwards else "NULL::uuid[]"} AS children
                FROM unnest(w.revisions) WITH ORDINALITY n(revision_id, place) CROSS JOIN LATERAL (
                    SELECT l.* FROM {read.text} l WHERE l.parent_revision_id = n.revision_id AND l.tenant_id = %s
                    AND {holds.text} {"" if sums_only else "ORDER BY l.find_number, l.id"} OFFSET 0
                ) l
            ) below CROSS JOIN LATERAL (
                SELECT array_agg(f.id) AS products, array_agg(f.revision_id) AS revisions FROM (
                    SELECT c.id, ({taken.text})::uuid AS revision_id FROM unnest(below.children) c(id)
                    WHERE NOT EXISTS (SELECT FROM unnest(w.seen || w.products) s(id) WHERE s.id = c.id) OFFSET 0
                ) f
            ) next
            WHERE w.products IS NOT NULL
        )"""
    return Sql(text, (*start.params, *read.params, tenant, *holds.params, *taken.params))


def _products() -> Sql:
    """Return the statement that packs the products of all levels, by place."""
    tenant = tenant_parameter()
    text = f"""SELECT string_agg(uuid_send(id), ''), string_agg(coalesce(uuid_send(revision_id), %s), ''),
                string_agg(int8send((current_cost * {10**COST_PLACES})::bigint), ''),
                string_agg(int8send((mass_kg * {10**QUANTITY_PLACES})::bigint), ''),
                json_agg(product_number)::text, json_agg(product_name)::text, json_agg(product_type)::text,
                json_agg(unit_of_measure)::text, json_agg(label)::text, json_agg(state)::text,
                json_agg(effective_from)::text, json_agg(effective_to)::text, json_agg(serials)::text
            FROM (
                SELECT p.id, p.current_cost, p.mass_kg, p.product_number, p.product_name, p.product_type,
                    p.unit_of_measure, r.id AS revision_id, r.label, r.state, r.effective_from, r.effective_to, r.serials
                FROM walk w CROSS JOIN LATERAL unnest(w.products, w.revisions)
                    WITH ORDINALITY n(product_id, revision_id, place)
                JOIN {PRODUCT} p ON p.id = n.product_id AND p.tenant_id = %s
                LEFT JOIN {REVISION} r ON r.id = n.revision_id AND r.tenant_id = %s ORDER BY w.level, n.place
            ) n"""
    return Sql(text, (NO_REVISION, tenant, tenant))


# --- unpacking -----------------------------------------------------------------------------------------------------
def _product_columns(row: Sequence[Any]) -> ProductColumns:
    words = (json.loads(text or "[]") for text in row[4:13])
    return ProductColumns(_keys(row[0]), _keys(row[1]), _numbers("q", row[2]), _numbers("q", row[3]), *words)


def _line_columns(row: Sequence[Any]) -> LineColumns:
    lines = LineColumns(_numbers("i", row[0]), _keys(row[1]), _numbers("q", row[2]), row[3] or "")
    if len(row) > len(SUMMED):
        lines.find_number, lines.key = _numbers("i", row[4]), _keys(row[5])
        lines.unit, lines.designators, lines.limits = _words(row[6]), _words(row[7]), _words(row[8])
    return in_order(lines)


def _keys(packed: bytes | None) -> list[bytes]:
    return list(chain.from_iterable(iter_unpack("16s", packed or b"")))


def _words(packed: str | None) -> list[str]:
    return [] if packed is None else packed.split("\n")


def _numbers(kind: str, packed: bytes | None) -> list[int]:
    values = array(kind, bytes(packed or b""))
    if sys.byteorder == "little":
        values.byteswap()
    return values.tolist()
