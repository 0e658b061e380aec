"""What a new tenant starts with. Contexts register a function from ``AppConfig.ready()``; it runs inside the scope."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

Provisioner = Callable[[Actor], None]
_provisioners: dict[str, Provisioner] = {}


def register(name: str, provisioner: Provisioner) -> None:
    """Register what a context gives a new tenant (its approval rules, say). Must be idempotent."""
    _provisioners[name] = provisioner


def tenant_create(*, slug: str, name: str, currency: str = "EUR", if_missing: bool = False) -> tuple[Tenant, bool]:
    """Create a tenant with its default data; return it and whether it is new.

    Raises ValidationError on a bad or taken slug (with ``if_missing`` a taken slug returns the tenant that has it).
    """
    with transaction.atomic():
        if if_missing and (known := Tenant.objects.filter(slug=slug).first()):
            return known, False
        tenant = Tenant(slug=slug, name=name, currency=currency)
        tenant.full_clean()
        tenant.save()
        with tenant_scope(tenant.pk):
            for provisioner in _provisioners.values():
                provisioner(Actor.system(tenant.pk, "tenant_create"))
    return tenant, True
