"""Two structures side by side: revisions of one product, baselines, or what two questions find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from plm_project.core.exceptions import ValidationFailed
from products.effectivity import SerialRange
from products.models import ProductRevision
from products.selectors.graph import Structure, structure_between
from products.selectors.resolution import Resolution
from products.selectors.substitutes import Substitute

LEVELS = ("all", "1")
COMPARED = ("product_number", "find_number", "quantity", "unit_of_measure", "reference_designators")
LIMITS = ("line_type", "is_optional", "condition", "effective_from", "effective_to", "serials")


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
    """One value that differs on a line both have; ``find_number`` and ``product_number`` are those of the first.

    ``field`` is one of ``COMPARED`` or ``LIMITS``, ``substitutes``, or ``revision``: the child was taken in another revision.
    """

    parent_number: str
    find_number: int
    product_number: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Comparison:
    """What the second structure has beyond the first, lacks, and has otherwise."""

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


@dataclass(frozen=True)
class Sides:
    """Two structures with the places of their roots. Two revisions of one product are one graph with two roots: what
    both contain stands in it once, and is equal without being looked at."""

    left: Structure
    left_root: int
    right: Structure
    right_root: int

    @property
    def is_one_graph(self) -> bool:
        """Whether both sides were read as one."""
        return self.left is self.right


Pair = tuple[int | None, int | None]


def compare_revisions(
    from_revision: ProductRevision,
    to_revision: ProductRevision,
    *,
    levels: str = "all",
    resolution: Resolution | None = None,
) -> Comparison:
    """Compare the bills of material of two revisions of one product (``compare_sides``).

    What is below follows ``resolution`` (default: latest revisions and every line, as stored). Raises ValidationFailed
    for revisions of two products or other levels.
    """
    if from_revision.product_id != to_revision.product_id:
        raise ValidationFailed.field("to", _("Both revisions must be of the same product."))
    return compare_sides(revisions_read(from_revision, to_revision, resolution), levels=levels)


def revisions_read(one: ProductRevision, other: ProductRevision, resolution: Resolution | None = None) -> Sides:
    """Read two revisions of one product as one graph."""
    chosen = resolution or Resolution.of("as_stored")
    graph = structure_between(one.product, [one.pk, other.pk], chosen)
    left, right = (graph.products.revision.index(revision.pk.bytes) for revision in (one, other))
    return Sides(graph, left, graph, right)


def compare_sides(sides: Sides, *, levels: str = "all") -> Comparison:
    """Compare two structures: ``levels`` "1" the roots' own lines, "all" those below too.

    Lines are the same when find number and product are; else a line at the same find number counts as its part
    replaced (field ``product_number``), and the same product elsewhere as its find number changed. Below the first
    level the lines of every product are compared once, however often it is built in. Raises ValidationFailed for other
    levels, StructureCycle with the path where one side contains a cycle.
    """
    if levels not in LEVELS:
        raise ValidationFailed.field("levels", _("Choose 1 or all."))
    for graph in {id(graph): graph for graph in (sides.left, sides.right)}.values():
        graph.parents_first()
    found = _Found(sides)
    found.note_all(sides.left_root, sides.right_root)
    if levels == "all":
        for left, right in _below_both(sides):
            found.note_all(left, right)
    return Comparison(tuple(found.added), tuple(found.removed), tuple(found.changed))


def _below_both(sides: Sides) -> list[Pair]:
    """Return the products below the roots whose lines can differ, by number: in one side alone, or in both."""
    old, new = _reached(sides.left, sides.left_root), _reached(sides.right, sides.right_root)
    pairs: list[Pair]
    if sides.is_one_graph:  # what both contain resolves to the same lines in both
        pairs = [(at, None) if at in old else (None, at) for at in old ^ new]
    else:
        places = {sides.right.products.key[at]: at for at in new}
        pairs = [(at, places.pop(sides.left.products.key[at], None)) for at in old]
        pairs += [(None, at) for at in places.values()]
    return sorted(pairs, key=lambda pair: _number(sides, pair))


def _number(sides: Sides, pair: Pair) -> str:
    left, right = pair
    if left is not None:
        return sides.left.number(left)
    assert right is not None
    return sides.right.number(right)


class _Found:
    """The differences, as lines are compared."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self.added: list[ComparedLine] = []
        self.removed: list[ComparedLine] = []
        self.changed: list[ComparedField] = []

    def note_all(self, left: int | None, right: int | None) -> None:
        """Note what differs between the lines of two products, or the lines of the one that the other side lacks."""
        for old, new in lines_paired(self.sides, left, right):
            if old is None and new is not None and right is not None:
                self.added.append(_line(self.sides.right.number(right), self.sides.right, new))
            elif new is None and old is not None and left is not None:
                self.removed.append(_line(self.sides.left.number(left), self.sides.left, old))
            elif old is not None and new is not None and left is not None:
                self.changed += fields_changed(self.sides, left, old, new)


