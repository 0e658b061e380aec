"""The last guard of the vault: triggers in the database itself, on SQLite and PostgreSQL.

What a version says of its file never changes. A released revision of a document keeps number, label, text and release
data, its state moves only onwards, and no version is added to it or taken away. See ``guards.py`` for products.
"""

from __future__ import annotations

from typing import Any

from products.guards import FROZEN, MESSAGE

REVISION = "products_documentrevision"
VERSION = "products_documentversion"
KEPT = ("tenant_id", "document_id", "sequence", "label", "description", "released_at", "released_by_id", "is_deleted")
FILE = ("tenant_id", "revision_id", "number", "file_sha256", "file_name", "file_size", "file_kind", "is_deleted")
GOES_BACK = (
    "(OLD.state = 'released' AND NEW.state NOT IN ('released', 'superseded', 'obsolete')) OR "
    "(OLD.state = 'superseded' AND NEW.state NOT IN ('superseded', 'obsolete')) OR "
    "(OLD.state = 'obsolete' AND NEW.state <> 'obsolete')"
)
VERSION_MESSAGE = "A version of a document never changes"


def install(apps: Any, schema_editor: Any) -> None:
    """Create the triggers; the arguments are those of migrations.RunPython."""
    for statement in _postgresql() if schema_editor.connection.vendor == "postgresql" else _sqlite():
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    """Drop the triggers."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in (REVISION, VERSION):
        for action in ("insert", "update", "delete"):
            on_table = f" ON {table}" if postgresql else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen_{action}{on_table}", params=None)
    if postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS plm_keep_docrevision(), plm_keep_version()", params=None)


def _changed(columns: tuple[str, ...], operator: str) -> str:
    return " OR ".join(f"NEW.{column} {operator} OLD.{column}" for column in columns)


def _sqlite() -> list[str]:
    abort, never = f"SELECT RAISE(ABORT, '{MESSAGE}')", f"SELECT RAISE(ABORT, '{VERSION_MESSAGE}')"
    frozen_new = f"(SELECT state FROM {REVISION} WHERE id = NEW.revision_id) IN {FROZEN}"
    frozen_old = f"(SELECT state FROM {REVISION} WHERE id = OLD.revision_id) IN {FROZEN}"
    return [
        f"CREATE TRIGGER {REVISION}_frozen_update BEFORE UPDATE ON {REVISION} "
        f"WHEN OLD.state IN {FROZEN} AND ({_changed(KEPT, 'IS NOT')} OR {GOES_BACK}) BEGIN {abort}; END",
        f"CREATE TRIGGER {REVISION}_frozen_delete BEFORE DELETE ON {REVISION} "
        f"WHEN OLD.state IN {FROZEN} BEGIN {abort}; END",
        f"CREATE TRIGGER {VERSION}_frozen_insert BEFORE INSERT ON {VERSION} WHEN {frozen_new} BEGIN {abort}; END",
        f"CREATE TRIGGER {VERSION}_frozen_update BEFORE UPDATE ON {VERSION} "
        f"WHEN {_changed(FILE, 'IS NOT')} BEGIN {never}; END",
        f"CREATE TRIGGER {VERSION}_frozen_delete BEFORE DELETE ON {VERSION} WHEN {frozen_old} BEGIN {abort}; END",
    ]


def _postgresql() -> list[str]:
    stop, never = (
        f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'"
        for message in (MESSAGE, VERSION_MESSAGE)
    )
    return [
        f"""
        CREATE OR REPLACE FUNCTION plm_keep_docrevision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF OLD.state IN {FROZEN} THEN
                IF TG_OP = 'DELETE' THEN {stop}; END IF;
                IF {_changed(KEPT, "IS DISTINCT FROM")} OR {GOES_BACK} THEN {stop}; END IF;
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$
        """,
        f"""
        CREATE OR REPLACE FUNCTION plm_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF {_changed(FILE, "IS DISTINCT FROM")} THEN {never}; END IF;
                RETURN NEW;
            END IF;
            IF TG_OP = 'INSERT' THEN
                IF EXISTS (SELECT FROM {REVISION} WHERE id = NEW.revision_id AND state IN {FROZEN}) THEN {stop}; END IF;
                RETURN NEW;
            END IF;
            IF EXISTS (SELECT FROM {REVISION} WHERE id = OLD.revision_id AND state IN {FROZEN}) THEN {stop}; END IF;
            RETURN OLD;
        END $$
        """,
        *(
            f"CREATE TRIGGER {table}_frozen_{action.lower()} BEFORE {action} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
            for table, function, actions in (
                (REVISION, "plm_keep_docrevision", ("UPDATE", "DELETE")),
                (VERSION, "plm_keep_version", ("INSERT", "UPDATE", "DELETE")),
            )
            for action in actions
        ),
    ]
