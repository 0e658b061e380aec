"""What a reader of files hands over: products and lines by number, with the place in the file each came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from products.choices import LifecyclePhase, RevisionState


@dataclass(frozen=True, slots=True)
class ImportFault:
    """One thing wrong in a file; with any of them nothing is written. ``row`` counts the file's lines from 1."""

    file: str
    row: int
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ProductSpec:
    """A product to create, or to bring to these values. ``fields`` are columns of Product that the file gives.

    ``state`` and ``phase`` hold for a new product alone: a known one moves by its transitions.
    """

    number: str
    fields: Mapping[str, Any]
    file: str
    row: int
    state: RevisionState = RevisionState.IN_WORK
    phase: LifecyclePhase = LifecyclePhase.CONCEPT
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class LineSpec:
    """A line to create, or to bring to these values. ``unit`` "" takes the child's; no find number: after the last.

    ``use`` are the fields that ``line_use.read_line_use`` found; those it does not name stay as they are.
    """

    parent: str
    child: str
    quantity: Decimal
    file: str
    row: int
    unit: str = ""
    find_number: int | None = None
    reference_designators: tuple[str, ...] = ()
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    notes: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    use: Mapping[str, Any] = field(default_factory=dict)
