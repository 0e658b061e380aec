"""What a contract would send about something now."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from integrations.choices import DeliveryState
from integrations.contracts.base import Contract, Fault, Subject
from integrations.contracts.judging import payload_faults
from integrations.models import Delivery
from integrations.selectors.deliveries import payload_changes
from plm_project.core.exceptions import NotFound
from plm_project.outbox.models import OutboxEvent

LOOKED_BACK = 50  # events


@dataclass(frozen=True)
class PayloadChange:
    """A leaf that differs from what the other side last got."""

    path: str
    before: Any
    now: Any


@dataclass(frozen=True)
class DryRun:
    """``changes`` is None where nothing about it was ever delivered."""

    payload: dict[str, Any]
    faults: list[Fault]
    changes: list[PayloadChange] | None


def _subject(entry: Contract, entity_id: uuid.UUID) -> Subject:
    """Return the latest event of the thing that sets the contract off; what tells how something stands needs none."""
    rows = OutboxEvent.objects.filter(entity_id=entity_id, event_type__in=entry.triggers).order_by("-position")
    for event in rows[:LOOKED_BACK]:
        subject = Subject(event.pk, event.event_type, entity_id, event.event_data)
        if entry.wants(subject):
            return subject
    if entry.tells_events:
        raise NotFound(_("Nothing has happened to it that this contract tells of."))
    return Subject(uuid.UUID(int=0), entry.triggers[0], entity_id)


def dry_run(entry: Contract, entity_id: uuid.UUID) -> DryRun:
    """Gather, map and validate as a delivery would. Raises NotFound for what is not there. Writes and sends nothing."""
    try:
        facts = entry.gather(_subject(entry, entity_id))
    except ObjectDoesNotExist as error:
        raise NotFound(_("There is no such record.")) from error
    payload = entry.map(facts)
    delivered = Delivery.objects.filter(
        contract_key=entry.key, entity_id=entity_id, state=DeliveryState.DELIVERED
    ).order_by("-id")
    before = delivered.values_list("payload", flat=True).first()
    changes = None if before is None else [PayloadChange(*change) for change in payload_changes(before, payload)]
    return DryRun(payload, entry.validate(facts) or payload_faults(entry, payload), changes)
