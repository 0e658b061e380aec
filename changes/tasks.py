"""The room's periodic work."""

from __future__ import annotations

from celery import shared_task

from changes.services.chasing import approvals_chase
from changes.services.renewing import votes_renew_all
from plm_project.core.actor import Actor, acting_as
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope


@shared_task(name="changes.approvals_chase")
def chase_approvals() -> int:
    """For every active tenant: ask again for votes given to an earlier content, remind of those nearly due, and hand up
    those that are late. Returns how many votes. Safe to run twice.
    """
    total = 0
    for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        actor = Actor.system(tenant_id, "changes.approvals_chase")
        with acting_as(actor), tenant_scope(tenant_id):
            total += votes_renew_all(actor=actor)
            done = approvals_chase(actor=actor)
            total += done.reminded + done.escalated
    return total
