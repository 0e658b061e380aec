"""History (django-simple-history) that belongs to a tenant like the record it tells of, and says who, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db import models
from simple_history.manager import HistoricalQuerySet, HistoryManager
from simple_history.models import HistoricalRecords

from plm_project.core import clock
from plm_project.core.actor import Actor, current_actor
from plm_project.core.ids import uuid7
from plm_project.tenancy.managers import CurrentTenant, TenantManager, TenantQuerySet
from plm_project.tenancy.references import check_owner, check_stored_owner
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
        """Save inside the scope. Raises TenantScopeMissing without one, CrossTenantReference across tenants."""
        check_owner(self, require_tenant_id())
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete inside the scope."""
        check_stored_owner(self, require_tenant_id())
        return super().delete(*args, **kwargs)


class ScopedHistoryQuerySet(HistoricalQuerySet, TenantQuerySet[Any]):  # type: ignore[misc]
    """History's own methods (``as_of`` …), with the tenant's rules for writes in bulk."""


class ScopedHistoryManager(HistoryManager):  # type: ignore[misc]
    """``record.history`` and ``Model.history``: inside the tenant's scope only."""

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

    ``kind`` is ``"+"`` (created), ``"~"`` (changed) or ``"-"`` (deleted). The rows must be saved already.
    """
    history_model = model.history.model
    moment = clock.now()
    fields: Iterable[Any] = history_model.tracked_fields
    names = [field.attname for field in fields]
    history_model.objects.bulk_create(
        (
            history_model(
                history_date=moment,
                history_type=kind,
                history_change_reason=reason[:500],
                history_user_id=actor.user_id,
                history_actor=actor.label,
                history_request_id=actor.request_id,
                **{name: getattr(row, name) for name in names},
            )
            for row in rows
        ),
        batch_size=500,
    )
