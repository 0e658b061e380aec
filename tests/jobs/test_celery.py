"""A real worker carries jobs out; one that is killed in the middle leaves a job that is found."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.jobs.progress import LOST_AFTER
from plm_project.jobs.services import job_run, jobs_give_up_lost
from plm_project.tenancy.models import Tenant
from tests.celery_worker import celery_worker
from tests.jobs.conftest import Kind
from tests.jobs.test_jobs import started, stored, until, written

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
def worker(acme: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that knows the kind."""
    with celery_worker(WORKER, tmp_path, monkeypatch) as process:
        yield process


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
