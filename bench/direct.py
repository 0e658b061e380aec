"""The same questions asked of PostgreSQL itself: the fastest statements we found for each, over the same tables.

Which revision is meant is decided once for all products of the tenant (DISTINCT ON) and hash-joined: a look-up per line
of the tree was 1.3 to 2 times slower.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import connection

LINE, REVISION, PRODUCT = "products_bomline", "products_productrevision", "products_product"
HOLDS = (
    "NOT l.is_deleted AND (l.effective_from IS NULL OR l.effective_from <= %(day)s) "
    "AND (l.effective_to IS NULL OR l.effective_to > %(day)s) AND l.tenant_id = %(tenant)s"
)
TAKEN = f"""taken AS MATERIALIZED (
    SELECT DISTINCT ON (r.product_id) r.product_id, r.id, r.label, r.state FROM {REVISION} r
    WHERE r.tenant_id = %(tenant)s AND NOT r.is_deleted
    ORDER BY r.product_id, (r.state NOT IN ('released', 'superseded', 'obsolete')
        OR r.effective_from > %(day)s OR coalesce(r.effective_to <= %(day)s, false)), r.sequence DESC)"""


def _tree(name: str, root: str) -> str:
    """Every path below the revision ``root``, with the totals; numbers and places make the path and the order."""
    told = "l.id, l.child_id, l.quantity, l.unit_of_measure, l.find_number, l.reference_designators, t.label, t.state"
    return f"""{name} AS (
        SELECT {told}, t.id AS revision_id, l.quantity::numeric AS total, 1 AS level, ARRAY[l.find_number] AS place
        FROM {LINE} l JOIN taken t ON t.product_id = l.child_id WHERE l.parent_revision_id = {root} AND {HOLDS}
        UNION ALL
        SELECT {told}, t.id, tree.total * l.quantity, tree.level + 1, tree.place || l.find_number
        FROM {name} tree JOIN {LINE} l ON l.parent_revision_id = tree.revision_id AND {HOLDS}
        JOIN taken t ON t.product_id = l.child_id)"""


ROOT = "(SELECT id FROM taken WHERE product_id = %(product)s)"
TREE = f"WITH RECURSIVE {TAKEN}, {_tree('tree', ROOT)} "
EXPLOSION = f"""{TREE} SELECT tree.level, p.id, p.product_number, p.product_name, p.product_type, tree.label, tree.state,
    tree.quantity, tree.total, tree.unit_of_measure, tree.find_number, tree.reference_designators::text, tree.id
    FROM tree JOIN {PRODUCT} p ON p.id = tree.child_id ORDER BY tree.place"""
FIRST_ROWS = f"{EXPLOSION} LIMIT 100"
FLAT = f"""{TREE} SELECT p.id, p.product_number, p.product_name, p.unit_of_measure, sum(tree.total)
    FROM tree JOIN {PRODUCT} p ON p.id = tree.child_id GROUP BY p.id ORDER BY p.product_number"""
ROLLUP = f"""{TREE} SELECT sum(tree.total * p.current_cost), sum(tree.total * p.mass_kg)
    FROM tree JOIN {PRODUCT} p ON p.id = tree.child_id"""
# Upwards few products are met, so here a look-up each beats choosing for the whole tenant.
_ANY = f"SELECT x.id FROM {REVISION} x WHERE x.product_id = r.product_id AND x.tenant_id = %(tenant)s AND NOT x.is_deleted"
NEAREST = f"""coalesce(({_ANY} AND x.state IN ('released', 'superseded', 'obsolete')
    AND (x.effective_from IS NULL OR x.effective_from <= %(day)s)
    AND (x.effective_to IS NULL OR x.effective_to > %(day)s) ORDER BY x.sequence DESC LIMIT 1),
    ({_ANY} ORDER BY x.sequence DESC LIMIT 1))"""
WHERE_USED = f"""WITH RECURSIVE up(product_id) AS (SELECT %(product)s::uuid UNION
    SELECT r.product_id FROM up JOIN {LINE} l ON l.child_id = up.product_id AND {HOLDS}
    JOIN {REVISION} r ON r.id = l.parent_revision_id AND r.id = {NEAREST})
    SELECT p.id, p.product_number, p.product_name FROM up JOIN {PRODUCT} p ON p.id = up.product_id"""
CYCLE = f"""WITH RECURSIVE up(product_id) AS (SELECT %(product)s::uuid UNION
    SELECT r.product_id FROM up JOIN {LINE} l ON l.child_id = up.product_id AND NOT l.is_deleted
    JOIN {REVISION} r ON r.id = l.parent_revision_id AND r.state <> 'superseded')
    SELECT 1 FROM up WHERE product_id = %(child)s LIMIT 1"""
COMPARE = f"""WITH RECURSIVE {TAKEN}, {_tree("old", "%(before)s")}, {_tree("new", "%(after)s")}
    SELECT old.place, old.child_id, old.quantity, new.place, new.child_id, new.quantity
    FROM old FULL JOIN new ON new.place = old.place AND new.child_id = old.child_id
    WHERE old.id IS NULL OR new.id IS NULL OR old.quantity <> new.quantity"""


def ask(sql: str, tenant: uuid.UUID, day: dt.date, **parameters: Any) -> int:
    """Ask and read every row; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tenant": tenant, "day": day, **parameters})
        return sum(1 for _row in cursor.fetchall())
