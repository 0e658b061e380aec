"""The columns that a structure is read into: each distinct product once, each line once, by place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COST_PLACES, QUANTITY_PLACES = 4, 6  # decimals of the columns (models/fields.py)
NO_REVISION = bytes(16)


@dataclass(slots=True)
class ProductColumns:
    """The distinct products, the roots first; ``revision`` is ``NO_REVISION`` and ``label`` None where none was found."""

    key: list[bytes]
    revision: list[bytes]
    cost: list[int]
    mass: list[int]
    number: list[str]
    name: list[str]
    product_type: list[str]
    unit: list[str]
    label: list[str | None]
    state: list[str | None]
    since: list[str | None]
    until: list[str | None]
    serials: list[Any]


@dataclass(slots=True)
class LineColumns:
    """The lines by parent (a place in the products' columns), find number and id; ``designators`` is JSON text.

    ``kind`` is the first letter of the line type. ``limits`` is what is out of the ordinary about a line
    (``reasons.limits_of``). Read for sums alone, they have the first four columns, come in any order within a parent,
    and leave out lines for reference.
    """

    parent: list[int]
    child: list[bytes]
    quantity: list[int]
    kind: str | list[str]
    find_number: list[int] = field(default_factory=list)
    key: list[bytes] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    designators: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)


def in_order(lines: LineColumns) -> LineColumns:
    """Sort by parent, find number and id. They come so as a rule, but SQL promises no order to an aggregate."""
    if not lines.key:
        order = lines.parent
        if all(map(int.__le__, order, order[1:])):
            return lines
        places = sorted(range(len(order)), key=order.__getitem__)
    else:
        order = [(parent << 32) | find for parent, find in zip(lines.parent, lines.find_number, strict=True)]
        if all(map(int.__lt__, order, order[1:])):
            return lines
        places = sorted(range(len(order)), key=lambda at: (order[at], lines.key[at]))
    columns = (getattr(lines, name) for name in LineColumns.__slots__)
    return LineColumns(*([column[at] for at in places] if column else [] for column in columns))
