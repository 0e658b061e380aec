"""The relay: takes unsettled events to their subscribers. At least once, in order per entity, resumable.

A crash at any point leaves the event unsettled or settled, never lost: the delivery note and the handler's own writes
are one transaction. A handler that fails holds back later events of the same entity for the same subscriber only.
"""

from __future__ import annotations

import datetime as dt
import uuid

import structlog
from django.db import connection, transaction

from plm_project.core import clock
from plm_project.core.locks import Lock, try_take
from plm_project.outbox.models import Delivery, OutboxEvent
from plm_project.outbox.outcome import Outcome
from plm_project.outbox.registry import Subscriber, heard_event_types, subscribers_of
from plm_project.outbox.sets import relay_in_sets
from plm_project.tenancy.audit.chain import AT_ONCE, trail_seal
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12  # with the waits below about a day; then the delivery waits for an operator (admin: Deliver again)
FIRST_WAIT = dt.timedelta(seconds=5)
LONGEST_WAIT = dt.timedelta(hours=6)


def relay_all() -> Outcome:
    """Relay for every active tenant."""
    total = Outcome()
    for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        total += relay_tenant(tenant_id)
    return total


def relay_tenant(tenant_id: uuid.UUID) -> Outcome:
    """Deliver everything of the tenant that is due, entity by entity, each event in a transaction of its own.

    Another relay at work on the same tenant makes this one return at once: that one will see our events, or the next
    sweep does.
    """
    total = Outcome(settled=_settle_unheard(tenant_id)) + relay_in_sets(tenant_id)
    tried: set[uuid.UUID] = set()
    while waiting := [pair for pair in _waiting(tenant_id) if pair[0] not in tried]:
        for event_id, entity_id in waiting:
            if event_id in tried:
                continue
            outcome = _relay_entity(tenant_id, entity_id, tried)
            if outcome is None:
                return total
            total += outcome
            tried.add(event_id)
    return total


def relay_and_seal(tenant_id: uuid.UUID) -> None:
    """What follows a transaction that published events: they are delivered, and what it wrote to the audit trail is sealed."""
    relay_tenant(tenant_id)
    with tenant_scope(tenant_id):
        trail_seal(AT_ONCE, at_once=True)


def _settle_unheard(tenant_id: uuid.UUID) -> int:
    """Settle at once what nobody listens to; the events stay on record."""
    with tenant_scope(tenant_id):
        waiting = OutboxEvent.objects.filter(settled_at__isnull=True)
        return waiting.exclude(event_type__in=heard_event_types()).update(settled_at=clock.now())


def _waiting(tenant_id: uuid.UUID) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return (event, entity) of all that wait, oldest first.

    All of them, and again until there is nothing new: an event's id is older than its commit, so one that another
    transaction has just committed may lie before those already tried.
    """
    with tenant_scope(tenant_id):
        events = OutboxEvent.objects.filter(settled_at__isnull=True).order_by("id")
        return list(events.values_list("id", "entity_id"))


def _relay_entity(tenant_id: uuid.UUID, entity_id: uuid.UUID, tried: set[uuid.UUID]) -> Outcome | None:
    """Deliver one entity's waiting events in order, noting them in ``tried``. None when another relay is at work."""
    total = Outcome()
    blocked: set[str] = set()
    with tenant_scope(tenant_id):
        waiting = OutboxEvent.objects.filter(entity_id=entity_id, settled_at__isnull=True)
        event_ids = list(waiting.order_by("position").values_list("pk", flat=True))
    for event_id in event_ids:
        tried.add(event_id)
        with tenant_scope(tenant_id, atomic=True):
            if not try_take(Lock.OUTBOX_RELAY, tenant_id):
                return None
            event = OutboxEvent.objects.select_for_update().filter(pk=event_id, settled_at__isnull=True).first()
            if event is not None:
                total += _deliver_to_all(event, blocked)
    return total


def _deliver_to_all(event: OutboxEvent, blocked: set[str]) -> Outcome:
    """Deliver one event; a subscriber that fails here gets no later event of this entity in this run."""
    outcome = Outcome()
    for subscriber in subscribers_of(event.event_type):
        if subscriber.name not in blocked and not _deliver(event, subscriber, outcome):
            blocked.add(subscriber.name)
    if not blocked.intersection(subscriber.name for subscriber in subscribers_of(event.event_type)):
        OutboxEvent.objects.filter(pk=event.pk).update(settled_at=clock.now())
        outcome.settled = 1
    return outcome


def _deliver(event: OutboxEvent, subscriber: Subscriber, outcome: Outcome) -> bool:
    """Call one subscriber unless it has the event already; return whether it has it now."""
    delivery, _created = Delivery.objects.get_or_create(event=event, subscriber=subscriber.name)
    if delivery.delivered_at is not None:
        return True
    moment = clock.now()
    if delivery.attempts >= MAX_ATTEMPTS or (delivery.next_attempt_at and delivery.next_attempt_at > moment):
        return False
    delivery.attempts += 1
    try:
        with transaction.atomic():
            subscriber.take([event])
    except Exception as error:  # whatever a subscriber raises is its failure, noted and tried again
        log.exception("event delivery failed", subscriber=subscriber.name, event_id=str(event.pk))
        delivery.last_error = f"{type(error).__name__}: {error}"[:500]
        delivery.next_attempt_at = moment + min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
        outcome.failed += 1
    else:
        delivery.delivered_at, delivery.next_attempt_at, delivery.last_error = clock.now(), None, ""
        outcome.delivered += 1
    delivery.save()
    return delivery.delivered_at is not None


def retry_now(delivery: Delivery) -> None:
    """Make a waiting or given-up delivery due again. The relay that follows tries it."""
    if not connection.in_atomic_block:
        raise RuntimeError("A delivery is made due inside a transaction")
    Delivery.objects.filter(pk=delivery.pk, delivered_at__isnull=True).update(attempts=0, next_attempt_at=None)
