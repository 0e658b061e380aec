"""Leads the demo tenant's neighbours to the simulators, so that what happens in the demo really arrives somewhere."""

from __future__ import annotations

from integrations.contracts.registry import contracts_of
from integrations.models import Target
from integrations.neighbours import neighbours
from integrations.services import neighbour_catch_up, target_save
from plm_project.core.actor import Actor, acting_as
from plm_project.core.ids import uuid7
from plm_project.demo.story import read_story
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope


def neighbours_connect(base_url: str) -> int:
    """Configure every neighbour with a contract that is not configured yet, for the story's first tenant, and tell it
    what it missed. What somebody has configured stays as it is. Returns how many were configured.
    """
    tenant = Tenant.objects.filter(slug=read_story().tenants[0].slug).first()
    if tenant is None:
        return 0
    actor = Actor.system(tenant.pk, "demo")
    with acting_as(actor), tenant_scope(tenant.pk):
        there = set(Target.objects.values_list("neighbour_key", flat=True))
        missing = [entry.key for entry in neighbours() if contracts_of(entry.key) and entry.key not in there]
        for key in missing:
            target_save(actor=actor, neighbour_key=key, base_url=base_url, token=uuid7().hex, allow_private=True)
            neighbour_catch_up(actor=actor, neighbour_key=key)
    return len(missing)
