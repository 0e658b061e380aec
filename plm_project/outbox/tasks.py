"""The relay as Celery tasks, used when a broker is set."""

from __future__ import annotations

import uuid

from celery import shared_task

from plm_project.outbox import relay as relay_room


@shared_task(name="outbox.relay")
def relay(tenant_id: str) -> None:
    """Relay one tenant's events, and seal what was written with them."""
    relay_room.relay_and_seal(uuid.UUID(tenant_id))


@shared_task(name="outbox.relay_all")
def relay_all() -> None:
    """Sweep every tenant: what a crash or a waiting retry left behind."""
    relay_room.relay_all()
