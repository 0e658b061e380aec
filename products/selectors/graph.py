"""The structure below a product as a graph of distinct nodes and lines, read with three queries whatever its size.

Every structure question (explosion, flat quantities, roll-up) is answered on this graph, not on its paths: 26 products
can make eight million paths, but only 26 nodes.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from products.choices import FROZEN_STATES, RevisionState
from products.exceptions import StructureCycle
from products.models import Product, ProductRevision
from products.selectors.resolution import (
    LINE,
    REVISION,
    Resolution,
    Sql,
    as_parameter,
    line_test,
    revision_of,
    tenant_parameter,
)

PRODUCT = Product._meta.db_table
SEEDS = 500


@dataclass(frozen=True, slots=True)
class Edge:
    """One BOM line between two products of the graph."""

    line_id: uuid.UUID
    child: uuid.UUID
    quantity: Decimal
    unit_of_measure: str
    find_number: int
    reference_designators: tuple[str, ...]


@dataclass(slots=True)
class Node:
    """One product with the revision that was taken of it, and why. ``label`` is "" where none could be."""

    product_id: uuid.UUID
    number: str
    name: str
    product_type: str
    unit_of_measure: str
    own_cost: Decimal
    own_mass: Decimal
    revision_id: uuid.UUID | None
    label: str
    state: str
    reason: str
    resolved: bool
    edges: list[Edge] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is below it."""
        return not self.edges


@dataclass(slots=True)
class Structure:
    """A resolved structure: ``nodes`` by product, lines in order of find number."""

    root: uuid.UUID
    resolution: Resolution
    nodes: dict[uuid.UUID, Node]

    def __getitem__(self, product_id: uuid.UUID) -> Node:
        return self.nodes[product_id]

    def parents_first(self) -> list[uuid.UUID]:
        """Return the products in an order in which each stands before all it contains.

        Raises StructureCycle with the path when the stored lines make a cycle.
        """
        waiting = dict.fromkeys(self.nodes, 0)
        for node in self.nodes.values():
            for edge in node.edges:
                waiting[edge.child] += 1
        ready = [product_id for product_id, count in waiting.items() if count == 0]
        order: list[uuid.UUID] = []
        while ready:
            product_id = ready.pop()
            order.append(product_id)
            for edge in self.nodes[product_id].edges:
                waiting[edge.child] -= 1
                if waiting[edge.child] == 0:
                    ready.append(edge.child)
        if len(order) != len(self.nodes):
            raise StructureCycle(self._cycle({key for key, count in waiting.items() if count}))
        return order

    def _cycle(self, knot: set[uuid.UUID]) -> list[str]:
        """Return one cycle inside ``knot`` by number. Every member has a parent in the knot, so walking up must meet."""
        parent_of = {
            edge.child: product_id
            for product_id in knot
            for edge in self.nodes[product_id].edges
            if edge.child in knot
        }
        seen: dict[uuid.UUID, int] = {}
        walk: list[uuid.UUID] = []
        at = next(iter(parent_of))
        while at not in seen:
            seen[at] = len(walk)
            walk.append(at)
            at = parent_of[at]
        return [self.nodes[key].number for key in [*walk[seen[at] :], at]][::-1]


def structure_load(product: Product, resolution: Resolution, *, revision: ProductRevision | None = None) -> Structure:
    """Read the structure below ``product``. ``revision`` fixes the root's; all below follow the resolution.

    Raises StructureCycle from the questions asked of the result, not here.
    """
    root_revision = revision or revision_resolve(product, resolution)
    nodes_sql = _nodes_cte(_one_seed(product.pk, root_revision.pk if root_revision else None), resolution)
    structure = Structure(product.pk, resolution, {})
    for node in _read_nodes(nodes_sql, resolution):
        structure.nodes[node.product_id] = node
    if revision is not None:
        structure[product.pk].reason = _("revision asked for")
        structure[product.pk].resolved = True
    for parent, edge in _read_edges(nodes_sql, resolution):
        structure[parent].edges.append(edge)
    return structure


def revision_resolve(product: Product, resolution: Resolution) -> ProductRevision | None:
    """Return the revision that ``resolution`` takes of one product."""
    wanted = revision_of("%s", resolution)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {wanted.text}", [as_parameter(product.pk), *wanted.params])
        row = cursor.fetchone()
    return ProductRevision.objects.get(pk=as_uuid(row[0])) if row and row[0] else None


def revision_named(product: Product, label: str) -> ProductRevision:
    """Return a product's revision by its label; raise NotFound when it has none such."""
    revision = ProductRevision.objects.filter(product=product, label=label).first()
    if revision is None:
        raise NotFound(_("%(number)s has no revision %(label)s.") % {"number": product.product_number, "label": label})
    return revision


