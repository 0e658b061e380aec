"""Two revisions of one product side by side."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from plm_project.core.exceptions import ValidationFailed
from products.models import ProductRevision
from products.selectors.graph import Edge, Structure, structure_load
from products.selectors.resolution import Resolution

LEVELS = ("all", "1")
COMPARED = ("find_number", "quantity", "unit_of_measure", "reference_designators")


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line that only one of the two has. ``parent_number`` is the product it stands in."""

    parent_number: str
    find_number: int
    product_number: str
    quantity: Decimal
    unit_of_measure: str
    reference_designators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One value that differs on a line both have; ``find_number`` and ``product_number`` are those of the first."""

    parent_number: str
    find_number: int
    product_number: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Comparison:
    """What the second revision has beyond the first, lacks, and has otherwise."""

    added: tuple[ComparedLine, ...]
    removed: tuple[ComparedLine, ...]
    changed: tuple[ComparedField, ...]

    @property
    def is_equal(self) -> bool:
        """Whether there is no difference."""
        return not (self.added or self.removed or self.changed)

    def as_answer(self) -> dict[str, list[dict[str, Any]]]:
        """Return the lists as commands and the API answer them: ``changed`` rows have ``from`` and ``to``."""
        return {
            "added": [_line_answer(line) for line in self.added],
            "removed": [_line_answer(line) for line in self.removed],
            "changed": [
                {
                    "parent_number": row.parent_number,
                    "find_number": row.find_number,
                    "product_number": row.product_number,
                    "field": row.field,
                    "from": _wire(row.before),
                    "to": _wire(row.after),
                }
                for row in self.changed
            ],
        }


def compare_revisions(
    from_revision: ProductRevision,
    to_revision: ProductRevision,
    *,
    levels: str = "all",
    resolution: Resolution | None = None,
) -> Comparison:
    """Compare the bills of material of two revisions: ``levels`` "1" their own lines, "all" those below too.

    Lines are the same when find number and product are; else a line at the same find number counts as its part
    replaced (field ``product_number``), and the same product elsewhere as its find number changed. Below the first
    level the lines of every product are compared once, however often it is built in; its revision follows
    ``resolution`` (default: latest revisions and every line, as stored). Raises ValidationFailed for revisions of two
    products or other levels.
    """
    if levels not in LEVELS:
        raise ValidationFailed.field("levels", _("Choose 1 or all."))
    if from_revision.product_id != to_revision.product_id:
        raise ValidationFailed.field("to", _("Both revisions must be of the same product."))
    chosen = resolution or Resolution.of("as_stored")
    before = structure_load(from_revision.product, chosen, revision=from_revision)
    after = structure_load(to_revision.product, chosen, revision=to_revision)
    parents = [before.root] if levels == "1" else _parents(before, after)
    added: list[ComparedLine] = []
    removed: list[ComparedLine] = []
    changed: list[ComparedField] = []
    for parent in parents:
        number = (before.nodes.get(parent) or after[parent]).number
        old = _edges(before, parent)
        new = _edges(after, parent)
        for one, other in _pairs(old, new):
            if one is None and other is not None:
                added.append(_line(number, after, other))
            elif other is None and one is not None:
                removed.append(_line(number, before, one))
            elif one is not None and other is not None:
                changed += _fields(number, before, one, after, other)
    return Comparison(tuple(added), tuple(removed), tuple(changed))


def _parents(before: Structure, after: Structure) -> list[uuid.UUID]:
    """Return every product of either structure, the root first, the others by number."""
    numbers = {key: node.number for structure in (after, before) for key, node in structure.nodes.items()}
    return sorted(numbers, key=lambda key: (key != before.root, numbers[key]))


def _edges(structure: Structure, parent: uuid.UUID) -> list[Edge]:
    node = structure.nodes.get(parent)
    return list(node.edges) if node else []


def _pairs(old: list[Edge], new: list[Edge]) -> Iterator[tuple[Edge | None, Edge | None]]:
    """Match the lines of one parent: by find number and product, then by find number, then by product."""
    left, right = list(old), list(new)
    pairs: list[tuple[Edge | None, Edge | None]] = []
    for key in (lambda e: (e.find_number, e.child), lambda e: e.find_number, lambda e: e.child):
        waiting: dict[Any, list[Edge]] = {}
        for edge in right:
            waiting.setdefault(key(edge), []).append(edge)
        rest: list[Edge] = []
        for edge in left:
            twins = waiting.get(key(edge))
            if twins:
                pairs.append((edge, twins.pop(0)))
            else:
                rest.append(edge)
        left = rest
        right = [edge for edges in waiting.values() for edge in edges]
    pairs += [(edge, None) for edge in left]
    pairs += [(None, edge) for edge in right]
    yield from sorted(pairs, key=lambda pair: _place(pair[0] or pair[1]))


def _place(edge: Edge | None) -> tuple[int, str]:
    assert edge is not None
    return edge.find_number, str(edge.line_id)


def _line(number: str, structure: Structure, edge: Edge) -> ComparedLine:
    return ComparedLine(
        parent_number=number,
        find_number=edge.find_number,
        product_number=structure[edge.child].number,
        quantity=edge.quantity,
        unit_of_measure=edge.unit_of_measure,
        reference_designators=edge.reference_designators,
    )


def _fields(number: str, before: Structure, old: Edge, after: Structure, new: Edge) -> list[ComparedField]:
    was = before[old.child].number
    found: Sequence[tuple[str, Any, Any]] = [
        ("product_number", was, after[new.child].number),
        *((name, getattr(old, name), getattr(new, name)) for name in COMPARED),
    ]
    return [
        ComparedField(number, old.find_number, was, name, one, other) for name, one, other in found if one != other
    ]


def _line_answer(line: ComparedLine) -> dict[str, Any]:
    return {name: _wire(value) for name, value in asdict(line).items()}


def _wire(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return list(value) if isinstance(value, tuple) else value
