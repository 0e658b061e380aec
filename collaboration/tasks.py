"""The periodic work of rooms, and the mails of notices."""

from __future__ import annotations

import datetime as dt
import uuid

from celery import shared_task
from django.conf import settings

from collaboration.services import mails_send_due, mails_send_due_all
from collaboration.services.idle import end_idle_of
from plm_project.tenancy.models import Tenant


@shared_task(name="collaboration.end_idle")
def end_idle() -> int:
    """End the sessions that everybody left COLLABORATION_IDLE_HOURS ago; return how many."""
    idle = dt.timedelta(hours=settings.COLLABORATION_IDLE_HOURS)
    tenants = list(Tenant.objects.filter(is_active=True).order_by("pk"))
    return sum(map(len, end_idle_of(tenants, idle=idle, label="collaboration.end_idle").values()))


@shared_task(name="notices.send_due_of")
def send_due_of(tenant_id: str) -> None:
    """Send one tenant's mails that are due; asked for after a commit."""
    mails_send_due(uuid.UUID(tenant_id))


@shared_task(name="notices.send_due")
def send_due() -> None:
    """Sweep every tenant: what a server did not take, or a crash left behind."""
    mails_send_due_all()
