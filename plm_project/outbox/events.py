"""Publishing: the event row in the same transaction as the change, the relay after the commit."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from plm_project.outbox.registry import event_types
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.references import CHUNK, CrossTenantReference, check_owner
from plm_project.tenancy.scope import require_tenant_id


def publish(actor: Actor, event_type: str, *, entity: TenantRecord, data: dict[str, Any]) -> OutboxEvent:
    """Record that ``event_type`` happened to ``entity`` and have it delivered after the commit.

    ``data`` may hold decimals, ids and dates; they are stored as JSON text, exact. Raises RuntimeError outside a
    transaction and ValueError for an event type that no context declared. The caller has locked or just made the entity.
    """
    return publish_many(actor, event_type, [(entity, data)])[0]


def publish_many(
    actor: Actor, event_type: str, happenings: Sequence[tuple[TenantRecord, dict[str, Any]]]
) -> list[OutboxEvent]:
    """The same for many entities, each at most once, with a few statements."""
    if not connection.in_atomic_block:
        raise RuntimeError("An event is published inside the transaction of what it tells of")
    if event_type not in event_types():
        raise ValueError(f"{event_type} is not a declared event type")
    tenant_id = require_tenant_id()
    if actor.tenant_id != tenant_id:
        raise CrossTenantReference("An actor publishes in their own tenant's scope")
    for entity, _data in happenings:
        check_owner(entity, tenant_id)
    last = _last_positions([entity.pk for entity, _data in happenings])
    events = [
        OutboxEvent(
            tenant_id=tenant_id,
            event_type=event_type,
            entity_type=entity._meta.label_lower,
            entity_id=entity.pk,
            user_id=actor.user_id,
            request_id=actor.request_id,
            event_data=data,
            position=last.get(entity.pk, 0) + 1,
        )
        for entity, data in happenings
    ]
    insert_in_bulk(OutboxEvent, events)
    relay_after_commit(tenant_id)
    return events


def _last_positions(entity_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    last: dict[uuid.UUID, int] = {}
    for start in range(0, len(entity_ids), CHUNK):
        rows = OutboxEvent.objects.filter(entity_id__in=entity_ids[start : start + CHUNK]).order_by()
        last.update(rows.values_list("entity_id").annotate(last=Max("position")))
    return last


def relay_after_commit(tenant_id: uuid.UUID) -> None:
    """Ask for the tenant's relay once per transaction, however many events it publishes."""
    pending = {entry[1] for entry in connection.run_on_commit}
    request = _RelayRequest(tenant_id)
    if request not in pending:
        # Robust: the change is committed; a failing relay must not turn its answer into an error. Django logs it,
        # the event stays unsettled, and the next relay delivers it.
        transaction.on_commit(request, robust=True)


class _RelayRequest:
    """A callback that can be recognised, so that a bulk import asks for one relay and not for ten thousand."""

    def __init__(self, tenant_id: uuid.UUID) -> None:
        self.tenant_id = tenant_id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _RelayRequest) and other.tenant_id == self.tenant_id

    def __hash__(self) -> int:
        return hash(self.tenant_id)

    def __call__(self) -> None:
        if settings.CELERY_BROKER_URL:
            from plm_project.outbox.tasks import relay

            relay.delay(str(self.tenant_id))
        else:
            from plm_project.outbox.relay import relay_and_seal

            relay_and_seal(self.tenant_id)
