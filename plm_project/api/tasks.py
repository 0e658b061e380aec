"""The room's periodic work."""

from __future__ import annotations

from celery import shared_task

from plm_project.api.idempotency import forget_expired
from plm_project.tenancy.models import Tenant


@shared_task(name="api.idempotency_expire")
def idempotency_expire() -> int:
    """Delete stored answers past their 24 hours, tenant by tenant; return how many."""
    tenants = Tenant.objects.order_by("pk").values_list("pk", flat=True)
    return sum(forget_expired(tenant_id) for tenant_id in tenants)
