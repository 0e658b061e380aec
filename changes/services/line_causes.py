"""Which lines of a change cause what it does to a product on top.

A line's share is how many of its parent the product on top contains *now*, times what its quantity gains or loses, times
what its part comes to *then*. Own costs and masses stay as they are, so these shares add up to the whole difference.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from plm_project.core.decimals import exact
from products.models import BomLine
from products.selectors.graph import Structure
from products.selectors.resolution import Resolution
from products.selectors.what_if import CONSUMABLE, REFERENCE, Amounts, amounts_in, line_counts
from products.services.revision_plan import PlannedRevision


@dataclass(frozen=True)
class LineCause:
    """What one line of an affected product adds to one product on top. ``kind``: added, removed, changed or replaced;
    ``part_number`` is the part it has then, for a removed line the one it had.
    """

    product_id: uuid.UUID
    product_number: str
    find_number: int
    kind: str
    part_number: str
    cost: Decimal
    mass: Decimal


Sums = tuple[list[Decimal], list[Decimal]]  # cost and mass of every product of a structure, by place


class LineEdits:
    """Every line that is not as it was, on both sides, and what it does to a product on top."""

    def __init__(self, planned: Sequence[PlannedRevision], then: Structure, sums: Sums) -> None:
        resolution = then.resolution
        self.each = _Each(then, sums)
        self.pairs: list[tuple[PlannedRevision, BomLine | None, BomLine | None]] = []
        for revision in planned:
            for entry in revision.lines:
                if entry.is_touched:
                    self._add(revision, entry.base, entry.line, resolution)
            for _key, line in revision.removed:
                self._add(revision, line, None, resolution)

    def _add(
        self, revision: PlannedRevision, old: BomLine | None, new: BomLine | None, resolution: Resolution
    ) -> None:
        old = old if old is not None and line_counts(old, resolution) else None
        new = new if new is not None and line_counts(new, resolution) else None
        if old is not None or new is not None:
            self.pairs.append((revision, old, new))

    def causes_in(self, before: Structure) -> Iterator[LineCause]:
        """Yield the causes in one product on top, those that cost most (either way) first."""
        amounts = amounts_in(before)
        place = {key: at for at, key in enumerate(before.products.key)}
        found = []
        for revision, old, new in self.pairs:
            at = place.get(revision.product.pk.bytes)
            if at is not None and amounts.costing[at]:
                found.append(self._cause(revision, old, new, at, amounts))
        yield from sorted(found, key=lambda cause: (-abs(cause.cost), -abs(cause.mass), cause.find_number))

    def _cause(
        self,
        revision: PlannedRevision,
        old: BomLine | None,
        new: BomLine | None,
        at: int,
        amounts: Amounts,
    ) -> LineCause:
        each = self.each
        shown = new if new is not None else old
        assert shown is not None
        kind = "changed"
        if old is None or new is None:
            kind = "added" if old is None else "removed"
        elif old.child_id != new.child_id:
            kind = "replaced"
        with exact():
            cost = amounts.costing[at] * (each.cost(new) - each.cost(old))
            mass = amounts.weighing[at] * (each.mass(new) - each.mass(old))
        return LineCause(
            revision.product.pk,
            revision.product.product_number,
            shown.find_number,
            kind,
            each.number(shown),
            cost,
            mass,
        )


class _Each:
    """What lines come to with the costs and masses that parts will have."""

    def __init__(self, then: Structure, sums: Sums) -> None:
        keys = then.products.key
        self.sums = dict(zip(keys, zip(*sums, strict=True), strict=True))
        self.numbers = dict(zip(keys, then.products.number, strict=True))

    def cost(self, line: BomLine | None) -> Decimal:
        if line is None or str(line.line_type)[0] == REFERENCE:
            return Decimal(0)
        return line.quantity * self.sums[line.child_id.bytes][0]

    def mass(self, line: BomLine | None) -> Decimal:
        if line is None or str(line.line_type)[0] in (REFERENCE, CONSUMABLE):
            return Decimal(0)
        return line.quantity * self.sums[line.child_id.bytes][1]

    def number(self, line: BomLine) -> str:
        return self.numbers[line.child_id.bytes]
