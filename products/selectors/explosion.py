"""Everything below a product: as the indented tree, page by page, or flattened to totals."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import repeat
from operator import attrgetter, eq
from typing import Any, NamedTuple, overload

from plm_project.core.decimals import EXACT, exact
from products.selectors.graph import ROOT, Structure
from products.selectors.reasons import LineLimits, Reason, limits_of
from products.selectors.stored import as_designators_each


class IndentedLine(NamedTuple):
    """One row of the indented bill of materials. ``total_quantity`` is per one root, 0 below a line for reference;
    ``path`` the numbers from the root. ``reason`` says which rule took the child's revision, ``line_reason`` the line."""

    level: int
    path: tuple[str, ...]
    total_quantity: Decimal
    line_key: bytes
    product_key: bytes
    product_number: str
    product_name: str
    product_type: str
    revision: str
    quantity: Decimal
    unit_of_measure: str
    find_number: int
    reference_designators: tuple[str, ...]
    is_leaf: bool
    reason: Reason
    line_reason: Reason
    limits: LineLimits

    @property
    def resolved(self) -> bool:
        """Whether the mode's own rule took the child's revision."""
        return self.reason.resolved

    @property
    def line_id(self) -> uuid.UUID:
        """The line's id; made when asked for, which most readers of a whole tree never do."""
        return uuid.UUID(bytes=self.line_key)

    @property
    def product_id(self) -> uuid.UUID:
        """The product's id."""
        return uuid.UUID(bytes=self.product_key)


class FlatLine(NamedTuple):
    """The total of one product in one root."""

    product_key: bytes
    product_number: str
    product_name: str
    total_quantity: Decimal
    unit_of_measure: str
    is_leaf: bool

    @property
    def product_id(self) -> uuid.UUID:
        """The product's id."""
        return uuid.UUID(bytes=self.product_key)


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a structure is: rows of the indented tree, distinct products and levels, all below the root."""

    rows: int
    distinct_products: int
    depth: int


class Explosion(Sequence[IndentedLine]):
    """The indented tree as a sequence that makes only the rows it is asked for.

    The number of rows below each product is known from the graph, so a page far down is reached by skipping whole
    subtrees. ``depth`` limits the levels (None: all). Raises StructureCycle at once when the structure has one.
    Counting costs O(products + lines), with a limit that many times the levels; a row costs O(1).
    """

    def __init__(self, structure: Structure, *, depth: int | None = None) -> None:
        self.structure = structure
        self._order = structure.parents_first()
        # A limit below everything there is means none: counting by level costs as much again for each of them.
        self._limit = None if depth is None or depth >= max(self._levels()) else depth
        self._counts = self._count()

    def __len__(self) -> int:
        return self._below(1)[ROOT] if self._limit != 0 else 0

    @overload
    def __getitem__(self, index: int) -> IndentedLine: ...
    @overload
    def __getitem__(self, index: slice) -> list[IndentedLine]: ...
    def __getitem__(self, index: int | slice) -> IndentedLine | list[IndentedLine]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                raise ValueError("An explosion is read forwards")
            return list(self._walk(start, stop))
        found = list(self._walk(index, index + 1))
        if index < 0 or not found:
            raise IndexError(index)
        return found[0]

    def __iter__(self) -> Iterator[IndentedLine]:
        return self._walk(0, len(self))

    def extent(self) -> Extent:
        """Return the size of what this explosion shows."""
        if self._limit is None:
            return Extent(len(self), len(self.structure) - 1, max(self._levels()))
        reached: set[int] = set()
        frontier, depth = {ROOT}, 0
        child, below = self.structure.child, self.structure.below
        while frontier and depth < self._limit:
            frontier = {child[line] for at in frontier for line in below(at)}
            depth += bool(frontier)
            reached |= frontier
        return Extent(len(self), len(reached), depth)

    def _levels(self) -> list[int]:
        """Return the deepest level of each product; the root's is 0."""
        deepest = [0] * len(self.structure)
        child, first = self.structure.child, self.structure.first
        for at in self._order:
            level = deepest[at] + 1
            for below in child[first[at] : first[at + 1]]:
                if deepest[below] < level:
                    deepest[below] = level
        return deepest

    def _count(self) -> list[list[int]]:
        """Return the rows below each product: when all levels are shown, or when 0, 1, 2 … more are."""
        child, first = self.structure.child, self.structure.first
        if self._limit is None:
            rows = [0] * len(self.structure)
            for at in reversed(self._order):
                below = child[first[at] : first[at + 1]]
                rows[at] = len(below) + sum([rows[place] for place in below])
            return [rows]
        counts = [[0] * len(self.structure)]
        for _level in range(self._limit):
            nearer = counts[-1]
            counts.append(
                [
                    first[at + 1] - first[at] + sum([nearer[place] for place in child[first[at] : first[at + 1]]])
                    for at in range(len(self.structure))
                ]
            )
        return counts

    def _below(self, level: int) -> list[int]:
        """Return the rows to show below each product whose own lines stand on ``level``."""
        return self._counts[0] if self._limit is None else self._counts[self._limit - level + 1]

    def _walk(self, start: int, stop: int) -> Iterator[IndentedLine]:
        """Yield the rows from ``start`` up to ``stop`` in tree order, skipping subtrees that end before ``start``."""
        child, first = self.structure.child, self.structure.first
        stack: list[tuple[Iterator[tuple[IndentedLine, int]], list[int]]] = []
        if len(self):
            top = self._rows(ROOT, (self.structure.number(ROOT),), Decimal(1), 1)
            stack.append((zip(top, child[first[ROOT] : first[ROOT + 1]], strict=True), self._below(2)))
        at = 0
        while stack:
            rows, counts = stack[-1]
            for row, place in rows:
                if at >= stop:
                    return
                below = counts[place]
                if at + 1 + below <= start:
                    at += 1 + below
                    continue
                if at >= start:
                    yield row
                at += 1
                if not below:
                    continue
                level, path, total = row[:3]
                made = self._rows(place, path, total, level + 1)
                begin, end = first[place], first[place + 1]
                if below == end - begin and at >= start and at + below <= stop:
                    yield from made  # most assemblies hold parts alone
                    at += below
                    continue
                stack.append((zip(made, child[begin:end], strict=True), self._below(level + 2)))
                break
            else:
                stack.pop()

    def _rows(self, at: int, path: tuple[str, ...], factor: Decimal, level: int) -> Iterator[IndentedLine]:
        """Return the rows of the lines of the product at ``at``, where it stands with this path and total."""
        own = slice(self.structure.first[at], self.structure.first[at + 1])
        numbers, factors, *told = [column[own] for column in self._columns]
        paths, totals = map(path.__add__, zip(numbers, strict=True)), map(EXACT.multiply, repeat(factor), factors)
        fields: Iterator[tuple[Any, ...]] = zip(repeat(level), paths, totals, *told)
        return map(tuple.__new__, repeat(IndentedLine), fields)

    @cached_property
    def _columns(self) -> tuple[Sequence[Any], ...]:
        """What rows say wherever they stand, by line: number and factor, then a row's fields from ``line_key`` on.

        Rows are put together from these by zip, in C. A tuple kept for each line cost as much as its rows, and Python's
        garbage collector went through all of them again and again.
        """
        structure, lines, products = self.structure, self.structure.lines, self.structure.products

        def of_child(column: Sequence[Any]) -> list[Any]:
            return [column[at] for at in structure.child]

        numbers = of_child(products.number)
        return (
            numbers,
            structure.factors,
            lines.key,
            of_child(products.key),
            numbers,
            of_child(products.name),
            of_child(products.product_type),
            of_child([label or "" for label in products.label]),
            structure.quantities,
            lines.unit,
            lines.find_number,
            as_designators_each(lines.designators),
            of_child(list(map(eq, structure.first, structure.first[1:]))),  # is_leaf
            of_child(structure.reasons),
            structure.line_reasons,
            list(map(limits_of, lines.limits)),
        )