def lines_paired(sides: Sides, left: int | None, right: int | None) -> list[Pair]:
    """Return the lines of two products, matched; all of one of them where the other is None, none where both are equal."""
    if left is None or right is None:
        return [
            *((line, None) for line in (sides.left.below(left) if left is not None else ())),
            *((None, line) for line in (sides.right.below(right) if right is not None else ())),
        ]
    if not sides.is_one_graph and _are_equal(sides, left, right):
        return []
    return pairs_of(sides, left, right)


def _are_equal(sides: Sides, left: int, right: int) -> bool:
    """Whether two products have the same lines to the same revisions: columns are compared, not lines."""
    one, other = sides.left, sides.right
    mine, theirs = one.below(left), other.below(right)
    here, there = slice(mine.start, mine.stop), slice(theirs.start, theirs.stop)
    return all(
        getattr(one.lines, name)[here] == getattr(other.lines, name)[there]
        for name in ("find_number", "child", "quantity", "unit", "designators", "limits")
    ) and all(
        one.products.revision[one.child[old]] == other.products.revision[other.child[new]]
        and one.substitutes(old) == other.substitutes(new)
        for old, new in zip(mine, theirs, strict=True)
    )


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


def pairs_of(sides: Sides, left: int, right: int) -> list[Pair]:
    """Match the lines of two products: by find number and product, then by find number, then by product."""
    one, other = sides.left, sides.right
    finds = one.lines.find_number, other.lines.find_number
    parts: tuple[Sequence[Hashable], Sequence[Hashable]] = (
        (one.child, other.child) if sides.is_one_graph else (one.lines.child, other.lines.child)
    )
    keys: tuple[Callable[[int, int], Hashable], ...] = (
        lambda side, line: (finds[side][line], parts[side][line]),
        lambda side, line: finds[side][line],
        lambda side, line: parts[side][line],
    )
    mine, theirs = list(one.below(left)), list(other.below(right))
    pairs: list[Pair] = []
    for key in keys:
        waiting: dict[Hashable, list[int]] = {}
        for line in theirs:
            waiting.setdefault(key(1, line), []).append(line)
        rest: list[int] = []
        for line in mine:
            twins = waiting.get(key(0, line))
            if twins:
                pairs.append((line, twins.pop(0)))
            else:
                rest.append(line)
        mine = rest
        theirs = [line for lines in waiting.values() for line in lines]
    pairs += [(line, None) for line in mine]
    pairs += [(None, line) for line in theirs]

    def place(pair: Pair) -> tuple[int, bytes]:
        old, new = pair
        if old is not None:
            return finds[0][old], one.lines.key[old]
        assert new is not None
        return finds[1][new], other.lines.key[new]

    return sorted(pairs, key=place)


def fields_changed(sides: Sides, parent: int, old: int, new: int) -> list[ComparedField]:
    """Return the values that differ between two lines that were matched; ``parent`` is the first's."""
    one, other = sides.left, sides.right
    below, above = one.child[old], other.child[new]
    same = all(
        getattr(one.lines, name)[old] == getattr(other.lines, name)[new]
        for name in ("find_number", "quantity", "unit", "designators", "limits")
    )
    moved = one.products.revision[below] != other.products.revision[above]
    parted = one.products.key[below] != other.products.key[above]
    taken = one.substitutes(old), other.substitutes(new)
    if same and not moved and not parted and taken[0] == taken[1]:
        return []
    number = one.number(parent)
    was, now = _line(number, one, old), _line(number, other, new)
    values = [(name, getattr(was, name), getattr(now, name)) for name in COMPARED]
    limits = one.limits(old), other.limits(new)
    values += [(name, getattr(limits[0], name), getattr(limits[1], name)) for name in LIMITS]
    values.append(("substitutes", *taken))
    if moved and not parted:
        values.append(("revision", one.label(below), other.label(above)))
    place = number, was.find_number, was.product_number
    return [ComparedField(*place, name, before, after) for name, before, after in values if before != after]


def _line(parent_number: str, graph: Structure, line: int) -> ComparedLine:
    return ComparedLine(
        parent_number=parent_number,
        find_number=graph.lines.find_number[line],
        product_number=graph.number(graph.child[line]),
        quantity=graph.quantities[line],
        unit_of_measure=graph.lines.unit[line],
        reference_designators=graph.designators(line),
    )


def _line_answer(line: ComparedLine) -> dict[str, Any]:
    return {name: _wire(value) for name, value in asdict(line).items()}


def _wire(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [entry.stored() if isinstance(entry, SerialRange | Substitute) else entry for entry in value]
    return value
