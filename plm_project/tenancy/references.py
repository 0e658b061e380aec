"""No foreign key leads into another tenant. PostgreSQL's foreign-key checks do not see row security, so this does."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import models
from django.db.models.expressions import Value

from plm_project.tenancy.id_sets import in_ids

CHUNK = 500  # ids per IN list: SQLite's limit on variables is the lower one


class CrossTenantReference(RuntimeError):
    """A row of one tenant was about to be written into, or pointed at, another. A fault in the caller, not bad input:
    services look their arguments up inside the scope, where a foreign id is simply not found."""


@cache
def tenant_foreign_keys(model: type[models.Model]) -> tuple[models.ForeignKey[Any, Any], ...]:
    """Return the foreign keys of ``model`` that lead to tenant-owned records."""
    return tuple(
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and is_tenant_owned(field.related_model)
    )


def is_tenant_owned(model: Any) -> bool:
    """Return whether rows of ``model`` belong to one tenant each."""
    return bool(getattr(model, "tenant_owned", False))


def check_owner(row: models.Model, tenant_id: uuid.UUID) -> None:
    """Raise CrossTenantReference unless ``row`` says that it belongs to ``tenant_id``."""
    if not _same(row.tenant_id, tenant_id):  # type: ignore[attr-defined] # every tenant-owned row has it
        raise CrossTenantReference(f"{type(row).__name__} of another tenant cannot be written in this scope")


def check_stored_owner(row: models.Model, tenant_id: uuid.UUID) -> None:
    """The same for what the database says: Django deletes by the key alone, whatever tenant the object claims."""
    check_owner(row, tenant_id)
    if row.pk is not None and not type(row)._base_manager.filter(pk=row.pk).exists():
        raise CrossTenantReference(f"{type(row).__name__} {row.pk} is no record of this tenant")


def check_references(model: type[models.Model], rows: Sequence[models.Model], tenant_id: uuid.UUID) -> None:
    """Raise CrossTenantReference unless every row and everything it points to belongs to ``tenant_id``.

    Objects already loaded are compared; bare ids cost one query per foreign key.
    """
    for row in rows:
        check_owner(row, tenant_id)
    for field in tenant_foreign_keys(model):
        _check_ids(field, _unproven_ids(field, rows, tenant_id))


def check_update(model: type[models.Model], changes: Mapping[str, Any], tenant_id: uuid.UUID) -> None:
    """The same for ``QuerySet.update``."""
    if "tenant" in changes or "tenant_id" in changes:
        raise CrossTenantReference("A row never changes its tenant")
    for field in tenant_foreign_keys(model):
        for name in (field.name, field.attname):
            value: Any = changes.get(name)
            if isinstance(value, models.Model):
                if getattr(value, "tenant_id", None) != tenant_id:
                    raise CrossTenantReference(f"{model.__name__}.{field.name} points into another tenant")
            elif isinstance(value, (uuid.UUID, str)):
                _check_ids(field, {value})
            elif hasattr(value, "flatten"):  # an expression; bulk_update writes Case(When(…, then=Value(id)))
                _check_ids(field, {key for part in value.flatten() if (key := _constant(part)) is not None})


def _unproven_ids(field: models.ForeignKey[Any, Any], rows: Sequence[models.Model], tenant_id: uuid.UUID) -> set[Any]:
    """Return the ids still to be looked up: not none at all, and not those whose loaded object proves its tenant."""
    unproven, name, attribute = set(), field.cache_name, field.attname
    for row in rows:
        key = getattr(row, attribute)
        if key is None:
            continue
        target: Any = row._state.fields_cache.get(name)
        if target is None or not _same(target.pk, key):
            unproven.add(key)
        elif not _same(target.tenant_id, tenant_id):
            raise CrossTenantReference(f"{type(row).__name__}.{field.name} points into another tenant")
    return unproven


def _same(one: Any, other: Any) -> bool:
    """Whether two keys are equal: most are the same object, and comparing two of them takes several times as long."""
    return one is other or one == other


def _constant(expression: Any) -> Any:
    """Return the key that a constant in an expression names; None for anything else. Columns and subqueries are the
    scope's own already."""
    value = expression.value if isinstance(expression, Value) else None
    return value.pk if isinstance(value, models.Model) else value


def _check_ids(field: models.ForeignKey[Any, Any], ids: set[Any]) -> None:
    related: Any = field.related_model
    if ids and related._base_manager.filter(in_ids("pk", ids)).count() != len(ids):
        raise CrossTenantReference(f"{field.model.__name__}.{field.name} points to no record of this tenant")
