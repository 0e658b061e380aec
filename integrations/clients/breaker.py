"""The circuit breaker of one neighbour of one tenant: 5 failures in a row open it, 60 s later one trial call (SPEC §7).

Its state lies in Django's cache, so that all processes see the same one (ADR 0019). What is lost with the cache is the
memory of failures, never a delivery.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

import structlog
from django.core.cache import cache
from prometheus_client import Counter

from integrations.exceptions import BreakerOpen
from plm_project.core import clock
from plm_project.ops.metrics import REGISTRY

log = structlog.get_logger(__name__)

FAILURES = 5
OPEN_SECONDS = 60.0
TRIAL_SECONDS = 45  # longer than a call may take; a trial that died with its process is given out again after this
FORGET_SECONDS = 3600  # failures further apart than this are not in a row

CHANGES = Counter(
    "plm_integration_breaker_changes", "Circuit breakers that opened or closed", ["neighbour", "to"], registry=REGISTRY
)

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True)
class BreakerState:
    """How it stands. ``retry_in`` are the seconds until a trial is allowed, 0 where nothing has to wait."""

    state: State
    failures: int
    retry_in: float = 0.0


class Breaker:
    """Ask ``admit`` before a call and tell ``succeeded`` or ``failed`` after it."""

    def __init__(self, tenant_id: uuid.UUID, neighbour: str) -> None:
        self.neighbour = neighbour.partition(".")[0]  # of all webhooks there is one figure
        base = f"breaker:{tenant_id}:{neighbour}"
        self._failures, self._opened, self._trial = f"{base}:failures", f"{base}:opened", f"{base}:trial"

    def admit(self) -> None:
        """Let a call through, or raise BreakerOpen with the time to wait. Of many callers one gets the trial."""
        opened: float | None = cache.get(self._opened)
        if opened is None:
            return
        wait = opened + OPEN_SECONDS - clock.now().timestamp()
        if wait > 0:
            raise BreakerOpen(wait)
        if not cache.add(self._trial, 1, TRIAL_SECONDS):
            raise BreakerOpen(1.0)

    def succeeded(self) -> None:
        """The neighbour answers: forget what was."""
        was_open = cache.get(self._opened) is not None
        cache.delete_many([self._failures, self._opened, self._trial])
        if was_open:
            self._tell("closed")

    def failed(self) -> None:
        """The neighbour does not: count, and open at the fifth or when the trial failed."""
        cache.add(self._failures, 0, FORGET_SECONDS)
        try:
            failures = cache.incr(self._failures)
        except ValueError:  # forgotten between the two lines
            cache.set(self._failures, failures := 1, FORGET_SECONDS)
        was_open = cache.get(self._opened) is not None
        if failures >= FAILURES or was_open:
            cache.set(self._opened, clock.now().timestamp(), None)
            cache.delete(self._trial)
            if not was_open:
                self._tell("open")

    def state(self) -> BreakerState:
        """Return how it stands, without taking a trial."""
        failures = int(cache.get(self._failures) or 0)
        opened: float | None = cache.get(self._opened)
        if opened is None:
            return BreakerState("closed", failures)
        wait = opened + OPEN_SECONDS - clock.now().timestamp()
        return BreakerState("open", failures, wait) if wait > 0 else BreakerState("half_open", failures)

    def reset(self) -> None:
        """Close it by hand: the address has changed, so what was says nothing any more."""
        cache.delete_many([self._failures, self._opened, self._trial])

    def _tell(self, to: str) -> None:
        CHANGES.labels(neighbour=self.neighbour, to=to).inc()
        log.warning("breaker_changed", neighbour=self.neighbour, to=to)
