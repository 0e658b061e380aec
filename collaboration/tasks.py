"""The room's periodic work."""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.conf import settings

from collaboration.services.idle import end_idle_of
from plm_project.tenancy.models import Tenant


@shared_task(name="collaboration.end_idle")
def end_idle() -> int:
    """End the sessions that everybody left COLLABORATION_IDLE_HOURS ago; return how many."""
    idle = dt.timedelta(hours=settings.COLLABORATION_IDLE_HOURS)
    tenants = list(Tenant.objects.filter(is_active=True).order_by("pk"))
    return sum(map(len, end_idle_of(tenants, idle=idle, label="collaboration.end_idle").values()))
