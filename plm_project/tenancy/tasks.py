"""The room's periodic work."""

from __future__ import annotations

import datetime as dt

from celery import shared_task

from plm_project.tenancy.audit.chain import LATE, LATER, trail_seal
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope


@shared_task(name="audit.seal")
def seal() -> int:
    """Seal what every tenant has written since; return how many rows. Safe to run twice."""
    return _seal_all(LATER)


@shared_task(name="audit.seal_late")
def seal_late() -> int:
    """The same, for what was written long before its transaction was over."""
    return _seal_all(LATE)


def _seal_all(back: dt.timedelta) -> int:
    total = 0
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        with tenant_scope(tenant_id):
            total += trail_seal(back)
    return total
