"""The beginning of an indented explosion, read without reading the rest.

Of the first N rows of a tree in order, those on one level are the first N at most of that level's rows below the level
before. So each level is cut to N rows before the next is opened: O(N × levels), whatever lies below. How many rows there
are in all is not known then; ``explosion.py`` counts them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection

from plm_project.core.decimals import EXACT
from products.choices import LineType
from products.exceptions import StructureCycle
from products.models import Product, ProductRevision
from products.selectors.explosion import Explosion, IndentedLine
from products.selectors.graph import revision_resolve, structure_load
from products.selectors.reasons import limits_of, line_reason, revision_reason
from products.selectors.resolution import (
    LINE,
    REVISION,
    Resolution,
    Sql,
    as_parameter,
    line_test,
    packed_limits,
    revision_of,
    tenant_parameter,
)
from products.selectors.stored import as_date, as_designators

PRODUCT = Product._meta.db_table


def explosion_first(
    product: Product, resolution: Resolution, *, rows: int, revision: ProductRevision | None = None
) -> list[IndentedLine]:
    """Return the first ``rows`` lines of the indented explosion, in its order and equal to it line by line.

    Two queries on PostgreSQL; on SQLite, which cannot cut a level short, the structure is read whole. Raises
    StructureCycle with the path when these rows run into one.
    """
    if connection.vendor != "postgresql":
        return Explosion(structure_load(product, resolution, revision=revision))[:rows]
    root = revision or revision_resolve(product, resolution)
    if root is None or rows <= 0:
        return []
    sql = _first_rows(product.pk, root.pk, resolution, rows)
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return list(_lines(product, cursor.fetchall(), resolution))


def _first_rows(product_id: uuid.UUID, revision_id: uuid.UUID, resolution: Resolution, rows: int) -> Sql:
    taken, holds, below = revision_of("s.child_id", resolution), line_test("l", resolution), line_test("b", resolution)
    tenant = tenant_parameter()
    columns = (
        "l.id, l.child_id, l.quantity, l.unit_of_measure, l.find_number, l.reference_designators, "
        "l.line_type, l.is_optional, l.condition, l.effective_from, l.effective_to, l.serials"
    )
    spot = "lpad(l.find_number::text, 10, '0') || l.id::text"
    # A row whose product stands on its own path is shown no further: that is a cycle, which the reader reports.
    text = f"""WITH RECURSIVE tree AS (
        SELECT s.*, {taken.text} AS revision_id FROM (
            SELECT {columns}, 1 AS level, ARRAY[{spot}] AS place, ARRAY[%s::uuid] AS above FROM {LINE} l
            WHERE l.parent_revision_id = %s AND l.tenant_id = %s AND {holds.text}
            ORDER BY l.find_number, l.id LIMIT %s
        ) s
        UNION ALL
        SELECT s.*, {taken.text} FROM (
            SELECT {columns}, t.level + 1, t.place || ({spot}) AS place, t.above || t.child_id FROM tree t
            JOIN {LINE} l ON l.parent_revision_id = t.revision_id AND l.tenant_id = %s AND {holds.text}
            WHERE t.child_id <> ALL(t.above) ORDER BY place LIMIT %s
        ) s
    )
    SELECT t.level, t.id, p.id, p.product_number, p.product_name, p.product_type, r.label, t.quantity,
        t.unit_of_measure, t.find_number, t.reference_designators::text, r.state, r.effective_from, r.effective_to,
        NOT EXISTS (SELECT 1 FROM {LINE} b WHERE b.parent_revision_id = t.revision_id AND b.tenant_id = %s
            AND {below.text}), t.child_id = ANY(t.above), r.serials,
        {packed_limits("t")}
    FROM (SELECT * FROM tree ORDER BY place LIMIT %s) t JOIN {PRODUCT} p ON p.id = t.child_id AND p.tenant_id = %s
    LEFT JOIN {REVISION} r ON r.id = t.revision_id AND r.tenant_id = %s ORDER BY t.place"""
    start = (*taken.params, as_parameter(product_id), as_parameter(revision_id), tenant, *holds.params, rows)
    step = (*taken.params, tenant, *holds.params, rows)
    return Sql(text, (*start, *step, tenant, *below.params, rows, tenant, tenant))


def _lines(product: Product, rows: Iterable[tuple[Any, ...]], resolution: Resolution) -> Iterable[IndentedLine]:
    """Turn rows in tree order into lines: path and total come from the line above each."""
    path, totals = [product.product_number], [Decimal(1)]
    for (
        level,
        key,
        child,
        number,
        name,
        kind,
        label,
        quantity,
        unit,
        find,
        marks,
        state,
        since,
        until,
        leaf,
        ring,
        serials,
        packed,
    ) in rows:
        del path[level:], totals[level:]
        path.append(number)
        if ring:
            raise StructureCycle(path[path.index(number) :])
        limits = limits_of(packed)
        counted = Decimal(0) if limits.line_type == LineType.REFERENCE else quantity
        totals.append(EXACT.multiply(totals[-1], counted))
        yield IndentedLine(
            level=level,
            path=tuple(path),
            total_quantity=totals[-1],
            line_key=key.bytes,
            product_key=child.bytes,
            product_number=number,
            product_name=name,
            product_type=kind,
            revision=label or "",
            quantity=quantity,
            unit_of_measure=unit,
            find_number=find,
            reference_designators=as_designators(marks),
            is_leaf=leaf,
            reason=revision_reason(state, as_date(since), as_date(until), serials, resolution),
            line_reason=line_reason(limits, resolution),
            limits=limits,
        )
