"""Writing sets of rows with one statement, whatever their number.

On PostgreSQL the rows travel as one JSON document that the database turns into rows of the table's own type. Sending
every value as a parameter took about twice as long, most of it spent on quoting. SQLite, and a few rows anywhere, go
through the ORM.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter, methodcaller
from typing import Any, TypeAlias, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from django.db.models.functions import Cast

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.core.json_form import as_json
from plm_project.tenancy.references import CHUNK, CrossTenantReference, check_references
from plm_project.tenancy.scope import require_tenant_id

ROWS_A_STATEMENT = 10_000
_FEW = 4  # so few are read faster as parameters: what is large in them is not JSON within JSON
M = TypeVar("M", bound=models.Model)
RowMaker: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, models.Model]], M]


def insert_in_bulk(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Insert complete new rows: every field set, keys included. Raises as ``bulk_create``; nothing is filled in.

    The rows and all they point to must be the running scope's tenant's, else CrossTenantReference and no row.
    """
    tenant_id = require_tenant_id()
    if connection.vendor != "postgresql" or len(rows) < _FEW:
        model._default_manager.bulk_create(rows, batch_size=CHUNK)
        return
    check_references(model, rows, tenant_id)
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in model._meta.concrete_fields)
    sql = (
        f"INSERT INTO {table} ({columns}) SELECT {columns} "
        f"FROM json_populate_recordset(json_populate_record(NULL::{table}, %s::json), %s::json)"
    )
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        with connection.cursor() as cursor:
            cursor.execute(sql, _documents(model, rows[start : start + ROWS_A_STATEMENT]))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _documents(model: type[models.Model], rows: Sequence[Any]) -> list[str]:
    """Return what all rows have in common, and what each has of its own, as JSON. Left out is NULL in both.

    Most columns of an import say the same in every row; saying it once halves what the database has to read.
    """
    values = [
        row.__dict__ for row in rows
    ]  # complete rows have every field there, and reading it costs half of getattr
    common: dict[str, Any] = {}
    plain: list[tuple[str, str]] = []
    written: list[tuple[str, str, Callable[[Any], Any]]] = []
    for field in model._meta.concrete_fields:
        column, name, write = str(field.column), field.attname, _writer(field)
        first = values[0][name]
        if all(own[name] is first or own[name] == first for own in values):
            if first is not None:
                common[column] = write(first) if write else first
        elif write:
            written.append((column, name, write))
        else:
            plain.append((column, name))
    documents = []
    for own in values:
        document = {column: value for column, name in plain if (value := own[name]) is not None}
        for column, name, write in written:
            if (value := own[name]) is not None:
                document[column] = write(value)
        documents.append(document)
    return [json.dumps(common, default=as_json), json.dumps(documents, default=as_json)]


def _writer(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return how a field's values are written in JSON; None where they go as they are, as in a column of JSON."""
    target = getattr(field, "target_field", field)
    if isinstance(target, models.UUIDField):
        return attrgetter("hex")
    if isinstance(target, models.DecimalField):
        return str
    if isinstance(target, models.DateField):
        return methodcaller("isoformat")
    return None


def row_maker(model: type[M], **shared: Any) -> RowMaker[M]:
    """Return a maker of new rows that have ``shared`` and otherwise the fields' defaults, each with a key of its own.

    The maker takes a row's own column values by attribute name, and the loaded records its foreign keys point to by
    field name. Building a row of thirty fields by its class takes ten times as long: as much as inserting it.
    """
    prototype = model(**shared)
    common = {name: value for name, value in prototype.__dict__.items() if name != "_state"}
    columns = {field.name: field.attname for field in model._meta.concrete_fields}
    containers = [
        (field.attname, field.default) for field in model._meta.concrete_fields if field.default in (dict, list)
    ]

    def make(own: Mapping[str, Any], loaded: Mapping[str, models.Model]) -> M:
        row = model.__new__(model)
        row._state = ModelState()
        row._state.fields_cache.update(loaded)
        values = row.__dict__
        values.update(common, id=uuid7())
        for name, empty in containers:  # what one row puts into its list is not in the others'
            values[name] = empty()
        values.update(own)
        for name, record in loaded.items():
            values[columns[name]] = record.pk
        return row

    return make


def records_read(rows: models.QuerySet[M], *names: str, **joined: Sequence[str]) -> list[M]:
    """Return the records of a query with the columns ``names`` loaded, and behind each foreign key of ``joined`` its record
    with the columns named there, one object for all rows that point to it. What is not named is read when asked for.

    As ``only`` and ``select_related`` would, in a third of the time, most of which goes into building records by their class.
    """
    targets: list[tuple[str, Any, slice]] = []
    asked: list[Any] = [_as_text(rows.model, name, name) for name in names]
    for key, own in joined.items():
        target: Any = rows.model._meta.get_field(key).related_model
        targets.append(
            (key, _stored_maker(target, rows.db, ["id", *own]), slice(len(asked), len(asked) + 1 + len(own)))
        )
        asked += [f"{key}__id", *(_as_text(target, name, f"{key}__{name}") for name in own)]
    known: dict[tuple[str, Any], Any] = {}
    make, found = _stored_maker(rows.model, rows.db, names), []
    for values in rows.values_list(*asked):
        row = make(values)
        for key, make_target, place in targets:
            its = values[place]
            if its[0] is not None and (key, its[0]) not in known:
                known[key, its[0]] = make_target(its)
            row._state.fields_cache[key] = known.get((key, its[0]))
        found.append(row)
    return found


def keep_related(record: models.Model, name: str, rows: Sequence[models.Model]) -> None:
    """Have ``record.<name>.all()`` answer with these rows from now on, as ``prefetch_related`` would have it."""
    kept = getattr(record, name).all()
    kept._result_cache, kept._prefetch_done = list(rows), True
    record.__dict__.setdefault("_prefetched_objects_cache", {})[name] = kept


def has_kept(record: models.Model, name: str) -> bool:
    """Whether ``record.<name>.all()`` answers without a query, by ``keep_related`` or ``prefetch_related``."""
    return name in getattr(record, "_prefetched_objects_cache", ())


def _as_text(model: type[models.Model], name: str, path: str) -> Any:
    """Return how a column is asked for: JSON as its text, for ``_decoded``."""
    return Cast(path, models.TextField()) if isinstance(model._meta.get_field(name), models.JSONField) else path


def _decoded(text: str | None) -> Any:
    """Return what JSON text says. Nearly all of it is an empty list or object, and a decoder takes ten times as long."""
    if text is None:
        return None
    return [] if text == "[]" else {} if text == "{}" else json.loads(text)


def _stored_maker(model: type[M], alias: str, names: Sequence[str]) -> Callable[[Sequence[Any]], M]:
    """Return a maker of stored records with the values of these columns; further values are left over."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    attributes = [field.attname for field in fields]
    documents = [field.attname for field in fields if isinstance(field, models.JSONField)]

    def make(values: Sequence[Any]) -> M:
        row = model.__new__(model)
        row._state = ModelState()
        row._state.adding, row._state.db = False, alias
        own = row.__dict__
        own.update(zip(attributes, values, strict=False))
        for name in documents:
            own[name] = _decoded(own[name])
        return row

    return make


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
