"""With a broker set, the commit hands the relay to a worker in another process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from plm_project.celery import app
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.outbox.events import publish
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.processes import database_url

ROOT = Path(__file__).resolve().parents[2]
MOVED = "test_moved"

pytestmark = [pytest.mark.redis, pytest.mark.slow]


@pytest.fixture
def broker() -> str:
    """The Redis of this run, another database of it: the worker must hear nobody but us."""
    base, _slash, number = settings.REDIS_URL.rpartition("/")
    return f"{base}/{5 if number != '5' else 6}"


@pytest.fixture
def worker(acme: Tenant, broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A worker process with one subscriber, on this test's database and a queue of its own."""
    queue = f"outbox-{uuid7().hex}"
    module = tmp_path / "worker_with_subscriber.py"
    module.write_text(WORKER)
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": broker,
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "celery", "-A", "worker_with_subscriber", "worker", "--pool", "solo", "-Q", queue]
    log = (tmp_path / "worker.log").open("w")
    process = subprocess.Popen([*command, "--loglevel", "INFO"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", broker)
    ours = {"broker_url": broker, "task_always_eager": False, "task_default_queue": queue}
    before = {name: app.conf[name] for name in ours}
    app.conf.update(ours)
    try:
        yield queue
    finally:
        app.conf.update(before)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        log.close()
        with app.connection_for_write(broker) as line:
            line.default_channel.queue_delete(queue)


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


def heard(tenant: Tenant) -> list[str]:
    """Return what the worker's subscriber wrote."""
    with tenant_scope(tenant.pk):
        return list(NumberSequence.objects.order_by("key").values_list("key", flat=True))


def test_the_worker_delivers_after_the_commit(acme: Tenant, worker: str) -> None:
    thing: Any = NumberSequence(id=uuid7(), tenant_id=acme.pk)
    with tenant_scope(acme.pk, atomic=True):
        for number in (1, 2):
            publish(Actor.system(acme.pk), MOVED, entity=thing, data={"n": number})
    assert heard(acme) == [], "delivered here instead of in the worker"
    end = time.monotonic() + 90  # starting a worker takes long on a busy machine
    while heard(acme) != ["heard 1", "heard 2"] and time.monotonic() < end:
        time.sleep(0.1)
    assert heard(acme) == ["heard 1", "heard 2"]
    with tenant_scope(acme.pk):
        assert not OutboxEvent.objects.filter(settled_at__isnull=True).exists()
    connection.close()
