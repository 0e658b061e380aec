"""A real worker carries jobs out; one that is killed in the middle leaves a job that is found."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import settings

from plm_project.celery import app
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.jobs.progress import LOST_AFTER
from plm_project.jobs.services import job_run, jobs_give_up_lost
from plm_project.tenancy.models import Tenant
from tests.jobs.conftest import Kind
from tests.jobs.test_jobs import started, stored, until, written
from tests.processes import ROOT, environment

pytestmark = [pytest.mark.redis, pytest.mark.slow]

WORKER = """
import threading

import django

django.setup()

from plm_project.celery import app  # noqa: F401
from plm_project.jobs.registry import JobKind, register_job_kind
from plm_project.tenancy.models import NumberSequence


def run(actor, job, progress):
    NumberSequence.objects.create(key="made halfway" if job.input else "made")
    progress("Turning", 3, 10)
    if job.input:
        threading.Event().wait()
    return {}


register_job_kind(JobKind(name="tests.work", label="A test", permission="plm.products.import", run=run))
"""


@pytest.fixture
def broker() -> str:
    """The Redis of this run, another database of it: the worker must hear nobody but us."""
    base, _slash, number = settings.REDIS_URL.rpartition("/")
    return f"{base}/{7 if number != '7' else 8}"


@pytest.fixture
def worker(
    acme: Tenant, broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that knows the kind, on this test's database and a queue of its own."""
    queue = f"jobs-{uuid7().hex}"
    (tmp_path / "worker_with_kind.py").write_text(WORKER)
    own = {**environment(), "CELERY_BROKER_URL": broker, "REDIS_URL": settings.REDIS_URL}
    own["PYTHONPATH"] = os.pathsep.join([str(tmp_path), own["PYTHONPATH"]])
    command = [sys.executable, "-m", "celery", "-A", "worker_with_kind", "worker", "--pool", "solo", "-Q", queue]
    with (tmp_path / "worker.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=log, stderr=log)
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", broker)
    ours = {"broker_url": broker, "task_always_eager": False, "task_default_queue": queue}
    before = {name: app.conf[name] for name in ours}
    app.conf.update(ours)
    try:
        yield process
    finally:
        app.conf.update(before)
        process.kill()
        process.wait(timeout=20)
        with app.connection_for_write(broker) as line:
            line.default_channel.queue_delete(queue)


def test_a_worker_does_it_and_a_killed_one_is_found_out(
    acme: Tenant, engineer: Actor, kind: Kind, worker: subprocess.Popen[bytes]
) -> None:
    name = kind(lambda *_: pytest.fail("carried out here instead of in the worker"))
    job = started(engineer, name)
    until(lambda: stored(job).state == "done")
    assert written(acme) == ["made"]
    halfway = started(engineer, name, input={"for_ever": True})
    until(lambda: stored(halfway).done == 3)
    worker.send_signal(signal.SIGKILL)
    worker.wait(timeout=20)
    assert jobs_give_up_lost(acme.pk) == 0, "a moment of silence is no death"
    with time_machine.travel(clock.now() + LOST_AFTER + dt.timedelta(seconds=1)):
        assert jobs_give_up_lost(acme.pk) == 1
    lost = stored(halfway)
    assert lost.state == "failed" and "Nothing was written. Start it again." in lost.error
    job_run(acme.pk, halfway.pk)  # the broker sends the message once more
    assert stored(halfway).state == "failed" and written(acme) == ["made"]
