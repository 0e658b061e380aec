"""Who did what to a change, when and why: its own history and that of all that hangs on it, as one list."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from changes.choices import Place, RedlineOperation
from changes.content import SETTINGS
from changes.line_settings import settings_flat
from changes.models import AffectedProduct, Approval, ChangeDocument, Disposition, EngineeringChange, Redline
from plm_project.accounts.models import User
from plm_project.core.decimals import plain
from products.models import Document, Product, ProductRevision

RECORDS: dict[str, Any] = {
    "change": EngineeringChange,
    "affected_product": AffectedProduct,
    "document": ChangeDocument,
    "disposition": Disposition,
    "redline": Redline,
    "approval": Approval,
}
ACTIONS = {"+": "created", "~": "changed", "-": "deleted"}
# Every write changes these, or they say nothing to people.
UNTOLD = frozenset(
    {"id", "tenant", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by",
     "is_deleted", "change", "affected", "before", "position", "line", "conflicts"}
)  # fmt: skip
# Foreign keys that people know by another name than their id.
PRODUCT_FIELDS = frozenset({"child", "product", "replacement"})
DOCUMENT_FIELDS = frozenset({"document"})
REVISION_FIELDS = frozenset({"base_revision", "resulting_revision"})
PERSON_FIELDS = frozenset({"approver", "implemented_by", "owner", "completed_by"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after, as text, number or list that JSON takes."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One write. ``record`` is one of RECORDS; ``subject`` says which, for people."""

    record: str
    record_id: uuid.UUID
    subject: str
    action: str
    when: dt.datetime
    who: str
    user_id: uuid.UUID | None
    why: str
    request_id: str
    changes: tuple[FieldChange, ...]


def change_history(change: EngineeringChange) -> list[HistoryEntry]:
    """Return everything that happened to the change, newest first. A fixed number of queries."""
    rows = {
        name: list(model.history.filter(**({"id": change.pk} if name == "change" else {"change_id": change.pk})))
        for name, model in RECORDS.items()
    }
    names = _names([row for found in rows.values() for row in found])
    entries = [entry for name, found in rows.items() for entry in _entries(name, found, names)]
    return sorted(entries, key=lambda entry: (entry.when, entry.record == "change"), reverse=True)


def _names(rows: Iterable[Any]) -> dict[uuid.UUID, str]:
    """Return what people call the products, revisions and persons that the rows point to."""
    found: dict[uuid.UUID, str] = {}
    for fields, model, shown in (
        (PRODUCT_FIELDS, Product, "product_number"),
        (DOCUMENT_FIELDS, Document, "document_number"),
        (REVISION_FIELDS, ProductRevision, "label"),
        (PERSON_FIELDS, User, "email"),
    ):
        keys = {key for row in rows for name in fields if (key := getattr(row, f"{name}_id", None))}
        manager: Any = getattr(model, "all_objects", model._default_manager)
        found.update(manager.filter(pk__in=keys).order_by().values_list("pk", shown))
    return found


def _entries(record: str, rows: list[Any], names: dict[uuid.UUID, str]) -> Iterator[HistoryEntry]:
    by_record: dict[uuid.UUID, list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row.history_date, str(row.history_id))):
        by_record.setdefault(row.id, []).append(row)
    for versions in by_record.values():
        yield _entry(record, versions[0], None, names)
        for before, row in pairwise(versions):
            yield _entry(record, row, before, names)


def _entry(record: str, row: Any, before: Any, names: dict[uuid.UUID, str]) -> HistoryEntry:
    gone = row.is_deleted and not (before and before.is_deleted)
    return HistoryEntry(
        record=record,
        record_id=row.id,
        subject=_subject(record, row, names),
        action="deleted" if gone else ACTIONS[row.history_type],
        when=row.history_date,
        who=row.history_actor,
        user_id=row.history_user_id,
        why=row.history_change_reason or "",
        request_id=row.history_request_id,
        changes=tuple(_changes(before, row, names)) if before is not None else (),
    )


def _subject(record: str, row: Any, names: dict[uuid.UUID, str]) -> str:
    if record == "change":
        return str(row.change_number)
    if record == "affected_product":
        return names.get(row.product_id, "")
    if record == "document":
        return names.get(row.document_id, "")
    if record == "disposition":
        return f"{names.get(row.product_id, '')} ({Place(row.place).label})"
    if record == "approval":
        return names.get(row.approver_id, "")
    number = row.before.get("product_number") or names.get(row.child_id, "")
    return f"{RedlineOperation(row.operation).label}: {number}"


def _changes(before: Any, after: Any, names: dict[uuid.UUID, str]) -> Iterator[FieldChange]:
    for field in type(after).tracked_fields:
        old, new = getattr(before, field.attname), getattr(after, field.attname)
        if field.name == SETTINGS:
            yield from _settings(settings_flat(old), settings_flat(new))
        elif field.name not in UNTOLD and old != new:
            yield FieldChange(field.name, _plain(old, names), _plain(new, names))


def _settings(old: dict[str, Any], new: dict[str, Any]) -> Iterator[FieldChange]:
    """Yield what a redline's settings say of each field of the line; None where they leave it alone."""
    for name in dict.fromkeys([*old, *new]):
        if (name in old, old.get(name)) != (name in new, new.get(name)):
            yield FieldChange(name, old.get(name), new.get(name))


def _plain(value: Any, names: dict[uuid.UUID, str]) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, uuid.UUID):
        return names.get(value, str(value))
    return value.isoformat() if isinstance(value, dt.date) else value
