"""Who carries jobs out: Celery workers where there is a broker, else threads of this process.

The threads are few and daemons: they end with the process, and what they were at is found and given up
(``jobs_give_up_lost``). Inline (JOBS_INLINE) is for tests: there a thread would meet the end of its test.
"""

from __future__ import annotations

import queue
import threading
import uuid

import structlog
from django.conf import settings
from django.db import connections

log = structlog.get_logger(__name__)

THREADS = 2


class Threads:
    """A handful of threads that take jobs in the order they were sent; they are started with the first."""

    def __init__(self) -> None:
        self._sent: queue.SimpleQueue[tuple[uuid.UUID, uuid.UUID]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def send(self, tenant_id: uuid.UUID, job_id: uuid.UUID) -> None:
        """Have a job carried out when a thread is free."""
        with self._lock:
            while len(self._threads) < THREADS:
                name = f"jobs-{len(self._threads) + 1}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
        self._sent.put((tenant_id, job_id))

    def _work(self) -> None:
        from plm_project.jobs.services.running import job_run

        while True:
            tenant_id, job_id = self._sent.get()
            try:
                job_run(tenant_id, job_id)
            except Exception:  # the database is away; the schedule finds the job
                log.exception("job_not_noted", job_id=str(job_id))
            finally:
                connections.close_all()


_threads = Threads()


def send(tenant_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Hand a committed job to whoever carries it out."""
    if settings.CELERY_BROKER_URL:
        from plm_project.jobs.tasks import run

        run.delay(str(tenant_id), str(job_id))
    elif settings.JOBS_INLINE:
        from plm_project.jobs.services.running import job_run

        job_run(tenant_id, job_id)
    else:
        _threads.send(tenant_id, job_id)
