"""History (django-simple-history) that belongs to a tenant like the record it tells of, and says who, when and why."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

from django.db import connection, models
from simple_history.manager import HistoricalQuerySet, HistoryManager
from simple_history.models import HistoricalRecords

from plm_project.core import clock
from plm_project.core.actor import Actor, current_actor
from plm_project.core.ids import uuid7
from plm_project.tenancy.audit.keys import audit_key, audit_keys
from plm_project.tenancy.managers import CurrentTenant, TenantManager, TenantQuerySet
from plm_project.tenancy.references import CrossTenantReference, check_owner, check_stored_owner
from plm_project.tenancy.scope import require_tenant_id


class ScopedHistory(models.Model):
    """What every history row has beside the record's own fields."""

    tenant_owned: ClassVar[bool] = True

    history_user_id = models.UUIDField(null=True, blank=True)
    history_actor = models.CharField(max_length=254, blank=True, default="")
    history_request_id = models.CharField(max_length=64, blank=True, default="")

    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save inside the scope, a new row under a key of ours. Raises TenantScopeMissing without one,
        CrossTenantReference across tenants.
        """
        tenant_id = require_tenant_id()
        check_owner(self, tenant_id)
        if self._state.adding:
            self.history_id = audit_key(self._meta.db_table, tenant_id, self.id)  # type: ignore[attr-defined] # the record's own
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete inside the scope."""
        check_stored_owner(self, require_tenant_id())
        return super().delete(*args, **kwargs)


class ScopedHistoryQuerySet(HistoricalQuerySet, TenantQuerySet[Any]):  # type: ignore[misc]
    """History's own methods (``as_of`` …), with the tenant's rules for writes in bulk."""


class ScopedHistoryManager(HistoryManager):  # type: ignore[misc]
    """``record.history`` and ``Model.history``: inside the tenant's scope only."""

    @classmethod
    @cache
    def from_queryset(cls, *args: Any, **kwargs: Any) -> Any:
        """Return the class with the queryset's methods, the same one each time: simple-history asks for it whenever
        somebody says ``record.history``, which every save does."""
        return super().from_queryset(*args, **kwargs)

    def get_super_queryset(self) -> models.QuerySet[Any]:
        """Return the scope's history rows."""
        return super().get_super_queryset().filter(tenant_id=CurrentTenant())  # type: ignore[no-any-return]


def _read_user(historical: Any) -> None:
    """History keeps the id and the label, so that a person who is gone stays named."""


def _write_user(historical: Any, actor: Actor | None) -> None:
    if isinstance(actor, Actor):
        historical.history_user_id = actor.user_id
        historical.history_actor = actor.label
        historical.history_request_id = actor.request_id


def _who(instance: Any, **_kwargs: Any) -> Actor | None:
    return current_actor()


class TenantHistory(HistoricalRecords):  # type: ignore[misc]
    """The history of a TenantRecord: ``history = TenantHistory()``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            bases=[ScopedHistory],
            history_manager=ScopedHistoryManager,
            historical_queryset=ScopedHistoryQuerySet,
            history_id_field=models.UUIDField(default=uuid7, editable=False),
            history_user_id_field=models.UUIDField(null=True, blank=True),
            history_user_getter=_read_user,
            history_user_setter=_write_user,
            history_change_reason_field=models.CharField(max_length=500, null=True),
            get_user=_who,
            **kwargs,
        )

    def create_history_model(self, model: Any, inherited: bool) -> Any:
        """Make the history model; its base manager is scoped too: refresh_from_db, save and cascades go through it."""
        history_model = super().create_history_model(model, inherited)
        history_model._meta.base_manager_name = "objects"
        return history_model


def record_in_bulk(model: Any, rows: Sequence[Any], actor: Actor, *, reason: str, kind: str) -> None:
    """Write one history row per row with few statements, for services that insert or update sets.

    ``kind`` is ``"+"`` (created), ``"~"`` (changed) or ``"-"`` (deleted). The rows must be saved already: the database
    copies what it holds, so that no value travels a second time. Raises CrossTenantReference, and so
    writes nothing, when one of the rows is not a stored row of the running scope's tenant.
    """
    tenant_id = require_tenant_id()
    for row in rows:
        check_owner(row, tenant_id)
    table = model.history.model._meta.db_table
    ids = [row.pk for row in rows]
    keys = list(zip(ids, audit_keys(table, tenant_id, ids), strict=True))
    statement, said = _copy_statement(model), _said(actor, reason, kind)
    for start in range(0, len(keys), _ROWS_A_STATEMENT):
        chunk = keys[start : start + _ROWS_A_STATEMENT]
        with connection.cursor() as cursor:
            cursor.execute(statement, [*said, *_key_pairs(chunk), _prepared(tenant_id)])
            if cursor.rowcount != len(chunk):
                raise CrossTenantReference(f"{model.__name__} rows are no records of this tenant, or not saved yet")


_ROWS_A_STATEMENT = 10_000
# Each record's key beside the key of its history row.
_PAIRS = {
    "postgresql": "unnest(%s::uuid[], %s::uuid[]) k(id, history_id)",
    "sqlite": "(SELECT value ->> 0 AS id, value ->> 1 AS history_id FROM json_each(%s)) k",
}


def _copy_statement(model: Any) -> str:
    """Return the statement that copies stored rows of ``model``, named by their keys, into its history."""
    quote = connection.ops.quote_name
    history: Any = model.history.model
    names = [quote(column.column) for column in history.tracked_fields]
    own = ", ".join(quote(history._meta.get_field(name).column) for name in _SAID)
    return (
        f"INSERT INTO {quote(history._meta.db_table)} ({own}, history_id, {', '.join(names)}) "
        f"SELECT {', '.join(['%s'] * len(_SAID))}, k.history_id, {', '.join(f't.{name}' for name in names)} "
        f"FROM {_PAIRS[connection.vendor]} JOIN {quote(model._meta.db_table)} t ON t.id = k.id WHERE t.tenant_id = %s"
    )


_SAID = (
    "history_date",
    "history_type",
    "history_change_reason",
    "history_user_id",
    "history_actor",
    "history_request_id",
)


def _said(actor: Actor, reason: str, kind: str) -> list[Any]:
    """Return the values of ``_SAID``."""
    user = None if actor.user_id is None else _prepared(actor.user_id)
    when = models.DateTimeField().get_db_prep_value(clock.now(), connection)
    return [when, kind, reason[:500], user, actor.label, actor.request_id]


def _prepared(value: uuid.UUID) -> Any:
    return models.UUIDField().get_db_prep_value(value, connection)


def _key_pairs(pairs: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> list[Any]:
    if connection.vendor == "postgresql":
        # As one text each: the driver would quote every key by itself.
        return [f"{{{','.join(key.hex for key in column)}}}" for column in zip(*pairs, strict=True)]
    return [json.dumps([[key.hex, history.hex] for key, history in pairs])]
