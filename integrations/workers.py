"""Who sends: Celery workers where there is a broker, each neighbour with a queue of its own so that a slow one harms no
other; else one thread of this process per neighbour. Inline (INTEGRATIONS_INLINE) is for tests.
"""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Iterable
from functools import partial

import structlog
from celery import current_app
from django.conf import settings
from django.db import connections, transaction

log = structlog.get_logger(__name__)

Pair = tuple[uuid.UUID, str]


def queue_of(neighbour: str) -> str:
    """Return the name of a neighbour's queue at the broker: the installation's own queue, then the neighbour."""
    return f"{current_app.conf.task_default_queue}.{neighbour}"


def send_after_commit(tenant_id: uuid.UUID, targets: Iterable[Pair]) -> None:
    """Have what waits for these targets sent once the transaction is committed.

    Robust: the deliveries are committed. When they cannot be handed on now, the schedule does it.
    """
    for target_id, neighbour in targets:
        transaction.on_commit(partial(send, tenant_id, target_id, neighbour), robust=True)


def send(tenant_id: uuid.UUID, target_id: uuid.UUID, neighbour: str) -> None:
    """Hand one target's waiting deliveries to whoever sends them."""
    if settings.CELERY_BROKER_URL:
        from integrations.tasks import send_target

        send_target.apply_async(args=(str(tenant_id), str(target_id)), queue=queue_of(neighbour))
    elif settings.INTEGRATIONS_INLINE:
        from integrations.services.sending import deliveries_send

        deliveries_send(tenant_id, target_id)
    else:
        _threads.send(tenant_id, target_id, neighbour)


class _Threads:
    """A thread for each neighbour that has something to send, started with the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, queue.SimpleQueue[tuple[uuid.UUID, uuid.UUID]]] = {}

    def send(self, tenant_id: uuid.UUID, target_id: uuid.UUID, neighbour: str) -> None:
        """Have a target's deliveries sent by its neighbour's thread."""
        with self._lock:
            if neighbour not in self._queues:
                self._queues[neighbour] = queue.SimpleQueue()
                thread = threading.Thread(target=self._work, args=[neighbour], name=f"send-{neighbour}", daemon=True)
                thread.start()
        self._queues[neighbour].put((tenant_id, target_id))

    def _work(self, neighbour: str) -> None:
        from integrations.services.sending import deliveries_send

        while True:
            tenant_id, target_id = self._queues[neighbour].get()
            try:
                deliveries_send(tenant_id, target_id)
            except Exception:  # the database is away; the schedule finds what waits
                log.exception("deliveries_not_sent", neighbour=neighbour)
            finally:
                connections.close_all()


_threads = _Threads()
