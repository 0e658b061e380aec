"""Delivery in sets: one call and one transaction for the many events that an import leaves behind.

Only what has never failed goes this way. A set that fails is undone as a whole and left to the relay, which then goes
event by event and finds the bad one.
"""

from __future__ import annotations

import uuid

import structlog
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from plm_project.core import clock
from plm_project.core.locks import Lock, try_take
from plm_project.outbox.models import Delivery, OutboxEvent
from plm_project.outbox.outcome import Outcome
from plm_project.outbox.registry import SetSubscriber, set_subscribers, subscribers_of
from plm_project.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

SET = 1000  # events a call: bounds the memory and the length of a transaction


def relay_in_sets(tenant_id: uuid.UUID) -> Outcome:
    """Deliver what waits for the subscribers that take sets. Returns at once where another relay is at work."""
    total = Outcome()
    for subscriber in set_subscribers():
        while (count := _deliver_set(tenant_id, subscriber)) is not None:
            total.delivered += count
            if count < SET:
                break
    total.settled += _settle(tenant_id)
    return total


def _deliver_set(tenant_id: uuid.UUID, subscriber: SetSubscriber) -> int | None:
    """Deliver one set; return its size, or None when it failed or another relay is at work."""
    try:
        with tenant_scope(tenant_id, atomic=True):
            if not try_take(Lock.OUTBOX_RELAY, tenant_id):
                return None
            events = list(_untouched(subscriber)[:SET])
            if events:
                with transaction.atomic():
                    subscriber.take(events)
                _note(events, subscriber)
            return len(events)
    except Exception:  # whatever it raises: the same events come one by one, and there the failure is noted
        log.exception("delivery of a set failed; its events are delivered one by one", subscriber=subscriber.name)
        return None


def _untouched(subscriber: SetSubscriber) -> QuerySet[OutboxEvent]:
    """Return the waiting events of the types that this subscriber was never given, where no earlier one of the same
    entity failed: those keep their order in the relay.
    """
    own = Delivery.objects.filter(subscriber=subscriber.name)
    failed = own.filter(delivered_at__isnull=True, event__entity_id=OuterRef("entity_id"))
    return (
        OutboxEvent.objects.filter(event_type__in=subscriber.event_types, settled_at__isnull=True)
        .exclude(Exists(own.filter(event=OuterRef("pk"))))
        .exclude(Exists(failed))
        .order_by("id")
    )


def _note(events: list[OutboxEvent], subscriber: SetSubscriber) -> None:
    moment = clock.now()
    Delivery.objects.bulk_create(
        [Delivery(event=event, subscriber=subscriber.name, attempts=1, delivered_at=moment) for event in events],
        batch_size=500,
    )


def _settle(tenant_id: uuid.UUID) -> int:
    """Settle, type by type, what all subscribers have by now; the relay settles the rest event by event."""
    settled = 0
    with tenant_scope(tenant_id, atomic=True):
        if not try_take(Lock.OUTBOX_RELAY, tenant_id):
            return 0
        for event_type in {name for subscriber in set_subscribers() for name in subscriber.event_types}:
            names = [subscriber.name for subscriber in subscribers_of(event_type)]
            had = Count(
                "deliveries", filter=Q(deliveries__subscriber__in=names, deliveries__delivered_at__isnull=False)
            )
            waiting = OutboxEvent.objects.filter(event_type=event_type, settled_at__isnull=True).order_by()
            done = waiting.annotate(had=had).filter(had=len(names)).values("pk")
            settled += OutboxEvent.objects.filter(pk__in=done).update(settled_at=clock.now())
    return settled
