"""Subscribers that write down what they heard, and one entity to tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plm_project.core.actor import Actor
from plm_project.outbox import registry
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create

TYPES = ("test_moved", "test_painted", "test_unheard")


@pytest.fixture(autouse=True)
def _event_types() -> Iterator[None]:
    """Declare the events of these tests, and forget them and their subscribers afterwards."""
    known, subscribers = set(registry._event_types), {k: list(v) for k, v in registry._subscribers.items()}
    registry.declare(TYPES)
    yield
    registry._event_types.clear()
    registry._event_types.update(known)
    registry._subscribers.clear()
    registry._subscribers.update(subscribers)


@pytest.fixture
def heard() -> Callable[..., list[Any]]:
    """Subscribe to the moved events; return the list they arrive in: ``heard("name", fail=…)``."""

    def subscribe(name: str, *, fail: Callable[[Any], bool] = lambda event: False, to: str = TYPES[0]) -> list[Any]:
        arrived: list[Any] = []

        def handler(event: Any) -> None:
            if fail(event):
                raise ConnectionError(f"{name} is down")
            arrived.append((event.entity_id, event.event_data["n"]))

        registry.subscribe(to, name=name, handler=handler)
        return arrived

    return subscribe


@pytest.fixture
def acme(transactional_db: None) -> Tenant:
    """A committed tenant."""
    return tenant_create(slug="acme", name="Acme")[0]


@pytest.fixture
def globex(transactional_db: None) -> Tenant:
    """Another one."""
    return tenant_create(slug="globex", name="Globex")[0]


@pytest.fixture
def actor(acme: Tenant) -> Actor:
    """The first tenant's system actor."""
    return Actor.system(acme.pk, "tests")
