"""Would a line close a cycle? Asked over every live revision and every effectivity: no date makes a cycle right.

A substitute counts as the part of its line does: what may be built in must not contain what it is built into.
"""

from __future__ import annotations

import json
import uuid
from collections import deque
from collections.abc import Iterable, Sequence

from django.db import connection

from plm_project.tenancy.references import CHUNK
from products.choices import CYCLE_STATES
from products.models import LineSubstitute, Product
from products.selectors.resolution import LINE, REVISION, Sql, as_parameter, tenant_parameter
from products.selectors.stored import as_uuid

SUBSTITUTE = LineSubstitute._meta.db_table
_COUNTING = ", ".join(f"'{state.value}'" for state in sorted(CYCLE_STATES))
_AS_PART = f"JOIN {LINE} l ON l.child_id = up.product_id AND l.tenant_id = %s AND NOT l.is_deleted "
_AS_SUBSTITUTE = (
    f"JOIN {SUBSTITUTE} s ON s.product_id = up.product_id AND s.tenant_id = %s AND NOT s.is_deleted "
    f"JOIN {LINE} l ON l.id = s.line_id AND NOT l.is_deleted "
)
# PostgreSQL takes one recursive step, SQLite has no LATERAL.
_EITHER = (
    f"CROSS JOIN LATERAL (SELECT l.parent_revision_id FROM {LINE} l "
    f"WHERE l.child_id = up.product_id AND l.tenant_id = %s AND NOT l.is_deleted "
    f"UNION ALL SELECT l.parent_revision_id FROM {SUBSTITUTE} s JOIN {LINE} l ON l.id = s.line_id "
    f"WHERE s.product_id = up.product_id AND s.tenant_id = %s AND NOT s.is_deleted AND NOT l.is_deleted) l "
)
_REVISION = (
    f"JOIN {REVISION} r ON r.id = l.parent_revision_id AND r.tenant_id = %s AND NOT r.is_deleted "
    f"AND r.state IN ({_COUNTING})"
)


def cycle_path(parent_id: uuid.UUID, *child_ids: uuid.UUID) -> list[str]:
    """Return the numbers from parent over child back to parent if the line would close a cycle, else an empty list.

    Of several children the first that closes one counts. Climbs from the parent, once for all children: an assembly
    has few ancestors, while what is below a child may be thousands. The path costs a second climb, taken only when
    there is one to show.
    """
    if parent_id in child_ids:
        number = Product.all_objects.get(pk=parent_id).product_number
        return [number, number]
    if len(child_ids) <= CHUNK and not _stands_above(parent_id, child_ids):
        return []
    below = _climb(parent_id)
    child_id = next((key for key in child_ids if key in below), None)
    if child_id is None:
        return []
    walk = [child_id]
    while walk[-1] != parent_id:
        walk.append(below[walk[-1]])
    numbers = dict(Product.all_objects.filter(pk__in=walk).values_list("pk", "product_number"))
    return [numbers[parent_id], *(numbers[key] for key in walk)]


def uses_above(start: Iterable[uuid.UUID]) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return (parent, child) for every live line or substitute on a way up from ``start``, each pair once. One query,
    O(lines above).

    Whatever closes a cycle with new lines stands above one of their parents, so this is all an import has to look at.
    """
    up, step = _ancestors(start), _step("DISTINCT r.product_id, up.product_id")
    with connection.cursor() as cursor:
        cursor.execute(f"{up.text}{step.text}", [*up.params, *step.params])
        return [(as_uuid(parent), as_uuid(child)) for parent, child in cursor.fetchall()]


def _ancestors(start: Iterable[uuid.UUID]) -> Sql:
    """Return the recursive part: ``up`` holds ``start`` and all that contains it, each once. O(lines above)."""
    keys: list[uuid.UUID] | str
    if connection.vendor == "postgresql":
        first, keys = "SELECT unnest(%s::uuid[])", list(start)
    else:
        first, keys = "SELECT value FROM json_each(%s)", json.dumps([key.hex for key in start])
    step = _step("r.product_id")
    return Sql(f"WITH RECURSIVE up(product_id) AS ({first} UNION {step.text}) ", (keys, *step.params))


def _step(columns: str) -> Sql:
    """Return one level up as a query over ``up``: by the lines a product stands on, and those it is a substitute on."""
    tenant = tenant_parameter()
    if connection.vendor == "postgresql":
        return Sql(f"SELECT {columns} FROM up {_EITHER}{_REVISION}", (tenant, tenant, tenant))
    ways = (f"SELECT {columns} FROM up {way}{_REVISION}" for way in (_AS_PART, _AS_SUBSTITUTE))
    return Sql(" UNION ".join(ways), (tenant, tenant) * 2)


def _stands_above(start: uuid.UUID, wanted: Sequence[uuid.UUID]) -> bool:
    """Return whether one of ``wanted`` contains ``start``. The climb stops at the first it meets."""
    up = _ancestors([start])
    places = ", ".join(["%s"] * len(wanted))
    sql, parameters = f"{up.text}SELECT 1 FROM up WHERE product_id IN ({places}) LIMIT 1", map(as_parameter, wanted)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*up.params, *parameters])
        return cursor.fetchone() is not None


def _climb(start: uuid.UUID) -> dict[uuid.UUID, uuid.UUID]:
    """Return for each ancestor one child on the way down to ``start``. One query."""
    parents: dict[uuid.UUID, list[uuid.UUID]] = {}
    for parent, child in uses_above([start]):
        parents.setdefault(child, []).append(parent)
    below: dict[uuid.UUID, uuid.UUID] = {}
    frontier = deque([start])
    while frontier:
        key = frontier.popleft()
        for parent in parents.get(key, ()):
            if parent != start and parent not in below:
                below[parent] = key
                frontier.append(parent)
    return below


def first_cycle(edges: Iterable[tuple[str, str]]) -> list[str]:
    """Return one cycle among parent → child pairs as keys (not empty), first = last; empty when there is none.

    For imports, which check a whole set of new lines together with the stored ones.
    """
    children: dict[str, list[str]] = {}
    for parent, child in edges:
        children.setdefault(parent, []).append(child)
    finished: set[str] = set()
    for start in children:
        if start in finished:
            continue
        on_path: dict[str, int] = {start: 0}
        path = [start]
        stack = [iter(children[start])]
        while stack:
            child = next(stack[-1], "")
            if not child:
                stack.pop()
                gone = path.pop()
                del on_path[gone]
                finished.add(gone)
            elif child in on_path:
                return [*path[on_path[child] :], child]
            elif child not in finished and child in children:
                on_path[child] = len(path)
                path.append(child)
                stack.append(iter(children[child]))
    return []
