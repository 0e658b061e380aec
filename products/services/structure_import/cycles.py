"""Which rows of a file close a cycle, judged together with the lines that are stored and live."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from products.importing.specs import ImportFault, LineSpec
from products.models import BomLine
from products.selectors.cycles import uses_above

Key = uuid.UUID
Graph = dict[Key, set[Key]]


def cycle_faults(planned: Sequence[tuple[BomLine, LineSpec]]) -> list[ImportFault]:
    """Return a fault for every row that closes a cycle, going through the rows in their order.

    Of the stored structure only what stands above the new lines' parents is read, with one query; the search for the
    guilty rows stays inside the knot that holds the cycles.
    """
    pairs = [(line.parent_revision.product_id, line.child_id) for line, _spec in planned]
    stored: Graph = {}
    for parent, child in uses_above({parent for parent, _child in pairs}):
        stored.setdefault(parent, set()).add(child)
    graph = {parent: set(children) for parent, children in stored.items()}
    for parent, child in pairs:
        graph.setdefault(parent, set()).add(child)
    knot = _knot(graph)
    return _blame(planned, pairs, stored, knot) if knot else []


def _knot(graph: Graph) -> set[Key]:
    """Return the products left when all that stand above or below every cycle are peeled off; empty without a cycle."""
    members = set(graph) | {child for children in graph.values() for child in children}
    upwards: Graph = {}
    for parent, children in graph.items():
        for child in children:
            upwards.setdefault(child, set()).add(parent)
    members = _peel(members, graph, upwards)
    return _peel(members, upwards, graph) if members else members


def _peel(members: set[Key], forward: Graph, backward: Graph) -> set[Key]:
    """Take away, again and again, whatever nothing (left) leads to."""
    left = set(members)
    waiting = {key: sum(1 for other in backward.get(key, ()) if other in left) for key in left}
    ready = [key for key, count in waiting.items() if count == 0]
    while ready:
        key = ready.pop()
        left.discard(key)
        for other in forward.get(key, ()):
            if other in left:
                waiting[other] -= 1
                if waiting[other] == 0:
                    ready.append(other)
    return left


def _blame(
    planned: Sequence[tuple[BomLine, LineSpec]], pairs: Sequence[tuple[Key, Key]], stored: Graph, knot: set[Key]
) -> list[ImportFault]:
    graph: Graph = {parent: children & knot for parent, children in stored.items() if parent in knot}
    faults = []
    for (_line, spec), (parent, child) in zip(planned, pairs, strict=True):
        if parent not in knot or child not in knot:
            continue
        if _reaches(graph, child, parent):
            message = _("%(child)s contains %(parent)s already, directly or through others.") % {
                "child": spec.child,
                "parent": spec.parent,
            }
            faults.append(ImportFault(spec.file, spec.row, "child", "cycle", message))
        else:
            graph.setdefault(parent, set()).add(child)
    return faults


def _reaches(graph: Graph, start: Key, goal: Key) -> bool:
    seen, stack = {start}, [start]
    while stack:
        key = stack.pop()
        if key == goal:
            return True
        fresh = graph.get(key, set()) - seen
        seen |= fresh
        stack.extend(fresh)
    return False
