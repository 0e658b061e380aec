"""How the integrations of a tenant fare, in the form of SPEC §7."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count

from integrations.choices import Outcome
from integrations.models import Attempt
from integrations.selectors.board import LATELY, Standing, board
from plm_project.core import clock

Status = Literal["healthy", "degraded", "unhealthy"]


@dataclass(frozen=True)
class Health:
    """``dependencies``: the one word of each neighbour; ``integrations``: figures of those that are configured;
    ``error_counts``: failed calls of the last hour by outcome.
    """

    status: Status
    timestamp: dt.datetime
    dependencies: dict[str, str]
    integrations: dict[str, Any]
    error_counts: dict[str, int]


def integrations_health() -> Health:
    """Return it in four statements.

    unhealthy: every neighbour in use has an open breaker; degraded: one of them has, or something waits for a person;
    healthy: neither. What is not configured, or switched off, counts in nothing.
    """
    cards = board()
    used = [card for card in cards if card.target is not None and card.target.is_enabled]
    failed = Attempt.objects.filter(started_at__gte=clock.now() - LATELY).exclude(outcome=Outcome.SUCCESS)
    return Health(
        status=_status(used),
        timestamp=clock.now(),
        dependencies={card.neighbour.key: card.health for card in cards},
        integrations={card.neighbour.key: _figures(card) for card in cards if card.target is not None},
        error_counts=dict(failed.order_by().values_list("outcome").annotate(count=Count("id"))),
    )


def _status(used: list[Standing]) -> Status:
    if used and all(card.breaker.state == "open" for card in used):
        return "unhealthy"
    return "degraded" if any(card.health == "trouble" for card in used) else "healthy"


def _figures(card: Standing) -> dict[str, Any]:
    return {
        "is_enabled": bool(card.target and card.target.is_enabled),
        "breaker": card.breaker.state,
        "waiting": card.waiting,
        "review": card.review,
        "delivered": card.delivered,
        "last_success": card.last_success,
        "oldest_waiting_since": card.oldest,
        "calls_last_hour": card.calls,
        "failed_last_hour": card.failures,
    }
