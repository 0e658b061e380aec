"""How each of the twelve neighbours fares: the board's question, in three statements."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.db.models import Count, Max, Min, Q

from integrations.choices import DeliveryState, Outcome
from integrations.clients.breaker import Breaker, BreakerState
from integrations.contracts.base import Contract
from integrations.contracts.registry import contracts_of
from integrations.models import Attempt, Delivery, Target
from integrations.neighbours import Neighbour, neighbour, neighbours
from plm_project.core import clock
from plm_project.tenancy.scope import require_tenant_id

LATELY = dt.timedelta(hours=1)
Health = Literal["unconfigured", "off", "good", "busy", "trouble"]


@dataclass(frozen=True)
class Standing:
    """One neighbour: how it is configured, and what of its news has arrived.

    ``calls`` and ``failures`` are those of the last hour; ``oldest`` is since when the oldest open delivery waits.
    """

    neighbour: Neighbour
    contracts: tuple[Contract, ...]
    target: Target | None
    breaker: BreakerState
    waiting: int = 0
    review: int = 0
    delivered: int = 0
    last_success: dt.datetime | None = None
    oldest: dt.datetime | None = None
    calls: int = 0
    failures: int = 0

    @property
    def error_percent(self) -> int | None:
        """Failed calls of the last hour in per cent; None where none was made."""
        return round(self.failures * 100 / self.calls) if self.calls else None

    @property
    def health(self) -> Health:
        """The one word of its card."""
        if self.target is None:
            return "unconfigured"
        if not self.target.is_enabled:
            return "off"
        if self.review or self.breaker.state != "closed":
            return "trouble"
        return "busy" if self.waiting else "good"


def board(only: str = "") -> list[Standing]:
    """Return all twelve in their order, or the one of a key."""
    wanted = (neighbour(only),) if only else neighbours()
    keys = [entry.key for entry in wanted]
    tenant_id, since = require_tenant_id(), clock.now() - LATELY
    targets = {target.neighbour_key: target for target in Target.objects.filter(neighbour_key__in=keys)}
    ids = [target.pk for target in targets.values()]
    open_now = Q(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    counted = {
        row["target_id"]: row
        for row in Delivery.objects.filter(target_id__in=ids)
        .order_by()
        .values("target_id")
        .annotate(
            waiting=Count("id", filter=open_now),
            review=Count("id", filter=Q(state=DeliveryState.REVIEW)),
            delivered=Count("id", filter=Q(state=DeliveryState.DELIVERED)),
            last_success=Max("delivered_at"),
            oldest=Min("created_at", filter=open_now | Q(state=DeliveryState.REVIEW)),
        )
    }
    called = {
        row["delivery__target_id"]: row
        for row in Attempt.objects.filter(started_at__gte=since, delivery__target_id__in=ids)
        .exclude(outcome=Outcome.INVALID)
        .order_by()
        .values("delivery__target_id")
        .annotate(calls=Count("id"), failures=Count("id", filter=~Q(outcome=Outcome.SUCCESS)))
    }
    found = []
    for entry in wanted:
        target = targets.get(entry.key)
        facts = dict(counted.get(target.pk, {})) if target else {}
        facts |= called.get(target.pk, {}) if target else {}
        names = ("waiting", "review", "delivered", "last_success", "oldest", "calls", "failures")
        values = {name: facts[name] for name in names if name in facts}
        breaker = Breaker(tenant_id, entry.key).state() if target else BreakerState("closed", 0)
        found.append(Standing(entry, contracts_of(entry.key), target, breaker, **values))
    return found
