"""How far running jobs are, told to others while the work's own transaction is still open.

``Pulse`` is a thread beside the work. Every ``BEAT`` seconds it tells what the work last reported and that its process
lives, and asks whether somebody wants it stopped. The work itself only sets three values in memory, so that it may
report as often as it likes.

On PostgreSQL the pulse writes the job's row, on a connection and in a transaction of its own. On SQLite one writer holds
the whole file: there it would wait for the very transaction that it tells of. So on SQLite it writes Django's cache, the
row is written at the end, and ``with_progress`` reads both. Without Redis that cache is the server process's own, and so
are the threads that carry jobs out; whoever runs workers beside SQLite sets REDIS_URL, or sees no progress from them.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import structlog
from django.core.cache import cache
from django.db import DatabaseError, connection, connections

from plm_project.core import clock
from plm_project.jobs.choices import JobState
from plm_project.jobs.models import Job
from plm_project.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

BEAT = 1.0  # seconds
LOST_AFTER = dt.timedelta(seconds=60)  # without a sign of life


class JobStopped(Exception):
    """Somebody cancelled the job, or it was given up as lost: undo everything. No refusal, so nobody swallows it."""


@dataclass(frozen=True)
class Standing:
    """How far a job is, and when that was."""

    step: str
    done: int
    total: int
    at: dt.datetime


class Pulse:
    """A job's ``Progress``. Enter it to begin the beat; ``end`` it before the row is written for the last time."""

    def __init__(self, job: Job) -> None:
        self.tenant_id, self.job_id = job.tenant_id, job.pk
        self.standing = (job.step, job.done, job.total)
        self._stopped = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name=f"job-pulse-{job.pk}", daemon=True)

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Take note of how far the work is. Raises JobStopped when it is to stop."""
        self.standing = (step[:200], done, total)
        if self._stopped.is_set():
            raise JobStopped

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End the beat. The row is the caller's alone afterwards. Twice does no harm."""
        self._ended.set()
        self._thread.join()

    def beat(self) -> None:
        """Tell how far the work is, and note when it is to stop."""
        with tenant_scope(self.tenant_id):
            if not _tell(self.tenant_id, self.job_id, self.standing):
                self._stopped.set()

    def _beat_on(self) -> None:
        while not self._ended.wait(BEAT):
            try:
                self.beat()
            except DatabaseError as error:  # the next beat may get through; without any the job is given up as lost
                log.warning("job_beat_failed", job_id=str(self.job_id), error=str(error))
            finally:
                connections.close_all()


def with_progress(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs, those that run with the freshest progress there is."""
    found = list(jobs)
    running = {_key(job.tenant_id, job.pk): job for job in found if job.state == JobState.RUNNING}
    if running and _in_cache():
        for key, standing in cache.get_many(running).items():
            job = running[key]
            job.step, job.done, job.total, job.heartbeat_at = standing.step, standing.done, standing.total, standing.at
    return found


def last_sign_of_life(job: Job) -> dt.datetime | None:
    """Return when the worker of a running job was last known to live."""
    return with_progress([job])[0].heartbeat_at


def _tell(tenant_id: uuid.UUID, job_id: uuid.UUID, standing: tuple[str, int, int]) -> bool:
    """Tell it where others can see it; return whether the work is to go on."""
    step, done, total = standing
    row = Job.objects.filter(pk=job_id, state=JobState.RUNNING)
    if _in_cache():
        told = Standing(step, done, total, clock.now())
        cache.set(_key(tenant_id, job_id), told, timeout=2 * LOST_AFTER.total_seconds())
    elif not row.update(step=step, done=done, total=total, heartbeat_at=clock.now()):
        return False
    asked: Any = row.values_list("cancel_asked_at").first()
    return asked is not None and asked[0] is None


def _in_cache() -> bool:
    return connection.vendor == "sqlite"


def _key(tenant_id: uuid.UUID, job_id: uuid.UUID) -> str:
    return f"job:{tenant_id.hex}:{job_id.hex}"
