"""Two structures side by side as one tree that opens level by level: lines matched, equal branches closed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from products.selectors.compare import ComparedField, Pair, Sides, fields_changed, pairs_of
from products.selectors.levels import PORTION

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"


@dataclass(frozen=True, slots=True)
class SideLine:
    """A line as one side has it."""

    place: int
    product_id: uuid.UUID
    product_number: str
    product_name: str
    revision: str
    find_number: int
    quantity: str
    unit_of_measure: str


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One row of the tree: what each side has there, and whether something below it differs.

    ``kind`` is added, removed, changed or same, of the line itself. ``changes`` are its values that differ.
    """

    kind: str
    left: SideLine | None
    right: SideLine | None
    changes: tuple[ComparedField, ...]
    differs_below: bool
    has_lines: bool


@dataclass(frozen=True, slots=True)
class TreeLevel:
    """A portion of a level; ``total`` rows in all, ``hidden`` equal ones left out."""

    rows: tuple[TreeRow, ...]
    total: int
    hidden: int
    offset: int

    @property
    def next_offset(self) -> int | None:
        """Where the next portion begins; None after the last."""
        following = self.offset + len(self.rows)
        return following if self.rows and following < self.total else None

    @property
    def left(self) -> int:
        """How many rows are still to come."""
        return max(self.total - self.offset - len(self.rows), 0)


class SideBySide:
    """The tree of two sides. Whether a branch differs is found out once for each pair of products, O(lines) in all."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self._pairs: dict[tuple[int, int], list[Pair]] = {}
        self._differs: dict[tuple[int, int], bool] = {}
        for graph in {id(graph): graph for graph in (sides.left, sides.right)}.values():
            graph.parents_first()  # a cycle is reported with its path

    def level(
        self, left: int | None, right: int | None, *, offset: int = 0, limit: int = PORTION, all_rows: bool = True
    ) -> TreeLevel:
        """Return up to ``limit`` rows below two products (None: the side has none), without equal ones if so asked."""
        pairs = self._lines(left, right)
        shown = pairs if all_rows else [pair for pair in pairs if self._is_different(pair)]
        rows = tuple(self._row(pair, left) for pair in shown[offset : offset + limit])
        return TreeLevel(rows, len(shown), len(pairs) - len(shown), offset)

    def _lines(self, left: int | None, right: int | None) -> list[Pair]:
        if left is None or right is None:
            mine: Iterable[int] = self.sides.left.below(left) if left is not None else ()
            theirs: Iterable[int] = self.sides.right.below(right) if right is not None else ()
            return [*((line, None) for line in mine), *((None, line) for line in theirs)]
        if (left, right) not in self._pairs:
            self._pairs[left, right] = pairs_of(self.sides, left, right)
        return self._pairs[left, right]

    def _row(self, pair: Pair, parent: int | None) -> TreeRow:
        old, new = pair
        changes: tuple[ComparedField, ...] = ()
        if old is None or new is None or parent is None:
            kind = REMOVED if new is None else ADDED
        else:
            changes = tuple(fields_changed(self.sides, parent, old, new))
            kind = CHANGED if changes else SAME
        left, right = self._face(old, is_left=True), self._face(new, is_left=False)
        return TreeRow(
            kind,
            left,
            right,
            changes,
            left is not None and right is not None and self.differs(left.place, right.place),
            any(
                not side.is_leaf(face.place)
                for face, side in ((left, self.sides.left), (right, self.sides.right))
                if face is not None
            ),
        )

    def _face(self, line: int | None, *, is_left: bool) -> SideLine | None:
        if line is None:
            return None
        graph = self.sides.left if is_left else self.sides.right
        at, lines = graph.child[line], graph.lines
        return SideLine(
            at,
            uuid.UUID(bytes=graph.products.key[at]),
            graph.number(at),
            graph.products.name[at],
            graph.label(at),
            lines.find_number[line],
            f"{graph.quantities[line]:f}",
            lines.unit[line],
        )

    def _is_different(self, pair: Pair) -> bool:
        old, new = pair
        if old is None or new is None or fields_changed(self.sides, 0, old, new):
            return True
        return self.differs(self.sides.left.child[old], self.sides.right.child[new])

    def differs(self, left: int, right: int) -> bool:
        """Return whether something below two products differs, however deep."""
        if self.sides.is_one_graph and left == right:
            return False
        stack = [(left, right)]
        while stack:
            at = stack[-1]
            if at in self._differs:
                stack.pop()
                continue
            pairs = self._lines(*at)
            if any(old is None or new is None or fields_changed(self.sides, 0, old, new) for old, new in pairs):
                self._differs[at] = True
                continue
            deeper = self._below(pairs)
            if any(self._differs.get(pair) for pair in deeper):
                self._differs[at] = True
            elif waiting := [pair for pair in deeper if pair not in self._differs]:
                stack += waiting
            else:
                self._differs[at] = False
        return self._differs[left, right]

    def _below(self, pairs: list[Pair]) -> set[tuple[int, int]]:
        """Return the pairs of products below lines that are matched, without those that are one product of one graph."""
        below = {
            (self.sides.left.child[old], self.sides.right.child[new])
            for old, new in pairs
            if old is not None and new is not None
        }
        return {pair for pair in below if pair[0] != pair[1]} if self.sides.is_one_graph else below