def as_uuid(value: Any) -> uuid.UUID:
    """Read a UUID as the database returns it."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(hex=value)


def as_designators(value: Any) -> tuple[str, ...]:
    """Read a JSON list of words."""
    return tuple(json.loads(value) if isinstance(value, str) else value)


def as_decimal(value: Any) -> Decimal:
    """Read a NUMERIC. SQLite returns a double; with at most 15 digits its shortest form is the stored decimal."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def forest_load(product_ids: Sequence[uuid.UUID], resolution: Resolution) -> dict[uuid.UUID, Node]:
    """Read these products and all below them as one graph of distinct nodes, each with its lines: two queries for 500
    products at the top. Products that are not live are left out.
    """
    found: dict[uuid.UUID, Node] = {}
    for start in range(0, len(product_ids), SEEDS):
        nodes_sql = _nodes_cte(_many_seeds(product_ids[start : start + SEEDS], resolution), resolution)
        fresh = {node.product_id: node for node in _read_nodes(nodes_sql, resolution) if node.product_id not in found}
        for parent, edge in _read_edges(nodes_sql, resolution):
            if parent in fresh:
                fresh[parent].edges.append(edge)
        found.update(fresh)
    return found


def _uuid_type() -> str:
    return "uuid" if connection.vendor == "postgresql" else "text"


def _one_seed(product_id: uuid.UUID, revision_id: uuid.UUID | None) -> Sql:
    """Return the root as the first row of the recursion."""
    return Sql(
        f"SELECT CAST(%s AS {_uuid_type()}), CAST(%s AS {_uuid_type()})",
        (as_parameter(product_id), as_parameter(revision_id) if revision_id else None),
    )


def _many_seeds(product_ids: Sequence[uuid.UUID], resolution: Resolution) -> Sql:
    """Return several products, each with the revision that the resolution takes, as the first rows."""
    taken = revision_of("sp.id", resolution)
    marks = ", ".join(["%s"] * len(product_ids))
    return Sql(
        f"SELECT sp.id, {taken.text} FROM {PRODUCT} sp "
        f"WHERE sp.tenant_id = %s AND NOT sp.is_deleted AND sp.id IN ({marks})",
        (*taken.params, tenant_parameter(), *(as_parameter(key) for key in product_ids)),
    )


def _nodes_cte(seed: Sql, resolution: Resolution) -> Sql:
    """Return the recursive part: every distinct (product, revision) from the seed downwards, each visited once."""
    child_revision = revision_of("l.child_id", resolution)
    holds = line_test("l", resolution)
    return Sql(
        f"WITH RECURSIVE node(product_id, revision_id) AS ("
        f"{seed.text} UNION "
        f"SELECT l.child_id, {child_revision.text} FROM node n JOIN {LINE} l "
        f"ON l.parent_revision_id = n.revision_id AND l.tenant_id = %s AND {holds.text}) ",
        (*seed.params, *child_revision.params, tenant_parameter(), *holds.params),
    )


def _read_nodes(nodes: Sql, resolution: Resolution) -> Iterator[Node]:
    sql = (
        f"{nodes.text}SELECT p.id, p.product_number, p.product_name, p.product_type, p.unit_of_measure, p.current_cost, "
        f"p.mass_kg, r.id, r.label, r.state, r.effective_from, r.effective_to FROM node n "
        f"JOIN {PRODUCT} p ON p.id = n.product_id AND p.tenant_id = %s LEFT JOIN {REVISION} r ON r.id = n.revision_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*nodes.params, tenant_parameter()])
        for row in cursor.fetchall():
            reason, resolved = resolution_reason(row[9], as_date(row[10]), as_date(row[11]), resolution)
            yield Node(
                product_id=as_uuid(row[0]),
                number=row[1],
                name=row[2],
                product_type=row[3],
                unit_of_measure=row[4],
                own_cost=as_decimal(row[5]),
                own_mass=as_decimal(row[6]),
                revision_id=as_uuid(row[7]) if row[7] else None,
                label=row[8] or "",
                state=row[9] or "",
                reason=reason,
                resolved=resolved,
            )


def _read_edges(nodes: Sql, resolution: Resolution) -> Iterator[tuple[uuid.UUID, Edge]]:
    holds = line_test("l", resolution)
    sql = (
        f"{nodes.text}SELECT n.product_id, l.id, l.child_id, l.quantity, l.unit_of_measure, l.find_number, "
        f"l.reference_designators FROM node n JOIN {LINE} l ON l.parent_revision_id = n.revision_id "
        f"AND l.tenant_id = %s AND {holds.text} ORDER BY l.find_number, l.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*nodes.params, tenant_parameter(), *holds.params])
        for row in cursor.fetchall():
            yield (
                as_uuid(row[0]),
                Edge(
                    line_id=as_uuid(row[1]),
                    child=as_uuid(row[2]),
                    quantity=as_decimal(row[3]),
                    unit_of_measure=row[4],
                    find_number=row[5],
                    reference_designators=as_designators(row[6]),
                ),
            )


def as_date(value: Any) -> dt.date | None:
    """Read a date as the database returns it."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def resolution_reason(
    state: str | None, since: dt.date | None, until: dt.date | None, resolution: Resolution
) -> tuple[str, bool]:
    """Say why this revision was taken, and whether the mode's own rule chose it (else it is a fallback, or none)."""
    if state is None:
        return _("no revision released and effective on this date"), False
    if not resolution.by_release:
        return _("latest revision"), True
    effective = (
        state in FROZEN_STATES
        and (since is None or since <= resolution.as_of)
        and (until is None or until > resolution.as_of)
    )
    if effective:
        when = {"since": since.isoformat() if since else "…", "until": until.isoformat() if until else "…"}
        return _("released, effective %(since)s to %(until)s") % when, True
    return _("nothing released and effective: latest revision (%(state)s)") % {
        "state": RevisionState(state).label
    }, False
