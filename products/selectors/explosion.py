"""Everything below a product: as the indented tree, page by page, or flattened to totals."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple, overload

from plm_project.core.decimals import EXACT, exact
from products.selectors.graph import ROOT, Structure
from products.selectors.reasons import LineLimits, Reason


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
        self._deepest = self._levels()
        # A limit below everything there is means none: counting by level costs as much again for each of them.
        self._limit = None if depth is None or depth >= max(self._deepest) else depth
        self._counts = self._count()
        self._quantities = structure.quantities
        self._faces: list[tuple[Any, ...] | None] = [None] * len(structure.child)
        self._parts: list[tuple[tuple[Any, ...], tuple[Any, ...]] | None] = [None] * len(structure)

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
            return Extent(len(self), len(self.structure) - 1, max(self._deepest))
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
        structure, faces, face = self.structure, self._faces, self._face
        child, first, numbers, quantities = (
            structure.child,
            structure.first,
            structure.products.number,
            structure.factors,
        )
        multiply, make, row = EXACT.multiply, tuple.__new__, IndentedLine
        stack: list[tuple[Iterator[int], tuple[str, ...], Decimal, int, list[int]]] = []
        if len(self):
            stack.append((iter(structure.below(ROOT)), (numbers[ROOT],), Decimal(1), 1, self._below(2)))
        at = 0
        while stack:
            lines, path, factor, level, counts = stack[-1]
            for line in lines:
                if at >= stop:
                    return
                place = child[line]
                below = counts[place]
                if at + 1 + below <= start:
                    at += 1 + below
                    continue
                total, own_path = multiply(factor, quantities[line]), (*path, numbers[place])
                if at >= start:
                    yield make(row, (level, own_path, total, *(faces[line] or face(line))))
                at += 1
                if not below:
                    continue
                begin, end = first[place], first[place + 1]
                if below == end - begin and at >= start and at + below <= stop:
                    # Most assemblies hold parts alone: their rows are made in one go.
                    yield from [
                        make(
                            row,
                            (
                                level + 1,
                                (*own_path, numbers[child[inner]]),
                                multiply(total, quantities[inner]),
                                *(faces[inner] or face(inner)),
                            ),
                        )
                        for inner in range(begin, end)
                    ]
                    at += below
                    continue
                stack.append((iter(range(begin, end)), own_path, total, level + 1, self._below(level + 2)))
                break
            else:
                stack.pop()

    def _face(self, line: int) -> tuple[Any, ...]:
        """Return what a row says of its line and product wherever it stands in the tree; made once a line."""
        structure, lines = self.structure, self.structure.lines
        at = structure.child[line]
        named, taken = self._parts[at] or self._part(at)
        face = (
            lines.key[line],
            *named,
            self._quantities[line],
            lines.unit[line],
            lines.find_number[line],
            structure.designators(line),
            *taken,
            structure.line_reason(line),
            structure.limits(line),
        )
        self._faces[line] = face
        return face

    def _part(self, at: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return what a row says of its product whatever the line; made once a product."""
        structure, products = self.structure, self.structure.products
        named = (
            products.key[at],
            products.number[at],
            products.name[at],
            products.product_type[at],
            structure.label(at),
        )
        part = (named, (structure.is_leaf(at), structure.reason(at)))
        self._parts[at] = part
        return part


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
