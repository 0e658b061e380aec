"""The simulated neighbours on a port of their own, and targets that lead there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from integrations.models import Target
from integrations.services import target_save
from integrations.simulators.server import Simulator
from plm_project.core.actor import Actor
from plm_project.outbox.relay import relay_tenant

TOKEN = "kept-secret-7431"
MANUFACTURING, TWINS = "manufacturing", "digital_twin_marketplace"


@pytest.fixture(scope="session")
def one_simulator() -> Iterator[Simulator]:
    with Simulator(slow_seconds=0.3) as simulator:
        yield simulator


@pytest.fixture
def simulator(one_simulator: Simulator) -> Simulator:
    """The neighbours, as if just started; breakers closed."""
    one_simulator.forget()
    cache.clear()
    return one_simulator


def configure(actor: Actor, simulator: Simulator, *keys: str, token: str = TOKEN) -> list[Target]:
    """Lead these neighbours to the simulator."""
    return [
        target_save(actor=actor, neighbour_key=key, base_url=simulator.url, token=token, allow_private=True)
        for key in keys
    ]


def relay(actor: Actor) -> None:
    """Deliver the outbox's events, as happens after the commit."""
    relay_tenant(actor.tenant_id)
