"""A structure as it would be with other lines in some of its products, and the part of a structure below one product.

Both are made in memory of columns that were read before, so that "what if" is answered by the very functions that
answer "what is": roll-ups, requirements, statuses.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from plm_project.core.decimals import exact
from products.choices import LineType
from products.models import BomLine
from products.selectors.graph import ROOT, Structure, structure_of_columns
from products.selectors.graph_columns import QUANTITY_PLACES, LineColumns, ProductColumns
from products.selectors.resolution import Resolution

REFERENCE, CONSUMABLE = LineType.REFERENCE[0], LineType.CONSUMABLE[0]


@dataclass(frozen=True, slots=True)
class OtherLine:
    """A line as it would be. ``key`` is the stored line's whose planning (attrition, set-up) it keeps, else any."""

    line: BomLine
    key: uuid.UUID


def line_counts(line: BomLine, resolution: Resolution) -> bool:
    """Return whether a line that is not stored would count: the rule of ``resolution.line_test`` for a question by
    release that names no unit and chooses no options.
    """
    day = resolution.as_of
    if line.effective_from is not None and line.effective_from > day:
        return False
    if line.effective_to is not None and line.effective_to <= day:
        return False
    if line.serials and not resolution.any_unit and all(entry["last"] is not None for entry in line.serials):
        return False
    return resolution.with_optional or not line.is_optional


def structure_with(structure: Structure, others: Mapping[uuid.UUID, Sequence[OtherLine]]) -> Structure:
    """Return the structure with the lines of some products, by their ids, exchanged for others. All their children stand
    in ``structure`` already; those lines of ``others`` that do not count (``line_counts``) are left out. O(lines).

    Raises ValueError for a question that names a unit or options: ``line_counts`` cannot answer it.
    """
    resolution = structure.resolution
    if not resolution.by_release or resolution.serial is not None or resolution.choices is not None:
        raise ValueError("what if: by release, for no unit and no choice")
    places = {key: at for at, key in enumerate(structure.products.key)}
    exchanged = {places[key.bytes] for key in others}
    old = structure.lines
    kept = [at for at, parent in enumerate(old.parent) if parent not in exchanged]
    rows = [tuple(getattr(old, name)[at] for name in _LINES) for at in kept]
    for key, lines in others.items():
        counted = [entry for entry in lines if line_counts(entry.line, resolution)]
        rows += [_row(places[key.bytes], entry) for entry in counted]
    rows.sort(key=lambda row: (row[0], row[4], row[5]))
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _LINES]
    return structure_of_columns(resolution, structure.products, LineColumns(*columns))


def structure_below(structure: Structure, at: int) -> Structure:
    """Return what is below the product at a place as a structure of its own, with that product as its root."""
    order, seen = [at], {at}
    for place in order:  # grows while it is read
        for line in structure.below(place):
            below = structure.child[line]
            if below not in seen:
                seen.add(below)
                order.append(below)
    old = structure.products
    products = ProductColumns(*([getattr(old, name)[place] for place in order] for name in _PRODUCTS))
    new_place = {place: number for number, place in enumerate(order)}
    lines = [(new_place[place], line) for place in order for line in structure.below(place)]
    columns = structure.lines
    made = LineColumns(
        [parent for parent, _line in lines],
        *([getattr(columns, name)[line] for _parent, line in lines] for name in _LINES[1:]),
    )
    return structure_of_columns(structure.resolution, products, made)


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many of each product one root contains, by place: as costs count them, and as masses do."""

    costing: list[Decimal]
    weighing: list[Decimal]


def amounts_in(structure: Structure) -> Amounts:
    """Return how many of each product are in one root, phantoms too. O(products + lines). Raises StructureCycle."""
    costing, weighing = [Decimal(0)] * len(structure), [Decimal(0)] * len(structure)
    costing[ROOT] = weighing[ROOT] = Decimal(1)
    kinds, factors, child = structure.lines.kind, structure.factors, structure.child
    with exact():
        for at in structure.parents_first():
            if not costing[at]:
                continue
            for line in structure.below(at):
                costing[child[line]] += costing[at] * factors[line]
                if kinds[line] != CONSUMABLE:
                    weighing[child[line]] += weighing[at] * factors[line]
    return Amounts(costing, weighing)


_LINES = tuple(field.name for field in fields(LineColumns))
_PRODUCTS = tuple(field.name for field in fields(ProductColumns))


def _row(parent: int, entry: OtherLine) -> tuple[Any, ...]:
    line = entry.line
    return (
        parent,
        line.child_id.bytes,
        int(Decimal(line.quantity).scaleb(QUANTITY_PLACES).to_integral_exact()),
        str(line.line_type)[0],
        line.find_number,
        entry.key.bytes,
        line.unit_of_measure,
        json.dumps(line.reference_designators),
        _limits(line),
    )


def _limits(line: BomLine) -> str:
    """Return what ``resolution.packed_limits`` packs of a stored line."""
    limits = (line.effective_from, line.effective_to, line.serials)
    if line.line_type == LineType.STANDARD and not any(limits) and not line.condition and not line.is_optional:
        return ""
    since, until, serials = limits
    return json.dumps([
        str(line.line_type), line.is_optional, line.condition, since and since.isoformat(), until and until.isoformat(), serials,
    ])  # fmt: skip
