"""Two revisions of one product side by side."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from plm_project.core.exceptions import ValidationFailed
from products.models import ProductRevision
from products.selectors.graph import Structure, structure_between
from products.selectors.resolution import Resolution

LEVELS = ("all", "1")
COMPARED = ("product_number", "find_number", "quantity", "unit_of_measure", "reference_designators")


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
    graph = structure_between(from_revision.product, [from_revision.pk, to_revision.pk], chosen)
    graph.parents_first()  # a cycle is reported with its path
    before, after = (graph.products.revision.index(revision.pk.bytes) for revision in (from_revision, to_revision))
    found = _Found(graph)
    for one, other in _pairs(graph, before, after):
        found.note(before, one, other)
    if levels == "all":
        old, new = _reached(graph, before), _reached(graph, after)
        # What both contain resolves to the same lines in both, so only what one of them lacks can differ.
        for at in sorted(old ^ new, key=graph.number):
            for line in graph.below(at):
                found.note(at, *((line, None) if at in old else (None, line)))
    return Comparison(tuple(found.added), tuple(found.removed), tuple(found.changed))


class _Found:
    """The differences, as lines are compared."""

    def __init__(self, graph: Structure) -> None:
        self.graph = graph
        self.added: list[ComparedLine] = []
        self.removed: list[ComparedLine] = []
        self.changed: list[ComparedField] = []

    def note(self, parent: int, old: int | None, new: int | None) -> None:
        """Note what differs between two lines of one parent, or the one that the other side lacks."""
        number = self.graph.number(parent)
        if old is None and new is not None:
            self.added.append(_line(number, self.graph, new))
        elif new is None and old is not None:
            self.removed.append(_line(number, self.graph, old))
        elif old is not None and new is not None:
            self.changed += _fields(number, self.graph, old, new)


def _reached(graph: Structure, root: int) -> set[int]:
    """Return the places of everything below ``root``."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        at = stack.pop()
        fresh = set(graph.child[graph.first[at] : graph.first[at + 1]]) - seen
        seen |= fresh
        stack.extend(fresh)
    return seen


def _pairs(graph: Structure, before: int, after: int) -> list[tuple[int | None, int | None]]:
    """Match the lines of two revisions: by find number and product, then by find number, then by product."""
    find, child = graph.lines.find_number, graph.child
    keys: tuple[Callable[[int], Hashable], ...] = (
        lambda e: (find[e], child[e]),
        lambda e: find[e],
        lambda e: child[e],
    )
    left, right = list(graph.below(before)), list(graph.below(after))
    pairs: list[tuple[int | None, int | None]] = []
    for key in keys:
        waiting: dict[Hashable, list[int]] = {}
        for line in right:
            waiting.setdefault(key(line), []).append(line)
        rest: list[int] = []
        for line in left:
            twins = waiting.get(key(line))
            if twins:
                pairs.append((line, twins.pop(0)))
            else:
                rest.append(line)
        left = rest
        right = [line for lines in waiting.values() for line in lines]
    pairs += [(line, None) for line in left]
    pairs += [(None, line) for line in right]

    def place(pair: tuple[int | None, int | None]) -> tuple[int, bytes]:
        line = pair[0] if pair[0] is not None else pair[1]
        assert line is not None
        return find[line], graph.lines.key[line]

    return sorted(pairs, key=place)


def _line(number: str, graph: Structure, line: int) -> ComparedLine:
    return ComparedLine(
        parent_number=number,
        find_number=graph.lines.find_number[line],
        product_number=graph.number(graph.child[line]),
        quantity=graph.quantities[line],
        unit_of_measure=graph.lines.unit[line],
        reference_designators=graph.designators(line),
    )


def _fields(number: str, graph: Structure, old: int, new: int) -> list[ComparedField]:
    was, now = _line(number, graph, old), _line(number, graph, new)
    return [
        ComparedField(number, was.find_number, was.product_number, name, getattr(was, name), getattr(now, name))
        for name in COMPARED
        if getattr(was, name) != getattr(now, name)
    ]


def _line_answer(line: ComparedLine) -> dict[str, Any]:
    return {name: _wire(value) for name, value in asdict(line).items()}


def _wire(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return list(value) if isinstance(value, tuple) else value
