"""Writing sets of rows with one statement, whatever their number.

On PostgreSQL the rows travel as one JSON document that the database turns into rows of the table's own type. Sending
every value as a parameter took about twice as long, most of it spent on quoting. SQLite inserts through the ORM.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.references import CHUNK, CrossTenantReference, check_references
from plm_project.tenancy.scope import require_tenant_id

ROWS_A_STATEMENT = 10_000


def insert_in_bulk(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Insert complete new rows: every field set, keys included. Raises as ``bulk_create``; nothing is filled in.

    The rows and all they point to must be the running scope's tenant's, else CrossTenantReference and no row.
    """
    tenant_id = require_tenant_id()
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows, batch_size=CHUNK)
        return
    check_references(model, rows, tenant_id)
    fields = [(str(field.column), field.attname, _writer(field)) for field in model._meta.concrete_fields]
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(column) for column, _name, _write in fields)
    sql = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)"
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        chunk = rows[start : start + ROWS_A_STATEMENT]
        written = [{column: write(getattr(row, name)) for column, name, write in fields} for row in chunk]
        with connection.cursor() as cursor:
            cursor.execute(sql, [json.dumps(written)])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _writer(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """Return how a field's values are written in JSON. A column of JSON takes them as they are."""
    target = getattr(field, "target_field", field)
    if isinstance(target, models.UUIDField):
        return lambda value: None if value is None else value.hex
    if isinstance(target, models.DecimalField):
        return lambda value: None if value is None else str(value)
    if isinstance(target, models.DateField):
        return lambda value: None if value is None else value.isoformat()
    return lambda value: value


def point_in_bulk(model: type[models.Model], field: str, targets: Mapping[Any, uuid.UUID], actor: Actor) -> None:
    """Set the foreign key ``field`` of each row to its target, stamped and counted as ``save_as`` does.

    ``targets`` maps stored rows to keys the caller has looked up inside the scope. The objects are kept up to date;
    history is the caller's. Raises CrossTenantReference, and so writes nothing, when a row is not this tenant's.
    """
    tenant_id, moment = require_tenant_id(), clock.now()
    column: Any = model._meta.get_field(field)
    rows = list(targets)
    for row in rows:
        setattr(row, column.attname, targets[row])
        row.version, row.updated_at, row.updated_by_id = row.version + 1, moment, actor.user_id
    check_references(model, rows, tenant_id)
    quote = connection.ops.quote_name
    if connection.vendor == "postgresql":
        pairs = "SELECT (value ->> 0)::uuid AS id, (value ->> 1)::uuid AS target FROM json_array_elements(%s::json)"
    else:
        pairs = "SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS target FROM json_each(%s)"
    sql = (
        f"UPDATE {quote(model._meta.db_table)} SET {quote(column.column)} = pairs.target, version = version + 1, "
        f"updated_at = %s, updated_by_id = %s FROM ({pairs}) pairs "
        f"WHERE {quote(model._meta.db_table)}.id = pairs.id AND tenant_id = %s"
    )
    who = None if actor.user_id is None else _prepared(actor.user_id)
    when = models.DateTimeField().get_db_prep_value(moment, connection)
    document = json.dumps([[row.pk.hex, targets[row].hex] for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(sql, [when, who, document, _prepared(tenant_id)])
        if cursor.rowcount != len(rows):
            raise CrossTenantReference(f"{model.__name__} rows are no records of this tenant, or not saved yet")


def _prepared(value: uuid.UUID) -> Any:
    return models.UUIDField().get_db_prep_value(value, connection)
