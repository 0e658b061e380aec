"""The last guard of substitutes: triggers that keep those of a released revision's lines as they are.

Beside ``guards.py``, whose tables are older. Installed by a migration, on SQLite and PostgreSQL; a later change of the
table on SQLite ends with ``install`` again.
"""

from __future__ import annotations

from typing import Any

from products.guards import FROZEN, LINE, MESSAGE, REVISION

SUBSTITUTE = "products_linesubstitute"
ACTIONS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def install(apps: Any, schema_editor: Any) -> None:
    """Create the triggers; the arguments are those of migrations.RunPython."""
    make = _postgresql if schema_editor.connection.vendor == "postgresql" else _sqlite
    for statement in make():
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    """Drop the triggers."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for action in ACTIONS:
        on_table = f" ON {SUBSTITUTE}" if postgresql else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {SUBSTITUTE}_frozen_{action.lower()}{on_table}", params=None)
    if postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS plm_keep_released_substitute()", params=None)


def _frozen(row: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {LINE} l JOIN {REVISION} r ON r.id = l.parent_revision_id "
        f"WHERE l.id = {row}.line_id AND r.state IN {FROZEN})"
    )


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {SUBSTITUTE}_frozen_{action.lower()} BEFORE {action} ON {SUBSTITUTE} "
        f"WHEN {' OR '.join(map(_frozen, rows))} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        for action, rows in ACTIONS.items()
    ]


def _postgresql() -> list[str]:
    stop = f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'"
    return [
        f"""
        CREATE OR REPLACE FUNCTION plm_keep_released_substitute() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP <> 'INSERT' AND {_frozen("OLD")} THEN {stop}; END IF;
            IF TG_OP <> 'DELETE' AND {_frozen("NEW")} THEN {stop}; END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$
        """,
        *(
            f"CREATE TRIGGER {SUBSTITUTE}_frozen_{action.lower()} BEFORE {action} ON {SUBSTITUTE} "
            "FOR EACH ROW EXECUTE FUNCTION plm_keep_released_substitute()"
            for action in ACTIONS
        ),
    ]
