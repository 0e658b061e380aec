"""Deliveries in lists and alone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from integrations.choices import OPEN_STATES, DeliveryState
from integrations.models import Delivery
from plm_project.core.exceptions import NotFound


@dataclass(frozen=True)
class DeliveryFilter:
    """What a list is narrowed by; empty means: all. ``q`` searches what it is about and the reason."""

    q: str = ""
    neighbour: str = ""
    contract: str = ""
    state: Sequence[str] = ()
    event_type: str = ""
    entity: uuid.UUID | None = None
    webhook: uuid.UUID | None = None
    assignee: uuid.UUID | None = None


def delivery_list(wanted: DeliveryFilter | None = None) -> QuerySet[Delivery]:
    """Return deliveries, newest first, without what was sent (it may be long)."""
    wanted = wanted or DeliveryFilter()
    rows = Delivery.objects.select_related("target__webhook", "assignee").defer("payload", "answer", "event_data")
    if wanted.q:
        rows = rows.filter(Q(entity_label__icontains=wanted.q) | Q(reason__icontains=wanted.q))
    if wanted.state:
        rows = rows.filter(state__in=wanted.state)
    exact: dict[str, Any] = {
        "target__neighbour_key": wanted.neighbour,
        "contract_key": wanted.contract,
        "event_type": wanted.event_type,
        "entity_id": wanted.entity,
        "assignee_id": wanted.assignee,
        "target__webhook": wanted.webhook,
    }
    found: QuerySet[Delivery] = rows.filter(**{name: value for name, value in exact.items() if value})
    return found.order_by("-id")


def delivery_get(delivery_id: uuid.UUID) -> Delivery:
    """Return one with target, assignee and attempts; raise NotFound."""
    rows = Delivery.objects.select_related("target__webhook", "assignee").prefetch_related("attempts")
    delivery: Delivery | None = rows.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound(_("There is no such delivery."))
    return delivery


@dataclass(frozen=True)
class Decision:
    """What a person did about a delivery, or a command in somebody's name."""

    when: dt.datetime
    who: str
    what: str
    state: str


def delivery_decisions(delivery: Delivery) -> list[Decision]:
    """Return what people decided about it, newest first."""
    states = dict(DeliveryState.choices)
    return [
        Decision(row.history_date, row.history_actor, row.history_change_reason or "", str(states[row.state]))
        for row in delivery.history.order_by("-history_date", "-history_id")
    ]


def waiting_behind(delivery: Delivery) -> int:
    """Return how many later deliveries about the same thing wait for this one."""
    later = Delivery.objects.filter(target_id=delivery.target_id, entity_id=delivery.entity_id, id__gt=delivery.pk)
    return later.filter(state__in=OPEN_STATES).count() if delivery.is_open else 0


def delivery_changes(delivery: Delivery) -> list[tuple[str, Any, Any]] | None:
    """Return what differs from what the other side last got about the same thing: (path, before, now), by path.

    None where it got nothing before, or nothing has been made of this one yet.
    """
    if delivery.payload is None:
        return None
    earlier = Delivery.objects.filter(
        target_id=delivery.target_id, contract_key=delivery.contract_key, entity_id=delivery.entity_id,
        state=DeliveryState.DELIVERED, id__lt=delivery.pk,
    )  # fmt: skip
    before = earlier.order_by("-id").values_list("payload", flat=True).first()
    return None if before is None else payload_changes(before, delivery.payload)


def payload_changes(before: Any, now: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Return the differences of two JSON documents, leaf by leaf; what is missing on one side is None there."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = sorted({*before, *now})
        pairs = [(f"{path}.{name}" if path else name, before.get(name), now.get(name)) for name in names]
    elif isinstance(before, list) and isinstance(now, list):
        longest = max(len(before), len(now))
        pairs = [
            (f"{path}[{at}]", before[at] if at < len(before) else None, now[at] if at < len(now) else None)
            for at in range(longest)
        ]
    else:
        return [] if before == now else [(path, before, now)]
    return [change for where, old, new in pairs for change in payload_changes(old, new, where)]
