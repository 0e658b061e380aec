"""System checks: a model with a tenant column must stand on the tenancy base, or it would be scoped by nothing."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from plm_project.tenancy.managers import TenantManager
from plm_project.tenancy.references import is_tenant_owned, tenant_foreign_keys


@register()
def tenant_models_are_scoped(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """E001: a tenant column without the base. E002: a tenant-owned model whose default manager is not scoped.
    E003: a table, such as a ManyToManyField makes, that joins tenant-owned records and is scoped by nothing.
    """
    problems: list[CheckMessage] = []
    for model in apps.get_models(include_auto_created=True):
        columns = {field.name for field in model._meta.concrete_fields}
        if "tenant" in columns and not is_tenant_owned(model):
            problems.append(
                Error(f"{model._meta.label} has a tenant but no tenancy base", obj=model, id="tenancy.E001")
            )
        elif is_tenant_owned(model) and not isinstance(model._default_manager, TenantManager):
            problems.append(Error(f"{model._meta.label}'s default manager has no scope", obj=model, id="tenancy.E002"))
        elif not is_tenant_owned(model) and tenant_foreign_keys(model):
            problems.append(
                Error(f"{model._meta.label} joins tenants' records but has no tenant", obj=model, id="tenancy.E003")
            )
    return problems
