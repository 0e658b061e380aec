"""Which database role a connection works as: the application role, but for the owner's commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

_owner: ContextVar[bool] = ContextVar("plm_database_owner", default=False)


def on_connection_created(sender: Any, connection: Any, **_kwargs: Any) -> None:
    """Step down to the application role on every new PostgreSQL connection.

    Before the first ``migrate`` the role does not exist yet; then the connection stays what it is and can do nothing,
    for there are no tables.
    """
    if connection.vendor != "postgresql" or connection.alias != "default" or _owner.get():
        return
    with connection.cursor() as cursor:
        _step_down(cursor)


@contextmanager
def acting_as_owner(connection: Any) -> Iterator[None]:
    """Work as the role that the connection signed in with. For ``migrate`` and ``flush`` alone."""
    if connection.vendor != "postgresql":
        yield
        return
    token = _owner.set(True)
    try:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        yield
    finally:
        _owner.reset(token)
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                _step_down(cursor)


def _step_down(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APP_ROLE])
    if cursor.fetchone():
        cursor.execute('SET ROLE "{}"'.format(settings.DATABASE_APP_ROLE.replace('"', '""')))


def refresh_statistics(connection: Any, *models: type[Model]) -> None:
    """Tell PostgreSQL's planner what a bulk load changed. Autovacuum would do it within a minute or so; the questions
    asked right after an import would be planned for empty tables until then."""
    if connection.vendor != "postgresql":
        return
    with acting_as_owner(connection), connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
