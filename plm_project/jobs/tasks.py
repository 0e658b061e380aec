"""Jobs as Celery tasks, and what the schedule does for them."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from celery import shared_task
from django.conf import settings

from plm_project.jobs import services
from plm_project.tenancy.models import Tenant


@shared_task(name="jobs.run", time_limit=settings.JOBS_TIME_LIMIT + 60, soft_time_limit=settings.JOBS_TIME_LIMIT)
def run(tenant_id: str, job_id: str) -> None:
    """Carry one job out. A message that comes twice finds it taken."""
    services.job_run(uuid.UUID(tenant_id), uuid.UUID(job_id))


@shared_task(name="jobs.look_after")
def look_after() -> None:
    """Give up jobs whose server died, and send again those that nobody took."""
    _for_every_tenant(services.jobs_give_up_lost)
    _for_every_tenant(services.jobs_send_again)


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Delete what ended long ago."""
    _for_every_tenant(services.jobs_sweep)


def _for_every_tenant(work: Callable[[uuid.UUID], int]) -> None:
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        work(tenant_id)
