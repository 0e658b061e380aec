"""What else a change does to the products on top: measures that contexts above add from ``AppConfig.ready()``.

A measure judges structures, each with its product at the root: as they are in force, and as the change would leave them.
A touch names what outside the structure hears of the affected products: twins, deliveries, sessions.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from products.selectors.graph import Structure


@dataclass(frozen=True)
class Verdict:
    """What one structure is found to be. ``rank``: the higher, the worse; ``code`` is for programs, ``parts`` are the
    numbers of what makes it so.
    """

    code: str
    label: str
    rank: int
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """``judge`` returns one verdict for each structure, in their order, with a number of queries that does not depend
    on how many there are.
    """

    key: str
    title: str | Promise
    judge: Callable[[Sequence[Structure]], Sequence[Verdict]]


@dataclass(frozen=True)
class Touched:
    """One thing that hears of the change, with the page where it is seen."""

    product_number: str
    text: str
    url: str


@dataclass(frozen=True)
class Touch:
    """``find`` returns what the products (ids) touch, with a fixed number of queries. Shown to who has ``permission``."""

    key: str
    title: str | Promise
    permission: str
    find: Callable[[Sequence[uuid.UUID]], Sequence[Touched]]


_measures: dict[str, Measure] = {}
_touches: dict[str, Touch] = {}


def register_measure(measure: Measure) -> None:
    """Add a measure. The same one again changes nothing. Raises ValueError when another has its key."""
    if _measures.setdefault(measure.key, measure) != measure:
        raise ValueError(f"There is a measure {measure.key} already")


def register_touch(touch: Touch) -> None:
    """Add a touch. The same one again changes nothing. Raises ValueError when another has its key."""
    if _touches.setdefault(touch.key, touch) != touch:
        raise ValueError(f"There is a touch {touch.key} already")


def measures() -> tuple[Measure, ...]:
    """Return the measures in the order they registered."""
    return tuple(_measures.values())


def touches() -> tuple[Touch, ...]:
    """Return the touches in the order they registered."""
    return tuple(_touches.values())