def quantities_flat(structure: Structure) -> list[Decimal | None]:
    """Return the total quantity of each product per one root, by place, exact. None where the root contains none.

    What a phantom holds counts, the phantom itself does not: where a product is built in as one, that part is left out
    of its own total. O(products + lines): each line is multiplied once, however many paths lead to it.
    """
    totals: list[Decimal | None] = [None] * len(structure)
    totals[ROOT] = Decimal(1)
    through: dict[int, Decimal] = {}  # what is there as a phantom only
    child, first, factors, kinds = structure.child, structure.first, structure.factors, structure.lines.kind
    phantoms = "p" in kinds
    with exact():
        for at in structure.parents_first():
            have = totals[at]
            if have is None:
                continue
            for line in range(first[at], first[at + 1]):
                before, more = totals[child[line]], have * factors[line]
                totals[child[line]] = more if before is None else before + more
                if phantoms and kinds[line] == "p":
                    through[child[line]] = through.get(child[line], Decimal(0)) + more
        for at, amount in through.items():
            totals[at] = (totals[at] or Decimal(0)) - amount
    return [total or None for total in totals] if phantoms or "r" in kinds else totals


def explosion_flat(structure: Structure) -> list[FlatLine]:
    """Return the flattened bill of materials by product number."""
    totals, products = quantities_flat(structure), structure.products
    lines = [
        FlatLine(key, number, name, total, unit, structure.is_leaf(at))
        for at, (key, number, name, unit, total) in enumerate(
            zip(products.key, products.number, products.name, products.unit, totals, strict=True)
        )
        if at != ROOT and total is not None
    ]
    return sorted(lines, key=attrgetter("product_number"))
