"""The made-up catalogue that the bench asks its questions of: the same for the same size and seed.

Assemblies stand on levels, bought parts below. Every assembly but a root stands in one on the level above, so the depth
is exact; more uses are drawn with a skew, for a few subassemblies and fasteners are used everywhere. 8 % of the lines do
not hold on the bench's day, one product in ten is not released, one bought part in twenty is at its second revision.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import Decimal

TODAY = dt.date(2026, 1, 1)  # the day the questions ask about
SINCE = dt.date(2020, 1, 1)


@dataclass(frozen=True)
class Size:
    """``growth``: assemblies on a level per assembly above; ``subs``: assemblies in an assembly, on average."""

    products: int
    lines: int
    levels: int
    roots: int
    growth: float
    subs: float


SIZES = {
    "S": Size(2_000, 10_000, 6, 5, 2.22, 3.6),
    "M": Size(20_000, 120_000, 9, 10, 1.99, 2.75),
    "L": Size(200_000, 1_200_000, 12, 20, 1.905, 2.55),
}


@dataclass(slots=True)
class Part:
    """One product. ``revisions``: 1, or 2 where an older one was superseded."""

    number: str
    is_assembly: bool
    unit: str
    cost: Decimal
    mass: Decimal
    state: str
    revisions: int = 1


@dataclass(slots=True)
class Use:
    """One BOM line: the places of parent and child in ``Catalogue.parts``."""

    parent: int
    child: int
    find_number: int
    quantity: Decimal
    since: dt.date
    until: dt.date | None
    designators: tuple[str, ...]


@dataclass
class Catalogue:
    """Parts by place; ``levels`` the places of the assemblies, level by level; ``first_bought`` the first bought part."""

    parts: list[Part] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    levels: list[list[int]] = field(default_factory=list)
    first_bought: int = 0


def catalogue_make(size: Size, seed: int) -> Catalogue:
    """Make the catalogue."""
    draw = random.Random(seed)  # noqa: S311 - made-up parts, no secret
    made = Catalogue()
    _assemblies(made, size, draw)
    _bought(made, size, draw)
    children: list[dict[int, None]] = [{} for _ in range(made.first_bought)]
    have = _subassemblies(made, size, draw, children)
    _spread_bought(made, size.lines - have, draw, children)
    for parent, below in enumerate(children):
        made.uses += [_use(made, parent, child, at * 10, draw) for at, child in enumerate(below, 1)]
    return made


def _state(draw: random.Random) -> str:
    at = draw.random()
    return "released" if at < 0.9 else "in_work" if at < 0.97 else "obsolete"


def _assemblies(made: Catalogue, size: Size, draw: random.Random) -> None:
    for level in range(size.levels):
        places = []
        for _ in range(max(size.roots, round(size.roots * size.growth**level))):
            places.append(len(made.parts))
            cost = Decimal(draw.randrange(500_000)) / 10_000
            made.parts.append(
                Part(f"A{level:02d}-{len(made.parts):07d}", True, "each", cost, Decimal(0), _state(draw))
            )
        made.levels.append(places)
    made.first_bought = len(made.parts)


def _bought(made: Catalogue, size: Size, draw: random.Random) -> None:
    count = size.products - made.first_bought
    for at in range(count):
        unit = "each" if at < count // 20 else draw.choices(("each", "m", "kg", "l"), (90, 5, 3, 2))[0]
        cost = Decimal(100 + int(5_000_000 * draw.random() ** 6)) / 10_000
        mass = Decimal(1 + int(2_000_000 * draw.random() ** 4)) / 1_000_000
        number = f"P-{len(made.parts):07d}"
        revisions = 2 if draw.random() < 0.05 else 1
        made.parts.append(Part(number, False, unit, cost, mass, _state(draw), revisions))


def _subassemblies(made: Catalogue, size: Size, draw: random.Random, children: list[dict[int, None]]) -> int:
    """Put assemblies into assemblies; return how many lines that made."""
    for above, level in zip(made.levels, made.levels[1:], strict=False):
        for at, place in enumerate(level):
            children[above[at] if at < len(above) else draw.choice(above)][place] = None
    have = sum(len(below) for below in children)
    upper = made.first_bought - len(made.levels[-1])
    level_of = [level for level, places in enumerate(made.levels) for _ in places]
    while have < round(size.subs * upper):
        parent = draw.randrange(upper)
        next_level = level_of[parent] + 1
        target = next_level if draw.random() < 0.6 else draw.randrange(next_level, size.levels)
        row = made.levels[target]
        child = row[int(len(row) * draw.random() ** 2)]
        if child not in children[parent] and len(children[parent]) < size.subs * 2.2:
            children[parent][child] = None
            have += 1
    return have


def _spread_bought(made: Catalogue, wanted: int, draw: random.Random, children: list[dict[int, None]]) -> None:
    """Use every bought part once, then some again and again: 40 % of the rest are fasteners, the first twentieth."""
    first, count, assemblies = made.first_bought, len(made.parts) - made.first_bought, len(children)
    for at in range(count):
        children[at if at < assemblies else draw.randrange(assemblies)][first + at] = None
    left = wanted - count
    while left:
        parent = draw.randrange(assemblies)
        fastener = draw.random() < 0.4
        among, skew = (count // 20, 1.5) if fastener else (count, 1.4)
        child = first + int(among * draw.random() ** skew)
        if child not in children[parent]:
            children[parent][child] = None
            left -= 1


def _use(made: Catalogue, parent: int, child: int, find_number: int, draw: random.Random) -> Use:
    part = made.parts[child]
    since, until = SINCE, None
    if part.is_assembly:
        quantity = Decimal(1 if draw.random() < 0.8 else draw.randrange(2, 4))
    else:
        at = draw.random()
        if at < 0.04:
            since, until = dt.date(2018, 1, 1), dt.date(2025, 6, 30)
        elif at < 0.08:
            since = dt.date(2026, 7, 1)
        quantity = Decimal(1 + int(12 * draw.random() ** 2.5))
        if part.unit != "each":
            quantity = Decimal(draw.randrange(1, 5000)) / 1000
    whole = quantity == quantity.to_integral_value()
    designators = (f"R{parent % 97}-{find_number}",) if whole and not part.is_assembly else ()
    return Use(parent, child, find_number, quantity, since, until, designators)
