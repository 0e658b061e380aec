"""The second wall: PostgreSQL row-level security on every tenant-owned table, from the models themselves.

``manage.py migrate`` ends with ``install``: a table cannot be forgotten, and a policy that was changed by hand is put
right. The application role owns nothing, has no BYPASSRLS and may not TRUNCATE, so raw SQL outside a scope sees no row
and writes none. Foreign-key checks of PostgreSQL ignore policies; ``references.py`` covers those.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from plm_project.tenancy.references import is_tenant_owned

POLICY = "plm_tenant"
# NULLIF: after a transaction that set it, the variable reads as '' rather than NULL, and ''::uuid is an error.
TENANT_RULE = "tenant_id = NULLIF(current_setting('plm.tenant', true), '')::uuid"


def tenant_tables() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every tenant-owned model with its table, history tables included."""
    for model in apps.get_models(include_auto_created=True):
        if is_tenant_owned(model):
            yield model, model._meta.db_table


def install(connection: Any) -> list[str]:
    """Create the application role, its grants and every policy; return the tables covered. No-op beside PostgreSQL.

    Idempotent. Run as the owner of the tables.
    """
    if connection.vendor != "postgresql":
        return []
    role = connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    tables = {table: model for model, table in tenant_tables()}
    with connection.cursor() as cursor:
        _create_role(cursor, settings.DATABASE_APP_ROLE)
        existing = set(connection.introspection.table_names(cursor))
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        ):
            cursor.execute(statement)
        for table in sorted(set(tables) & existing):
            _install_policy(connection, cursor, table, read_rule=getattr(tables[table], "row_read_rule", TENANT_RULE))
    return sorted(set(tables) & existing)


def _create_role(cursor: Any, role: str) -> None:
    cursor.execute(
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal}) THEN
                CREATE ROLE {name} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- made by somebody else just now
        END $$
        """.format(literal="'" + role.replace("'", "''") + "'", name='"' + role.replace('"', '""') + '"')
    )
    cursor.execute("SELECT NOT pg_has_role(current_user, %s, 'MEMBER')", [role])
    if cursor.fetchone()[0]:
        cursor.execute('GRANT "{}" TO CURRENT_USER'.format(role.replace('"', '""')))


def _install_policy(connection: Any, cursor: Any, table: str, *, read_rule: str) -> None:
    name = connection.ops.quote_name(table)
    cursor.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    cursor.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    cursor.execute(f"DROP POLICY IF EXISTS {POLICY} ON {name}")
    cursor.execute(f"DROP POLICY IF EXISTS {POLICY}_read ON {name}")
    cursor.execute(f"CREATE POLICY {POLICY} ON {name} USING ({TENANT_RULE}) WITH CHECK ({TENANT_RULE})")
    if read_rule != TENANT_RULE:
        cursor.execute(f"CREATE POLICY {POLICY}_read ON {name} FOR SELECT USING ({read_rule})")
