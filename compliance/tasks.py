"""The room's periodic work."""

from __future__ import annotations

from celery import shared_task

from compliance.services import records_expire, records_start
from plm_project.core.actor import Actor, acting_as
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope


@shared_task(name="compliance.expire")
def expire() -> int:
    """For every active tenant: store as expired what is past its date, and start what a regulation that has come into
    force now reaches. Returns how many expired. Safe to run twice.
    """
    total = 0
    for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        actor = Actor.system(tenant_id, "compliance.expire")
        with acting_as(actor), tenant_scope(tenant_id):
            total += records_expire(actor=actor)
            records_start(actor=actor)
    return total
