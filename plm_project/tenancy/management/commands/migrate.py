from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from plm_project.tenancy.roles import acting_as_owner
from plm_project.tenancy.row_security import install


class Command(DjangoMigrate):
    """Django's migrate, as the owner of the tables, followed by the row-level security of every tenant-owned table."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then install the policies."""
        connection = connections[options["database"]]
        with acting_as_owner(connection):
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                install(connection)
