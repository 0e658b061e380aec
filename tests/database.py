"""The tests' own database: a copy of one that is migrated already where there is one, emptied row by row after a test
with real transactions. Migrating takes twenty seconds a process, TRUNCATE of a hundred tables a second a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction

from plm_project.tenancy.roles import acting_as_owner

# scripts/test.py says here which database it has migrated: a name on PostgreSQL, a file on SQLite.
TEMPLATE = os.environ.get("PLM_TEST_TEMPLATE", "")
# What migrating leaves, and no test changes.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@contextmanager
def copied() -> Iterator[None]:
    """Let this process work on a copy of TEMPLATE; drop it at the end."""
    name, origin = connection.creation._get_test_db_name(), connection.settings_dict["NAME"]  # type: ignore[attr-defined]
    _drop(name)
    _copy(name)
    _turn_to(name)
    yield
    _turn_to(origin)
    _drop(name)


def let_go() -> None:
    """Let go of the connections that sockets' threads still hold when PostgreSQL is to drop the database: Channels'
    test client keeps them from being closed (channels.testing patches ``close_old_connections`` away)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")  # the application's role may not
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.close()


def _turn_to(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _copy(name: str) -> None:
    if connection.vendor == "sqlite":
        shutil.copyfile(TEMPLATE, name)
        return
    quoted = connection.ops.quote_name
    with connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(TEMPLATE)}")


def _drop(name: str) -> None:
    if connection.vendor == "sqlite":
        for ending in ("", "-wal", "-shm"):
            Path(f"{name}{ending}").unlink(missing_ok=True)
        return
    with connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}")


def empty(_test_case: Any = None) -> None:
    """Delete every row but those that migrating leaves. Whoever is still writing is waited for."""
    tables = [name for name in sorted(connection.introspection.table_names()) if name not in KEPT]
    names = [connection.ops.quote_name(table) for table in tables]
    if connection.vendor == "sqlite":
        _empty_file(names)
        return
    for tries_left in (2, 1, 0):
        try:
            _empty_tables(names)
            return
        except OperationalError:  # a writer that holds one table wanted the next: PostgreSQL let it go first
            if not tries_left:
                raise


def _empty_tables(names: list[str]) -> None:
    with acting_as_owner(connection), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # neither guards nor references hold it up
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("; ".join(f"DELETE FROM {name}" for name in names))


def _empty_file(names: list[str]) -> None:
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = cursor.fetchall()
        for guard, _statement in guards:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(guard)}")
        for name in names:
            cursor.execute(f"DELETE FROM {name}")
        for _guard, statement in guards:
            cursor.execute(statement)
