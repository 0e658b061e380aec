"""The history of a record as people read it: who, when, why, and which field from what to what."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import IntegerField, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from plm_project.tenancy.admin.choices import choice_label

# Every write changes these; they say nothing that the entry itself does not.
UNTOLD = frozenset(
    {"id", "tenant", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by"}
)
LONGEST = 300


@dataclass(frozen=True)
class HistoryPart:
    """Rows of one history model. ``title`` says whose they are where a page tells of several kinds of record."""

    title: str
    rows: Any


@dataclass(frozen=True)
class Told:
    """One write."""

    part: str
    record: str
    action: str
    when: dt.datetime
    who: str
    why: str
    changes: tuple[tuple[str, str, str], ...]


class RecordHistory(Sequence[Told]):
    """All writes of some records, newest first. Reads only the rows it is asked for, in a fixed number of queries."""

    def __init__(self, parts: Sequence[HistoryPart]) -> None:
        self._parts = list(parts)
        self._length: int | None = None

    def __len__(self) -> int:
        if self._length is None:
            self._length = sum(part.rows.order_by().count() for part in self._parts)
        return self._length

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._told(list(self._index()[index]))
        return self._told([self._index()[index]])[0]

    def _index(self) -> Any:
        found = [
            part.rows.order_by()
            .annotate(part=Value(number, output_field=IntegerField()))
            .values_list("history_date", "history_id", "part")
            for number, part in enumerate(self._parts)
        ]
        rows = found[0].union(*found[1:], all=True) if len(found) > 1 else found[0]
        return rows.order_by("-history_date", "-history_id")

    def _told(self, index: Sequence[tuple[dt.datetime, uuid.UUID, int]]) -> list[Told]:
        pairs: dict[uuid.UUID, tuple[Any, Any]] = {}
        for number, part in enumerate(self._parts):
            pairs.update(_with_previous(part.rows.model, [key for _when, key, kind in index if kind == number]))
        names = _names(row for pair in pairs.values() for row in pair if row is not None)
        return [_tell(self._parts[number].title, *pairs[key], names) for _when, key, number in index]


def _with_previous(history: Any, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Any, Any]]:
    """Return each history row with the one before it of the same record (None for the first)."""
    if not keys:
        return {}
    older = (
        history.objects.filter(id=OuterRef("id"))
        .filter(
            Q(history_date__lt=OuterRef("history_date"))
            | Q(history_date=OuterRef("history_date"), history_id__lt=OuterRef("history_id"))
        )
        .order_by("-history_date", "-history_id")
        .values("history_id")[:1]
    )
    rows = list(history.objects.filter(history_id__in=keys).annotate(previous=Subquery(older)))
    before = {row.history_id: row for row in history.objects.filter(history_id__in=[row.previous for row in rows])}
    return {row.history_id: (row, before.get(row.previous)) for row in rows}


def _names(rows: Iterable[Any]) -> dict[Any, str]:
    """Return what the records that the rows point to are called: one query per model."""
    wanted: dict[Any, set[Any]] = {}
    for row in rows:
        for field in type(row).tracked_fields:
            if field.is_relation and field.name not in UNTOLD and (key := getattr(row, field.attname)):
                wanted.setdefault(field.related_model, set()).add(key)
    names: dict[Any, str] = {}
    for model, keys in wanted.items():
        relations = [field.name for field in model._meta.concrete_fields if field.name in NAMED_THROUGH]
        for record in model._base_manager.select_related(*relations).filter(pk__in=keys):
            names[record.pk] = choice_label(record)
    return names


# A record may be named by what it hangs on: a line by its part, a revision by its product.
NAMED_THROUGH = frozenset({"product", "child", "user"})


def _tell(part: str, row: Any, before: Any, names: dict[Any, str]) -> Told:
    was_deleted = before is not None and getattr(before, "is_deleted", False)
    deleted = row.history_type == "-" or (getattr(row, "is_deleted", False) and not was_deleted)
    created = row.history_type == "+" or before is None
    return Told(
        part=part,
        record=_subject(row, names) if part else "",
        action=_("deleted") if deleted else _("created") if created else _("changed"),
        when=row.history_date,
        who=row.history_actor or _("system"),
        why=row.history_change_reason or "",
        changes=() if before is None else tuple(_differences(row, before, names)),
    )


def _subject(row: Any, names: dict[Any, str]) -> str:
    """Name the row by the first thing people know it by."""
    for name in ("label", "position", "find_number"):
        if hasattr(row, name):
            child = names.get(getattr(row, "child_id", None), "")
            return f"{getattr(row, name)} {child}".strip()
    for name in ("product_id", "approver_id"):
        if hasattr(row, name):
            return names.get(getattr(row, name), "")
    return ""


def _differences(row: Any, before: Any, names: dict[Any, str]) -> Iterable[tuple[str, str, str]]:
    for field in type(row).tracked_fields:
        old, new = getattr(before, field.attname), getattr(row, field.attname)
        if field.name not in UNTOLD and old != new:
            yield str(field.verbose_name), shown(field, old, names), shown(field, new, names)


def shown(field: models.Field[Any, Any], value: Any, names: dict[Any, str]) -> str:
    """Return a stored value as people read it."""
    if value is None or value == "":
        return "–"
    if field.is_relation:
        return names.get(value, str(value))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))  # type: ignore[attr-defined]
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        text = ", ".join(value) or "–"
    else:
        text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
