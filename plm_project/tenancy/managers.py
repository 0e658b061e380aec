"""Managers that no query can slip past: the tenant is read when the SQL is compiled, not when the queryset is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, TypeVar

from django.db import models
from django.db.models.expressions import Value

from plm_project.tenancy.references import CrossTenantReference, check_references, check_update
from plm_project.tenancy.scope import require_tenant_id

M = TypeVar("M", bound=models.Model)


class CurrentTenant(Value):
    """The tenant of the running scope as an SQL parameter. Compiling it outside of a scope raises TenantScopeMissing."""

    def __init__(self) -> None:
        super().__init__(None, output_field=models.UUIDField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Read the tenant now, so that a queryset built at import time or in another scope is still right."""
        value = self.output_field.get_db_prep_value(require_tenant_id(), connection=connection)
        return "%s", (value,)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> CurrentTenant:
        """Stay an expression: it holds no columns."""
        return self


class TenantQuerySet(models.QuerySet[M]):
    """Writes in bulk keep the tenant's rules: rows get the scope's tenant, references stay inside it."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Insert many rows; the tenant is filled in, and a row or reference of another tenant refuses them all.

        With ``update_conflicts`` the unique fields must include the tenant: by the key alone another tenant's row
        would be the one that is updated.
        """
        if kwargs.get("update_conflicts") and not {"tenant", "tenant_id"} & set(kwargs.get("unique_fields") or ()):
            raise CrossTenantReference("An upsert finds its rows by fields that include the tenant")
        rows: Sequence[M] = list(objs)
        tenant_id = require_tenant_id()
        for row in rows:
            if row.tenant_id is None:  # type: ignore[attr-defined]
                row.tenant_id = tenant_id  # type: ignore[attr-defined]
        check_references(self.model, rows, tenant_id)
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        """Update many rows; references are checked like those of a save."""
        rows: Sequence[M] = list(objs)
        check_references(self.model, rows, require_tenant_id())
        return super().bulk_update(rows, fields, *args, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: raw SQL knows no scope. Where it must be, use a cursor and name the tenant in the statement."""
        raise CrossTenantReference("raw() has no tenant")

    def update(self, **kwargs: Any) -> int:
        """Update in SQL. Moving a row to another tenant, or pointing it at one, is refused."""
        check_update(self.model, kwargs, require_tenant_id())
        return super().update(**kwargs)


class TenantManager(models.Manager[M]):
    """All rows of the running scope's tenant, also those that were soft-deleted."""

    use_in_migrations = False

    def get_queryset(self) -> TenantQuerySet[M]:
        """Return the scope's rows."""
        return TenantQuerySet[M](self.model, using=self._db).filter(tenant_id=CurrentTenant())

    def raw(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse, like the queryset's."""
        raise CrossTenantReference("raw() has no tenant")


class LiveManager(TenantManager[M]):
    """The rows of the running scope's tenant that are not deleted. The default of every tenant record."""

    def get_queryset(self) -> TenantQuerySet[M]:
        """Return the scope's live rows."""
        return super().get_queryset().filter(is_deleted=False)
