"""Sending by real workers: killed at every step, and two processes that share one breaker."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from integrations.clients.breaker import FAILURES, OPEN_SECONDS, Breaker
from integrations.models import Attempt, Delivery
from integrations.neighbours import WEBHOOK, neighbours
from integrations.simulators.server import Simulator
from integrations.tasks import send_due
from integrations.workers import queue_of
from plm_project.celery import app
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from products.services import product_create
from tests.celery_worker import celery_worker
from tests.integrations.conftest import TWINS, configure
from tests.processes import ROOT, environment

TWIN = "/api/v1/digital-twins"

# A worker whose clock is some minutes ahead, so that what a dead one took is free again. At ``step`` it kills itself.
WORKER = """
import datetime, os, signal, uuid

import django

django.setup()

from plm_project.celery import app
from integrations.services import deliveries_send
from plm_project.core import clock

set_forward = clock.fixed(clock.now() + datetime.timedelta(minutes={minutes}))
set_forward.__enter__()


def die(step):
    if step == {step!r}:
        os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="tests.send_and_die")
def send_and_die(tenant_id, target_id):
    deliveries_send(uuid.UUID(tenant_id), uuid.UUID(target_id), at=die)
"""


def until(happens: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


@pytest.fixture
def house(transactional_db: None) -> Tenant:
    return tenant_create(slug="acme", name="Acme Works", currency="EUR")[0]


def test_every_neighbour_has_a_queue_that_a_plain_worker_hears() -> None:
    heard = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    own = {queue_of(receiver.key) for receiver in (*neighbours(), WEBHOOK)}
    assert heard == {*own, settings.CELERY_TASK_DEFAULT_QUEUE}


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.slow
def test_workers_killed_at_every_step_lose_and_repeat_nothing(
    house: Tenant, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = Actor.system(house.pk)
    numbers = [f"PUMP-{at}" for at in range(1, 5)]
    with tenant_scope(house.pk):
        (target,) = configure(actor, simulator, TWINS)

    def number_of(**wanted: str) -> int:
        with tenant_scope(house.pk):
            return int(Delivery.objects.filter(**wanted).count())

    def folder(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    for at, step in enumerate(("taken", "called", "settled")):
        with celery_worker(WORKER.format(step=step, minutes=5 * at), folder(step), monkeypatch) as worker:
            if step == "taken":  # the worker relays the events, too; nobody hears the neighbour's queue yet
                with tenant_scope(house.pk):
                    for number in numbers:
                        data = {"product_number": number, "product_name": f"Pump {number}"}
                        product_create(actor=actor, data=data)
                until(lambda: number_of(state="waiting") == len(numbers))
            app.send_task("tests.send_and_die", args=(str(house.pk), str(target.pk)))
            assert worker.wait(timeout=60) == -9, step
    with celery_worker(WORKER.format(step="", minutes=15), folder("last"), monkeypatch, neighbours=(TWINS,)):
        send_due.apply_async()
        until(lambda: number_of(state="delivered") == len(numbers))
    done = [entry["payload"]["twin_name"] for entry in simulator.done(TWIN)]
    assert done == [f"Pump {number}" for number in numbers]  # each once, in order
    repeated = len([entry for entry in simulator.received if entry["path"] == TWIN]) - len(done)
    assert repeated == 1  # the one whose worker died between the answer and the note of it
    with tenant_scope(house.pk):
        assert all(Product.objects.values_list("digital_twin_id", flat=True))
        first = Delivery.objects.order_by("id").first()
        assert first is not None
        assert (first.attempt_count, Attempt.objects.filter(delivery=first).count()) == (3, 1)


BREAKER = """
import sys, uuid

import django

django.setup()

from integrations.clients.breaker import Breaker
from integrations.exceptions import BreakerOpen

breaker = Breaker(uuid.UUID(sys.argv[1]), "manufacturing")
for line in sys.stdin:
    try:
        breaker.admit()
    except BreakerOpen:
        print("refused", flush=True)
        continue
    {"failed": breaker.failed, "succeeded": breaker.succeeded, "leave": lambda: None}[line.strip()]()
    print(breaker.state().state, flush=True)
"""


@pytest.fixture
def two_processes(db: None) -> Iterator[tuple[Breaker, list[Callable[[str], str]]]]:
    tenant_id = uuid.uuid4()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", BREAKER, str(tenant_id)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={**environment(), "REDIS_URL": settings.REDIS_URL},
        )
        for _ in range(2)
    ]  # fmt: skip

    def asker(process: subprocess.Popen[str]) -> Callable[[str], str]:
        def ask(outcome: str) -> str:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(f"{outcome}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        return ask

    breaker = Breaker(tenant_id, "manufacturing")
    try:
        yield breaker, [asker(process) for process in processes]
    finally:
        breaker.reset()
        for process in processes:
            process.kill()
            process.wait(timeout=20)


@pytest.mark.redis
@pytest.mark.slow
def test_two_processes_share_one_breaker(two_processes: tuple[Breaker, list[Callable[[str], str]]]) -> None:
    breaker, (one, other) = two_processes
    answers = [(one, other)[at % 2]("failed") for at in range(FAILURES)]
    assert answers == ["closed"] * (FAILURES - 1) + ["open"]
    assert (one("failed"), other("failed")) == ("refused", "refused")
    opened = next(key for key in (breaker._opened,) if cache.get(key))
    cache.set(opened, clock.now().timestamp() - OPEN_SECONDS - 1, None)  # a minute goes by
    assert one("leave") == "half_open"  # it has the trial and has not said yet how it went
    assert other("succeeded") == "refused"
    breaker.succeeded()  # the trial went well
    assert (one("succeeded"), other("succeeded")) == ("closed", "closed")
