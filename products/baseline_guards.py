"""The last guard of baselines: triggers in the database itself, on SQLite and PostgreSQL.

The rows of a baseline are written first and its head last: from then on no row is added, changed or removed, and of the
head nothing changes but the withdrawal, once. See ``guards.py`` for released revisions, and for the trap on SQLite: a
later change of these tables rebuilds them without triggers, so its migration ends with ``install`` again.
"""

from __future__ import annotations

from typing import Any

BASELINE = "products_baseline"
ITEM = "products_baselineitem"
LINE = "products_baselineline"
MESSAGE = "A baseline never changes"
KEPT = ("tenant_id", "product_id", "name", "note", "revision_id", "revision_label", "mode", "as_of", "serial",
        "end_item_id", "choices", "with_optional", "product_count", "line_count", "depth", "checksum", "created_at",
        "created_by_id", "is_deleted")  # fmt: skip
WITHDRAWAL = ("withdrawn_at", "withdrawn_by_id", "withdrawn_reason")


def install(apps: Any, schema_editor: Any) -> None:
    """Create the triggers; the arguments are those of migrations.RunPython."""
    for statement in _postgresql() if schema_editor.connection.vendor == "postgresql" else _sqlite():
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    """Drop the triggers."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in (BASELINE, ITEM, LINE):
        for action in ("insert", "update", "delete"):
            on_table = f" ON {table}" if postgresql else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen_{action}{on_table}", params=None)
    if postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS plm_keep_baseline(), plm_keep_baseline_row()", params=None)


def _head_changes(different: str) -> str:
    kept = " OR ".join(f"NEW.{column} {different} OLD.{column}" for column in KEPT)
    again = " OR ".join(f"NEW.{column} {different} OLD.{column}" for column in WITHDRAWAL)
    return f"{kept} OR (OLD.withdrawn_at IS NOT NULL AND ({again}))"


def _sqlite() -> list[str]:
    abort = f"SELECT RAISE(ABORT, '{MESSAGE}')"
    statements = [
        f"CREATE TRIGGER {BASELINE}_frozen_update BEFORE UPDATE ON {BASELINE} "
        f"WHEN {_head_changes('IS NOT')} BEGIN {abort}; END",
        f"CREATE TRIGGER {BASELINE}_frozen_delete BEFORE DELETE ON {BASELINE} BEGIN {abort}; END",
    ]
    for table in (ITEM, LINE):
        sealed = f"EXISTS (SELECT 1 FROM {BASELINE} WHERE id = NEW.baseline_id)"
        statements += [
            f"CREATE TRIGGER {table}_frozen_insert BEFORE INSERT ON {table} WHEN {sealed} BEGIN {abort}; END",
            f"CREATE TRIGGER {table}_frozen_update BEFORE UPDATE ON {table} BEGIN {abort}; END",
            f"CREATE TRIGGER {table}_frozen_delete BEFORE DELETE ON {table} BEGIN {abort}; END",
        ]
    return statements


def _postgresql() -> list[str]:
    stop = f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'"
    statements = [
        # choices is jsonb here, which compares by content
        f"""
        CREATE OR REPLACE FUNCTION plm_keep_baseline() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'DELETE' THEN {stop}; END IF;
            IF {_head_changes("IS DISTINCT FROM")} THEN {stop}; END IF;
            RETURN NEW;
        END $$
        """,
        f"""
        CREATE OR REPLACE FUNCTION plm_keep_baseline_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP <> 'INSERT' THEN {stop}; END IF;
            IF EXISTS (SELECT FROM {BASELINE} WHERE id = NEW.baseline_id) THEN {stop}; END IF;
            RETURN NEW;
        END $$
        """,
    ]
    for table, function, actions in (
        (BASELINE, "plm_keep_baseline", ("UPDATE", "DELETE")),
        (ITEM, "plm_keep_baseline_row", ("INSERT", "UPDATE", "DELETE")),
        (LINE, "plm_keep_baseline_row", ("INSERT", "UPDATE", "DELETE")),
    ):
        statements += [
            f"CREATE TRIGGER {table}_frozen_{action.lower()} BEFORE {action} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
            for action in actions
        ]
    return statements
