"""Records whose state only a transition may change (django-fsm, protected fields)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django_fsm import FSMField

from plm_project.core.actor import Actor


class Guarded(models.Model):
    """Base beside TenantRecord for models with a protected FSMField.

    The library's own refresh lifts the protection for the whole process while it runs; this one copies the freshly
    read values into the instance instead. ``clean_fields`` skips protected fields, which a plain one would assign.
    """

    class Meta:
        abstract = True

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Read the row again."""
        rows = type(self)._base_manager.using(using) if from_queryset is None else from_queryset
        fresh = rows.get(pk=self.pk)
        wanted = set(fields) if fields is not None else None
        for field in self._meta.concrete_fields:
            if wanted is None or field.name in wanted or field.attname in wanted:
                self.__dict__[field.attname] = getattr(fresh, field.attname)
                if field.is_relation and field.is_cached(self):
                    field.delete_cached_value(self)
        if wanted is None:
            self._prefetched_objects_cache: dict[str, Any] = {}

    def clean_fields(self, exclude: Any = None) -> None:
        """Clean all fields but the protected ones."""
        protected = {field.name for field in self._meta.concrete_fields if isinstance(field, FSMField)}
        super().clean_fields(exclude={*(exclude or ()), *protected})


def permitted(permission: str) -> Any:
    """Return what a ``@transition`` takes as ``permission``: the actor must hold it (django-fsm calls it ``user``)."""

    def check(_instance: Any, actor: Actor) -> bool:
        return actor.may(permission)

    check.plm_permission = permission  # type: ignore[attr-defined]
    return check
