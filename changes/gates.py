"""Release gates: what must hold before a change may release its products. Contexts above register theirs from
``AppConfig.ready()``; this context asks them and knows none.

A gate judges what the change *will* make: the lines as its redlines leave them, on the day they take effect.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from plm_project.core.actor import Actor


@dataclass(frozen=True)
class PlannedLine:
    """What a line of a released-to-be revision builds in on the day or later: its part, or one of its substitutes."""

    child_id: uuid.UUID
    find_number: int


@dataclass(frozen=True)
class PlannedProduct:
    """One product as the change will release it. ``revision_id`` is the revision that is released where there is one
    already (a product never released before); None where the change makes it, from ``base_id``. ``key`` names it in
    refusals.
    """

    key: str
    product_id: uuid.UUID
    product_number: str
    product_type: str
    revision_id: uuid.UUID | None
    base_id: uuid.UUID
    lines: tuple[PlannedLine, ...]


@dataclass(frozen=True)
class PlannedRelease:
    """All that one change releases together, effective on ``day``. ``change_id`` is None where a context asks its own gate
    about something that no change releases.
    """

    day: dt.date
    products: tuple[PlannedProduct, ...]
    change_id: uuid.UUID | None = None


@dataclass(frozen=True)
class GateFinding:
    """Why the gate holds a product. ``product_id`` is one of the release's; ``url`` where it is mended; ``part_number``
    the part behind it (empty where no part is), ``path`` the numbers from the product down to it.
    """

    product_id: uuid.UUID
    product_number: str
    message: str
    url: str
    part_number: str = ""
    path: tuple[str, ...] = ()


GateCheck = Callable[[PlannedRelease], Sequence[GateFinding]]


@dataclass(frozen=True)
class ReleaseGate:
    """``check`` returns what holds the release, nothing when it may pass; it reads only. ``lock``, called inside the
    implementing transaction before the structure is locked, keeps what it reads as it is. ``is_asked``, where there is one,
    says whether the running tenant wants the gate at all.
    """

    key: str
    title: str | Promise
    check: GateCheck
    lock: Callable[[Actor], None] | None = None
    is_asked: Callable[[], bool] | None = None


@dataclass(frozen=True)
class GateResult:
    """What one gate says."""

    gate: ReleaseGate
    findings: tuple[GateFinding, ...]

    @property
    def passed(self) -> bool:
        """Whether it lets the release through."""
        return not self.findings


_gates: dict[str, ReleaseGate] = {}


def register_release_gate(gate: ReleaseGate) -> None:
    """Add a gate. Registering the same one again changes nothing. Raises ValueError when another has its key."""
    if _gates.setdefault(gate.key, gate) != gate:
        raise ValueError(f"There is a release gate {gate.key} already")


def unregister_release_gate(key: str) -> None:
    """Take a gate away again."""
    _gates.pop(key, None)


def release_gates() -> tuple[ReleaseGate, ...]:
    """Return the gates in the order they registered."""
    return tuple(_gates.values())
