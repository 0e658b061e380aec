"""Which events exist, and who wants to hear of them. Contexts register from ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plm_project.outbox.models import OutboxEvent

Handler = Callable[["OutboxEvent"], None]


@dataclass(frozen=True)
class Subscriber:
    """``name`` is stored with every delivery and must never change or be used again for something else."""

    name: str
    event_type: str
    handler: Handler


_event_types: set[str] = set()
_subscribers: dict[str, list[Subscriber]] = {}


def declare(event_types_: Iterable[str]) -> None:
    """Declare the event types a context publishes."""
    _event_types.update(event_types_)


def event_types() -> frozenset[str]:
    """Return every declared event type."""
    return frozenset(_event_types)


def subscribe(event_type: str, *, name: str, handler: Handler) -> None:
    """Have ``handler(event)`` called for each event of the type, inside the tenant's scope and a transaction.

    The handler's writes are committed together with the note that it ran, so they happen once. Anything it does
    outside the database may happen again after a crash and must carry the event_id. Registering again replaces.
    """
    known = [subscriber for subscriber in _subscribers.get(event_type, []) if subscriber.name != name]
    _subscribers[event_type] = [*known, Subscriber(name, event_type, handler)]


def unsubscribe(event_type: str, *, name: str) -> None:
    """Take a subscriber out again."""
    _subscribers[event_type] = [entry for entry in _subscribers.get(event_type, []) if entry.name != name]


def subscribers_of(event_type: str) -> tuple[Subscriber, ...]:
    """Return the subscribers of an event type in the order they registered."""
    return tuple(_subscribers.get(event_type, ()))


def heard_event_types() -> list[str]:
    """Return the event types that somebody subscribes to."""
    return sorted(event_type for event_type, entries in _subscribers.items() if entries)
