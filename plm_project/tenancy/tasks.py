"""The room's periodic work."""

from __future__ import annotations

from celery import shared_task

from plm_project.tenancy.audit.chain import trail_seal
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope


@shared_task(name="audit.seal")
def seal() -> int:
    """Seal what every tenant has written since; return how many rows. Safe to run twice."""
    total = 0
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        with tenant_scope(tenant_id):
            total += trail_seal()
    return total
