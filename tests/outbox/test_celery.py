"""With a broker set, the commit hands the relay to a worker in another process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.outbox.events import publish
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.celery_worker import celery_worker

MOVED = "test_moved"

pytestmark = [pytest.mark.redis, pytest.mark.slow]


WORKER = """
import django

django.setup()

from plm_project.celery import app  # noqa: F401
from plm_project.outbox import registry
from plm_project.tenancy.models import NumberSequence

registry.declare(["test_moved"])
registry.subscribe(
    "test_moved", name="writer",
    handler=lambda event: NumberSequence.objects.create(key=f"heard {event.event_data['n']}"),
)
"""


@pytest.fixture
def _worker(acme: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker process with one subscriber."""
    with celery_worker(WORKER, tmp_path, monkeypatch):
        yield


def heard(tenant: Tenant) -> list[str]:
    """Return what the worker's subscriber wrote."""
    with tenant_scope(tenant.pk):
        return list(NumberSequence.objects.order_by("key").values_list("key", flat=True))


@pytest.mark.usefixtures("_worker")
def test_the_worker_delivers_after_the_commit(acme: Tenant) -> None:
    thing: Any = NumberSequence(id=uuid7(), tenant_id=acme.pk)
    with tenant_scope(acme.pk, atomic=True):
        for number in (1, 2):
            publish(Actor.system(acme.pk), MOVED, entity=thing, data={"n": number})
    assert heard(acme) == [], "delivered here instead of in the worker"
    end = time.monotonic() + 60  # starting a worker takes long on a busy machine
    while heard(acme) != ["heard 1", "heard 2"] and time.monotonic() < end:
        time.sleep(0.1)
    assert heard(acme) == ["heard 1", "heard 2"]
    with tenant_scope(acme.pk):
        assert not OutboxEvent.objects.filter(settled_at__isnull=True).exists()
    connection.close()
