"""Base models. Which one to choose:

``TenantRecord``   what people work with: audit fields, soft delete, a version for ETags; give it ``history = TenantHistory()``.
``TenantScoped``   machine rows of a tenant (events, numbers, stored answers): id and tenant alone.

Both are scoped by their managers and, on PostgreSQL, by row-level security. Nothing else may carry a tenant's data.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import PreconditionFailed
from plm_project.core.ids import uuid7
from plm_project.tenancy.managers import LiveManager, TenantManager
from plm_project.tenancy.references import check_references, check_stored_owner
from plm_project.tenancy.scope import require_tenant_id


class TenantScoped(models.Model):
    """A row of exactly one tenant, keyed by a UUIDv7."""

    tenant_owned: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+", editable=False)

    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save inside the scope. Raises TenantScopeMissing without one, CrossTenantReference across tenants."""
        tenant_id = require_tenant_id()
        if self.tenant_id is None:
            self.tenant_id = tenant_id
        check_references(type(self), [self], tenant_id)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete inside the scope."""
        check_stored_owner(self, require_tenant_id())
        return super().delete(*args, **kwargs)


class TenantRecord(TenantScoped):
    """A tenant's record as SPEC §2 wants it: who and when, soft delete, and a version that every save counts up."""

    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    is_deleted = models.BooleanField(_("deleted"), default=False, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[LiveManager[Any]] = LiveManager()
    all_objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "all_objects"
        default_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save and count the version up. Services call ``save_as``, which also says who and why."""
        self.version += 1
        fields: Iterable[str] | None = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "version", "updated_at", "updated_by"}
        super().save(*args, **kwargs)

    def save_as(self, actor: Actor, *, reason: str, update_fields: Iterable[str] | None = None) -> Self:
        """Save in the name of ``actor``: stamps the record and leaves a history row with who, when and why."""
        moment = clock.now()
        self.updated_at, self.updated_by_id = moment, actor.user_id
        if self._state.adding:
            self.created_at, self.created_by_id = moment, actor.user_id
        self._history_user = actor
        self._history_date = moment
        self._change_reason = reason[:500]
        self.save(update_fields=update_fields)
        return self

    def soft_delete_as(self, actor: Actor, *, reason: str) -> Self:
        """Take the record out of sight. It stays in the database and keeps its number for ever."""
        self.is_deleted, self.deleted_at, self.deleted_by_id = True, clock.now(), actor.user_id
        return self.save_as(actor, reason=reason, update_fields=["is_deleted", "deleted_at", "deleted_by"])

    def expect_version(self, expected: int | None) -> None:
        """Raise PreconditionFailed when the caller read another version than this one. Called under the row's lock."""
        if expected is not None and expected != self.version:
            raise PreconditionFailed(
                gettext("Somebody changed this since you opened it. Load it again and repeat your change.")
            )

    @property
    def key(self) -> uuid.UUID:
        """The primary key under the name that templates and events share."""
        return self.pk  # type: ignore[no-any-return]
