from __future__ import annotations

from typing import Any

from django.core.management.commands.flush import Command as DjangoFlush
from django.db import connections

from plm_project.tenancy.roles import acting_as_owner


class Command(DjangoFlush):
    """Django's flush, as the owner of the tables. On SQLite the guards of released records step aside for it."""

    def handle(self, **options: Any) -> None:
        """Empty every table."""
        connection = connections[options["database"]]
        with acting_as_owner(connection):
            guards = _lift_triggers(connection)
            try:
                super().handle(**options)
            finally:
                with connection.cursor() as cursor:
                    for statement in guards:
                        cursor.execute(statement)


def _lift_triggers(connection: Any) -> list[str]:
    """Drop SQLite's triggers and return the statements that make them again (TRUNCATE fires none on PostgreSQL)."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
    return [sql for _name, sql in triggers]
