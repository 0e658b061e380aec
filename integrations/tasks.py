"""Sending as Celery tasks, and what the schedule does."""

from __future__ import annotations

import uuid

from celery import shared_task

from integrations import workers
from integrations.services import deliveries_send, due_targets
from integrations.services.platform import capability_keep_registered
from plm_project.tenancy.models import Tenant

TURN = 120.0  # seconds; with the last call still below the time limit of a task (CELERY_TASK_TIME_LIMIT)


@shared_task(name="integrations.send_target")
def send_target(tenant_id: str, target_id: str) -> None:
    """Send what waits for one target. A message that comes twice finds nothing left."""
    deliveries_send(uuid.UUID(tenant_id), uuid.UUID(target_id), seconds=TURN)


@shared_task(name="integrations.capability_keep_registered")
def keep_registered() -> None:
    """Be known to the platform, from soon after the start on. A platform that is away delays nothing."""
    capability_keep_registered()


@shared_task(name="integrations.send_due")
def send_due() -> None:
    """Hand on what is due for another try, and what a dead worker has left."""
    for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        for target_id, neighbour in due_targets(tenant_id):
            workers.send(tenant_id, target_id, neighbour)
