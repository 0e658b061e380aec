"""Which events exist, and who wants to hear of them. Contexts register from ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plm_project.outbox.models import OutboxEvent

Handler = Callable[["OutboxEvent"], None]
SetHandler = Callable[[Sequence["OutboxEvent"]], None]


@dataclass(frozen=True)
class Subscriber:
    """``name`` is stored with every delivery and must never change or be used again for something else.

    ``in_sets``: it takes many events at once; one that stands alone comes as a set of one.
    """

    name: str
    event_type: str
    take: SetHandler
    in_sets: bool = False


@dataclass(frozen=True)
class SetSubscriber:
    """Everything that one name takes in sets."""

    name: str
    event_types: frozenset[str]
    take: SetHandler


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

    def take(events: Sequence[OutboxEvent]) -> None:
        for event in events:
            handler(event)

    _add(Subscriber(name, event_type, take))


def subscribe_many(event_type: str, *, name: str, handler: SetHandler) -> None:
    """The same for a handler that takes many events at once, in the order they happened.

    For what a catalogue of ten thousand products sets off: all that waits (up to ``relay.SET``) comes in one call and
    one transaction. When that fails, the events come one by one, so that one bad event holds back nobody else's.
    Who takes several types registers each under the same name and the same handler: their events come together, so
    that those of one entity keep their order whatever their types.
    """
    _add(Subscriber(name, event_type, handler, in_sets=True))


def _add(subscriber: Subscriber) -> None:
    known = _subscribers.get(subscriber.event_type, [])
    others = [entry for entry in known if entry.name != subscriber.name]
    _subscribers[subscriber.event_type] = [*others, subscriber]


def unsubscribe(event_type: str, *, name: str) -> None:
    """Take a subscriber out again."""
    _subscribers[event_type] = [entry for entry in _subscribers.get(event_type, []) if entry.name != name]


def subscribers_of(event_type: str) -> tuple[Subscriber, ...]:
    """Return the subscribers of an event type in the order they registered."""
    return tuple(_subscribers.get(event_type, ()))


def set_subscribers() -> tuple[SetSubscriber, ...]:
    """Return every subscriber that takes events in sets, with all the types it takes."""
    found: dict[str, SetSubscriber] = {}
    for event_type, entries in _subscribers.items():
        for entry in entries:
            if entry.in_sets:
                before = found[entry.name].event_types if entry.name in found else frozenset()
                found[entry.name] = SetSubscriber(entry.name, before | {event_type}, entry.take)
    return tuple(found.values())


def heard_event_types() -> list[str]:
    """Return the event types that somebody subscribes to."""
    return sorted(event_type for event_type, entries in _subscribers.items() if entries)
