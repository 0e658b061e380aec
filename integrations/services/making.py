"""Turning events into deliveries: one for each contract of a configured neighbour that the event sets off."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.contracts.base import Contract, Subject
from integrations.contracts.registry import contracts_triggered_by
from integrations.models import Delivery, Target, Webhook
from integrations.neighbours import WEBHOOK
from integrations.workers import send_after_commit
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.id_sets import in_ids

LABELS = ("product_number", "parent_product_number", "change_number", "title")


Owed = tuple[OutboxEvent, Contract, Target]


def deliveries_make(*, actor: Actor, events: Sequence[OutboxEvent]) -> list[Delivery]:
    """Make what these events owe to neighbours and webhooks that are switched on, and have it sent after the commit.

    Told twice of an event, it makes nothing the second time. Few statements, whatever the number of events.
    """
    enabled = Target.objects.filter(is_enabled=True)
    targets = {target.neighbour_key: target for target in enabled.exclude(neighbour_key=WEBHOOK.key)}
    webhooks = list(Webhook.objects.filter(target__is_enabled=True).select_related("target").order_by("id"))
    owed: list[Owed] = []
    for event in events:
        for entry in contracts_triggered_by(event.event_type):
            if entry.neighbour == WEBHOOK.key:
                owed += [(event, entry, webhook.target) for webhook in webhooks if webhook.wants(event.event_type)]
            elif entry.neighbour in targets:
                owed.append((event, entry, targets[entry.neighbour]))
    return deliveries_owed(actor, owed)


def deliveries_owed(actor: Actor, owed: Sequence[Owed]) -> list[Delivery]:
    """Make those of these deliveries that are not there yet, and that their contracts want."""
    if not owed:
        return []
    ids = sorted({event.pk for event, _entry, _target in owed})
    known = set(
        Delivery.objects.filter(in_ids("event_id", ids))
        .order_by()
        .values_list("event_id", "contract_key", "target_id")
    )
    made = [
        _delivery(actor, event, entry, target)
        for event, entry, target in owed
        if (event.pk, entry.key, target.pk) not in known
        and entry.wants(Subject(event.pk, event.event_type, event.entity_id, event.event_data))
    ]
    if made:
        insert_in_bulk(Delivery, made)
        send_after_commit(actor.tenant_id, sorted({(entry.target_id, entry.target.neighbour_key) for entry in made}))
    return made


def _delivery(actor: Actor, event: OutboxEvent, entry: Contract, target: Target) -> Delivery:
    data = event.event_data
    label = next((str(data[name]) for name in LABELS if data.get(name)), "")
    return Delivery(
        tenant_id=actor.tenant_id,
        target=target,
        contract_key=entry.key,
        contract_version=entry.version,
        event_id=event.pk,
        event_type=event.event_type,
        event_data=data if entry.tells_events else {},
        entity_id=event.entity_id,
        entity_label=label[:200],
        next_try_at=clock.now(),
        version=1,
    )
