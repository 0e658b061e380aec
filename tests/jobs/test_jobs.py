"""What becomes of a job: in whose name it runs, how it ends, who sees it, and what the schedule does for it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import connection

from plm_project.accounts.models import Membership
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed
from plm_project.jobs.choices import JobState
from plm_project.jobs.files import job_file_keep, job_file_open
from plm_project.jobs.models import Job
from plm_project.jobs.progress import LOST_AFTER, JobStopped
from plm_project.jobs.registry import JobFailed
from plm_project.jobs.selectors import job_get, job_list
from plm_project.jobs.services import (
    job_cancel,
    job_run,
    job_start,
    jobs_give_up_lost,
    jobs_send_again,
    jobs_sweep,
)
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.jobs.conftest import Kind
from tests.parallel import at_once

WAYS = {
    ("waiting", "running"), ("waiting", "failed"), ("waiting", "cancelled"),
    ("running", "done"), ("running", "failed"), ("running", "cancelled"),
}  # fmt: skip


def started(actor: Actor, kind: str, *, handed_on: bool = True, **values: Any) -> Job:
    """Start a job and commit; ``handed_on=False``: as if its message was lost."""
    with tenant_scope(actor.tenant_id, atomic=True):
        job = job_start(actor=actor, kind=kind, title="A job", **values)
        if not handed_on:
            connection.run_on_commit = []
    return stored(job)


def stored(job: Job) -> Job:
    """Return the job as everybody sees it."""
    with tenant_scope(job.tenant_id):
        return job_get(Actor.system(job.tenant_id), job.pk)


def written(tenant: Tenant) -> list[str]:
    """Return what the work of these tests has written."""
    with tenant_scope(tenant.pk):
        return list(NumberSequence.objects.filter(key__startswith="made").values_list("key", flat=True))


def write(key: str = "made") -> None:
    NumberSequence.objects.create(key=key)


def test_the_machine_has_these_ways_and_no_others() -> None:
    found = {
        (now, to)
        for now in JobState.values
        for to in JobState.values
        if (method := getattr(Job, f"to_{to}", None)) and method._django_fsm.get_transition(now)
    }
    assert found == WAYS


def test_it_runs_after_the_commit_in_the_persons_name(acme: Tenant, engineer: Actor, kind: Kind) -> None:
    seen: list[Any] = []

    def run(actor: Actor, job: Job, progress: Any) -> dict[str, Any]:
        seen.append((actor.user_id, actor.may("plm.products.import"), actor.may("plm.products.create"), job.input))
        progress("Turning", 3, 10)
        write()
        return {"made": 1}

    name = kind(run)
    narrowed = dataclasses.replace(engineer, kind="token", permissions=frozenset({"plm.products.import"}))
    with tenant_scope(acme.pk, atomic=True):
        job = job_start(actor=narrowed, kind=name, title="A job", input={"a": 1})
        assert seen == [], "ran before the commit"
    assert seen == [(engineer.user_id, True, False, {"a": 1})], "a token's job may no more than the token"
    done = stored(job)
    assert (done.state, done.result, done.step, done.percent) == ("done", {"made": 1}, "Turning", 30)
    assert done.started_at and done.finished_at and written(acme) == ["made"]


@pytest.mark.parametrize("fault", [JobFailed("Row 3 is wrong.", result={"row": 3}), ZeroDivisionError()], ids=str)
def test_a_failure_undoes_the_work_and_says_why(acme: Tenant, engineer: Actor, kind: Kind, fault: Exception) -> None:
    def run(*_: Any) -> dict[str, Any]:
        write()
        raise fault

    failed = started(engineer, kind(run))
    expected = isinstance(fault, JobFailed)
    assert failed.state == "failed" and written(acme) == []
    assert (failed.error == "Row 3 is wrong.") is expected
    assert (failed.result == {"row": 3}) is expected
    assert expected or str(failed.pk) in failed.error


def test_permissions_are_those_of_the_moment_it_runs(acme: Tenant, engineer: Actor, kind: Kind) -> None:
    name = kind(lambda *_: write() or {})
    with tenant_scope(acme.pk, atomic=True), pytest.raises(PermissionDenied):
        job_start(actor=dataclasses.replace(engineer, permissions=frozenset()), kind=name, title="A job")
    with tenant_scope(acme.pk, atomic=True), pytest.raises(ValidationFailed):
        job_start(actor=engineer, kind="tests.unknown", title="A job")
    job = started(engineer, name, handed_on=False)
    with tenant_scope(acme.pk, atomic=True):
        Membership.objects.filter(user_id=engineer.user_id).update(roles=["viewer"])
    job_run(acme.pk, job.pk)
    assert stored(job).state == "failed" and "plm.products.import" in stored(job).error
    assert written(acme) == []
    with tenant_scope(acme.pk):
        assert Job.objects.count() == 1, "a refused start leaves no job"


def test_asked_once_it_is_one_job(acme: Tenant, engineer: Actor, kind: Kind) -> None:
    name = kind(lambda *_: {})
    first = started(engineer, name, handed_on=False, once=True, input={"day": 1})
    with tenant_scope(acme.pk, atomic=True):
        assert job_start(actor=engineer, kind=name, title="Again", once=True, input={"day": 1}).pk == first.pk
        assert job_start(actor=engineer, kind=name, title="Another", once=True, input={"day": 2}).pk != first.pk
        connection.run_on_commit = []


def test_whose_jobs_one_sees(acme: Tenant, engineer: Actor, person: Callable[..., Actor], kind: Kind) -> None:
    job = started(engineer, kind(lambda *_: {}), handed_on=False)
    other, manager = person("engineer", "other@acme.example"), person("plm_manager")
    with tenant_scope(acme.pk, atomic=True):
        assert [len(job_list(actor)) for actor in (engineer, other, manager)] == [1, 0, 1]
        assert len(job_list(manager, mine=True)) == 0
        with pytest.raises(NotFound):
            job_cancel(actor=other, job_id=job.pk)
    assert stored(job).state == "waiting"
    with tenant_scope(acme.pk, atomic=True):
        job_cancel(actor=manager, job_id=job.pk)
    job_run(acme.pk, job.pk)
    assert stored(job).state == "cancelled" and stored(job).started_at is None
    with tenant_scope(acme.pk, atomic=True), pytest.raises(Conflict):
        job_cancel(actor=engineer, job_id=job.pk)


# --- beside others -------------------------------------------------------------------------------------------------
class Gate:
    """Work that goes on until it is told: ``reached`` says it is at work, ``leave`` lets it end, ``ended`` that it did."""

    def __init__(self) -> None:
        self.reached, self.leave, self.ended = threading.Event(), threading.Event(), threading.Event()

    def run(self, actor: Actor, job: Job, progress: Any) -> dict[str, Any]:
        try:
            write()
            progress("Turning", 3, 10)
            self.reached.set()
            while not self.leave.wait(0.01):
                progress("Turning", 3, 10)
            return {}
        finally:
            self.ended.set()


@pytest.fixture
def gate(settings: Any) -> Iterator[Gate]:
    """Jobs are carried out by threads, which are let go at the end."""
    settings.JOBS_INLINE = False
    gate = Gate()
    yield gate
    gate.leave.set()
    assert gate.ended.wait(20)


def until(holds: Callable[[], bool]) -> None:
    """Look until it holds."""
    end = threading.Event()
    for _ in range(3000):
        if holds():
            return
        end.wait(0.02)
    pytest.fail("it never came true")


@pytest.mark.slow
def test_others_see_how_far_it_is_while_its_transaction_is_open(
    acme: Tenant, engineer: Actor, kind: Kind, gate: Gate
) -> None:
    job = started(engineer, kind(gate.run))
    until(lambda: stored(job).done == 3)
    seen = stored(job)
    assert (seen.state, seen.step, seen.total) == ("running", "Turning", 10)
    assert written(acme) == [], "the work itself is not committed yet"
    gate.leave.set()
    until(lambda: stored(job).state == "done")
    assert written(acme) == ["made"]


@pytest.mark.slow
@pytest.mark.postgres  # on SQLite the one writer holds the file, and the call waits for the end of the work
def test_a_running_job_is_cancelled_and_undone(acme: Tenant, engineer: Actor, kind: Kind, gate: Gate) -> None:
    job = started(engineer, kind(gate.run))
    assert gate.reached.wait(20)
    with tenant_scope(acme.pk, atomic=True):
        assert job_cancel(actor=engineer, job_id=job.pk).state == "running"
    until(lambda: stored(job).state == "cancelled")
    assert not gate.leave.is_set() and written(acme) == []


def test_what_was_called_off_too_late_to_stop_is_undone(acme: Tenant, engineer: Actor, kind: Kind) -> None:
    def run(actor: Actor, job: Job, progress: Any) -> dict[str, Any]:
        write()
        job_cancel(actor=actor, job_id=job.pk)
        return {"made": 1}

    job = started(engineer, kind(run))
    # The call was a part of the work here, and is undone with it; that it was heeded is what counts.
    assert (stored(job).state, stored(job).result, written(acme)) == ("cancelled", {}, [])


@pytest.mark.postgres
def test_a_message_that_comes_twice_runs_it_once(acme: Tenant, engineer: Actor, kind: Kind) -> None:
    ran: list[str] = []
    job = started(engineer, kind(lambda *_: ran.append("x") or write() or {}), handed_on=False)
    at_once(acme, [lambda: job_run(acme.pk, job.pk)] * 2)
    job_run(acme.pk, job.pk)
    assert ran == ["x"] and stored(job).state == "done" and written(acme) == ["made"]


# --- the schedule --------------------------------------------------------------------------------------------------
def test_a_silent_job_is_given_up_and_cannot_finish_any_more(acme: Tenant, engineer: Actor, kind: Kind) -> None:
    given_up: list[int] = []

    def run(actor: Actor, job: Job, progress: Any) -> dict[str, Any]:
        with time_machine.travel(clock.now() + LOST_AFTER + dt.timedelta(seconds=1)):
            given_up.extend(at_once(acme, [lambda: jobs_give_up_lost(acme.pk)]))
        return {"too": "late"}

    assert jobs_give_up_lost(acme.pk) == 0
    job = started(engineer, kind(run, writes=False))
    assert given_up == [1]
    lost = stored(job)
    assert lost.state == "failed" and "stopped before it was done" in lost.error and lost.finished_at
    assert lost.result == {}


def test_what_nobody_took_is_sent_again(acme: Tenant, engineer: Actor, kind: Kind) -> None:
    job = started(engineer, kind(lambda *_: {}), handed_on=False)
    assert jobs_send_again(acme.pk) == 0 and stored(job).state == "waiting"
    with time_machine.travel(clock.now() + dt.timedelta(minutes=2)):
        assert jobs_send_again(acme.pk) == 1
    assert stored(job).state == "done"


def test_what_ended_long_ago_goes_with_its_files(acme: Tenant, engineer: Actor, kind: Kind, settings: Any) -> None:
    def run(actor: Actor, job: Job, progress: Any) -> dict[str, Any]:
        job_file_keep(job, "result", ContentFile(b"a"))
        return {}

    job = started(engineer, kind(run), content=ContentFile(b"in"))
    waits = started(engineer, kind(run), handed_on=False)
    with job_file_open(job, "input") as kept:
        assert kept.read() == b"in"
    assert jobs_sweep(acme.pk) == 0
    with time_machine.travel(clock.now() + dt.timedelta(days=settings.JOBS_KEPT_DAYS, minutes=1)):
        assert jobs_sweep(acme.pk) == 1
    with tenant_scope(acme.pk):
        assert list(Job.all_objects.all()) == [waits]
    for which in ("input", "result"):
        with pytest.raises(NotFound):
            job_file_open(job, which)  # type: ignore[arg-type]


def test_to_stop_is_no_refusal() -> None:
    """Nobody who handles refusals on the way swallows it."""
    assert not issubclass(JobStopped, (Conflict, ValidationFailed))
