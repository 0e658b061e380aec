"""The last guard of released revisions: triggers in the database itself, on SQLite and PostgreSQL.

A revision that was released keeps number, label, text, release data and beginning; its state moves only onwards
(released → superseded → obsolete); its lines are neither added, changed nor removed. Installed by a migration.
On SQLite a later change of these tables rebuilds them without triggers: its migration ends with ``install`` again
(a test fails where that was forgotten).
"""

from __future__ import annotations

from typing import Any

REVISION = "products_productrevision"
LINE = "products_bomline"
FROZEN = "('released', 'superseded', 'obsolete')"
KEPT = ("tenant_id", "product_id", "sequence", "label", "description", "effective_from", "released_at", "released_by_id",
        "is_deleted")  # fmt: skip
MESSAGE = "A released revision never changes"


def install(apps: Any, schema_editor: Any) -> None:
    """Create the triggers; the arguments are those of migrations.RunPython."""
    make = _postgresql if schema_editor.connection.vendor == "postgresql" else _sqlite
    for statement in make():
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    """Drop the triggers."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in (REVISION, LINE):
        for action in ("insert", "update", "delete"):
            on_table = f" ON {table}" if postgresql else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen_{action}{on_table}", params=None)
    if postgresql:
        schema_editor.execute(
            "DROP FUNCTION IF EXISTS plm_keep_released_revision(), plm_keep_released_line()", params=None
        )


def _changed(operator: str) -> str:
    return " OR ".join(f"NEW.{column} {operator} OLD.{column}" for column in KEPT)


def _state_goes_back() -> str:
    return (
        "(OLD.state = 'released' AND NEW.state NOT IN ('released', 'superseded', 'obsolete')) OR "
        "(OLD.state = 'superseded' AND NEW.state NOT IN ('superseded', 'obsolete')) OR "
        "(OLD.state = 'obsolete' AND NEW.state <> 'obsolete')"
    )


def _sqlite() -> list[str]:
    abort = f"SELECT RAISE(ABORT, '{MESSAGE}')"
    frozen_new = f"(SELECT state FROM {REVISION} WHERE id = NEW.parent_revision_id) IN {FROZEN}"
    frozen_old = f"(SELECT state FROM {REVISION} WHERE id = OLD.parent_revision_id) IN {FROZEN}"
    return [
        f"CREATE TRIGGER {REVISION}_frozen_update BEFORE UPDATE ON {REVISION} "
        f"WHEN OLD.state IN {FROZEN} AND ({_changed('IS NOT')} OR {_state_goes_back()}) BEGIN {abort}; END",
        f"CREATE TRIGGER {REVISION}_frozen_delete BEFORE DELETE ON {REVISION} "
        f"WHEN OLD.state IN {FROZEN} BEGIN {abort}; END",
        f"CREATE TRIGGER {LINE}_frozen_insert BEFORE INSERT ON {LINE} WHEN {frozen_new} BEGIN {abort}; END",
        f"CREATE TRIGGER {LINE}_frozen_update BEFORE UPDATE ON {LINE} WHEN {frozen_old} OR {frozen_new} BEGIN {abort}; END",
        f"CREATE TRIGGER {LINE}_frozen_delete BEFORE DELETE ON {LINE} WHEN {frozen_old} BEGIN {abort}; END",
    ]


def _postgresql() -> list[str]:
    stop = f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'"
    return [
        f"""
        CREATE OR REPLACE FUNCTION plm_keep_released_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF OLD.state IN {FROZEN} THEN
                IF TG_OP = 'DELETE' THEN {stop}; END IF;
                IF {_changed("IS DISTINCT FROM")} OR {_state_goes_back()} THEN {stop}; END IF;
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$
        """,
        f"""
        CREATE OR REPLACE FUNCTION plm_keep_released_line() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP <> 'INSERT' AND
               EXISTS (SELECT FROM {REVISION} WHERE id = OLD.parent_revision_id AND state IN {FROZEN}) THEN {stop}; END IF;
            IF TG_OP <> 'DELETE' AND
               EXISTS (SELECT FROM {REVISION} WHERE id = NEW.parent_revision_id AND state IN {FROZEN}) THEN {stop}; END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$
        """,
        f"CREATE TRIGGER {REVISION}_frozen_update BEFORE UPDATE ON {REVISION} "
        "FOR EACH ROW EXECUTE FUNCTION plm_keep_released_revision()",
        f"CREATE TRIGGER {REVISION}_frozen_delete BEFORE DELETE ON {REVISION} "
        "FOR EACH ROW EXECUTE FUNCTION plm_keep_released_revision()",
        *(
            f"CREATE TRIGGER {LINE}_frozen_{action.lower()} BEFORE {action} ON {LINE} "
            "FOR EACH ROW EXECUTE FUNCTION plm_keep_released_line()"
            for action in ("INSERT", "UPDATE", "DELETE")
        ),
    ]
