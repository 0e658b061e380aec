"""Everything below a product: as the indented tree, page by page, or flattened to totals."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import overload

from plm_project.core.decimals import exact
from products.selectors.graph import Edge, Structure


@dataclass(frozen=True, slots=True)
class IndentedLine:
    """One row of the indented bill of materials. ``total_quantity`` is per one root; ``path`` the numbers from the root."""

    level: int
    path: tuple[str, ...]
    line_id: uuid.UUID
    product_id: uuid.UUID
    product_number: str
    product_name: str
    product_type: str
    revision: str
    quantity: Decimal
    total_quantity: Decimal
    unit_of_measure: str
    find_number: int
    reference_designators: tuple[str, ...]
    is_leaf: bool
    resolved: bool
    reason: str


@dataclass(frozen=True, slots=True)
class FlatLine:
    """The total of one product in one root."""

    product_id: uuid.UUID
    product_number: str
    product_name: str
    total_quantity: Decimal
    unit_of_measure: str
    is_leaf: bool


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
    """

    def __init__(self, structure: Structure, *, depth: int | None = None) -> None:
        self.structure = structure
        self._order = structure.parents_first()
        # A limit below everything there is means none: counting by level costs as much again for each of them.
        self._limit = None if depth is None or depth >= max(self._levels().values()) else depth
        self._rows: dict[tuple[uuid.UUID, int | None], int] = {}
        self._count(structure.root, self._limit)

    def __len__(self) -> int:
        return self._rows[self.structure.root, self._limit]

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
        reached: set[uuid.UUID] = set()
        frontier, depth = {self.structure.root}, 0
        if self._limit is None:
            deepest = self._levels()
            return Extent(len(self), len(deepest) - 1, max(deepest.values()))
        while frontier and depth < self._limit:
            frontier = {edge.child for product_id in frontier for edge in self.structure[product_id].edges}
            depth += bool(frontier)
            reached |= frontier
        return Extent(len(self), len(reached), depth)

    def _levels(self) -> dict[uuid.UUID, int]:
        """Return the deepest level of each product; the root's is 0."""
        deepest = {self.structure.root: 0}
        for product_id in self._order:
            if product_id in deepest:
                for edge in self.structure[product_id].edges:
                    deepest[edge.child] = max(deepest.get(edge.child, 0), deepest[product_id] + 1)
        return deepest

    def _count(self, root: uuid.UUID, limit: int | None) -> None:
        """Fill ``_rows``: the rows below a product when ``limit`` more levels may be shown."""
        if limit is None:
            for product_id in reversed(self._order):
                edges = self.structure[product_id].edges
                self._rows[product_id, None] = sum(1 + self._rows[edge.child, None] for edge in edges)
            return
        self._rows.update({(product_id, 0): 0 for product_id in self._order})
        for left in range(1, min(limit, len(self._order)) + 1):
            for product_id in self._order:
                edges = self.structure[product_id].edges
                self._rows[product_id, left] = sum(1 + self._rows[edge.child, left - 1] for edge in edges)
        if limit > len(self._order):
            self._rows[root, limit] = self._rows[root, len(self._order)]

    def _below(self, product_id: uuid.UUID, level: int) -> int:
        if self._limit is None:
            return self._rows[product_id, None]
        return self._rows[product_id, min(self._limit - level, len(self._order))]

    def _walk(self, start: int, stop: int) -> Iterator[IndentedLine]:
        """Yield the rows from ``start`` up to ``stop`` in tree order, skipping subtrees that end before ``start``."""
        root = self.structure[self.structure.root]
        at = 0
        stack: list[tuple[Iterator[Edge], tuple[str, ...], Decimal, int]] = [
            (iter(root.edges if len(self) else ()), (root.number,), Decimal(1), 1)
        ]
        while stack and at < stop:
            edges, path, factor, level = stack[-1]
            edge = next(edges, None)
            if edge is None:
                stack.pop()
                continue
            below = self._below(edge.child, level)
            if at + 1 + below <= start:
                at += 1 + below
                continue
            child = self.structure[edge.child]
            with exact():
                total = factor * edge.quantity
            own_path = (*path, child.number)
            if at >= start:
                yield self._line(edge, own_path, total, level)
            at += 1
            if below:
                stack.append((iter(child.edges), own_path, total, level + 1))

    def _line(self, edge: Edge, path: tuple[str, ...], total: Decimal, level: int) -> IndentedLine:
        child = self.structure[edge.child]
        return IndentedLine(
            level=level,
            path=path,
            line_id=edge.line_id,
            product_id=child.product_id,
            product_number=child.number,
            product_name=child.name,
            product_type=child.product_type,
            revision=child.label,
            quantity=edge.quantity,
            total_quantity=total,
            unit_of_measure=edge.unit_of_measure,
            find_number=edge.find_number,
            reference_designators=edge.reference_designators,
            is_leaf=child.is_leaf,
            resolved=child.resolved,
            reason=child.reason,
        )


def quantities_flat(structure: Structure) -> dict[uuid.UUID, Decimal]:
    """Return the total quantity of each product per one root, exact. The root itself is left out."""
    totals = {structure.root: Decimal(1)}
    with exact():
        for product_id in structure.parents_first():
            have = totals.get(product_id)
            if have is None:
                continue
            for edge in structure[product_id].edges:
                totals[edge.child] = totals.get(edge.child, Decimal(0)) + have * edge.quantity
    del totals[structure.root]
    return totals


def explosion_flat(structure: Structure) -> list[FlatLine]:
    """Return the flattened bill of materials by product number."""
    lines = (
        FlatLine(
            product_id=product_id,
            product_number=structure[product_id].number,
            product_name=structure[product_id].name,
            total_quantity=total,
            unit_of_measure=structure[product_id].unit_of_measure,
            is_leaf=structure[product_id].is_leaf,
        )
        for product_id, total in quantities_flat(structure).items()
    )
    return sorted(lines, key=lambda line: line.product_number)
