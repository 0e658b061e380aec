"""A contract: what one neighbour is told about one thing, as data with pure functions.

``gather`` reads what is needed, once and inside the tenant's scope. ``validate`` and ``map`` are pure: the same facts
give the same faults and the same payload, which is what a dry run shows. ``apply`` writes what the answer means for us.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from plm_project.core.actor import Actor


@dataclass(frozen=True)
class Subject:
    """What happened, to what. ``data`` is the event's own."""

    event_id: uuid.UUID
    event_type: str
    entity_id: uuid.UUID
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One thing that speaks against sending. ``code`` is the contract's name for it, ``where`` the field of the payload."""

    code: str
    where: str
    message: str


def always(subject: Subject) -> bool:
    """Want every event of the contract's triggers."""
    return True


def no_faults(facts: Any) -> list[Fault]:
    """Nothing can be wrong."""
    return []


@dataclass(frozen=True)
class Contract:
    """One promise to one neighbour. ``key`` and ``version`` are stored with every delivery and never change meaning.

    ``schema`` and ``answer_schema`` are JSON Schema (2020-12) of what goes out and what comes back with one of
    ``success``. ``triggers`` are the event types after which it is kept, unless ``wants`` says no to one.

    ``begin`` notes in our own records that a call is on its way and returns what to go back to; ``apply`` takes the
    answer in, in the transaction that settles the delivery; ``undo`` goes back when the other side refuses for good.
    """

    key: str
    version: int
    neighbour: str
    title: str | Promise
    path: str
    triggers: tuple[str, ...]
    schema: Mapping[str, Any]
    answer_schema: Mapping[str, Any]
    gather: Callable[[Subject], Any]
    map: Callable[[Any], dict[str, Any]]
    validate: Callable[[Any], list[Fault]] = no_faults
    wants: Callable[[Subject], bool] = always
    begin: Callable[[Actor, uuid.UUID], Any] | None = None
    apply: Callable[[Actor, uuid.UUID, Mapping[str, Any]], None] | None = None
    undo: Callable[[Actor, uuid.UUID, Any], None] | None = None
    # Whether it tells of the events themselves and not of how something stands: then each event counts, the delivery
    # keeps the event's data, and what was missed is every event, not the latest of each thing.
    tells_events: bool = False
    # Whether an answer says anything; else its status alone counts.
    reads_answer: bool = True
    method: str = "POST"
    success: frozenset[int] = frozenset({200, 201, 202})
    mapping: tuple[tuple[str, str], ...] = ()
    validations: tuple[str, ...] = ()
