"""Who changed what of a product, when and why: its own record, its revisions and their BOM lines, newest first."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, overload

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from plm_project.core.exceptions import ValidationFailed
from products.effectivity import serial_ranges
from products.models import BomLine, Product, ProductRevision
from products.serial_texts import serials_written

RECORDS: dict[str, Any] = {"product": Product, "revision": ProductRevision, "line": BomLine}
# Every write changes these; they say nothing that the entry itself does not.
UNTOLD = frozenset(
    {"id", "tenant", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by"}
)
PRODUCT_REFERENCES = frozenset({"child", "replaced_by"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after, as text, number, list or object that JSON takes."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One write. ``record`` is product, revision or line; ``action`` created, changed or deleted.

    ``revision`` is the label of the revision concerned; ``find_number`` and ``product_number`` name a line.
    """

    record: str
    record_id: uuid.UUID
    revision: str
    find_number: int | None
    product_number: str
    action: str
    when: dt.datetime
    who: str
    user_id: uuid.UUID | None
    why: str
    request_id: str
    changes: tuple[FieldChange, ...]


class ProductHistory(Sequence[HistoryEntry]):
    """The history of one product as a sequence that reads only the rows it is asked for, in a fixed number of queries.

    ``record`` narrows it to one of ``RECORDS``. Raises ValidationFailed for another word.
    """

    def __init__(self, product: Product, *, record: str = "") -> None:
        if record and record not in RECORDS:
            raise ValidationFailed.field("record", _("Choose one of: %s") % ", ".join(RECORDS))
        self.product = product
        self._records = [record] if record else list(RECORDS)
        self._length: int | None = None

    def __len__(self) -> int:
        if self._length is None:
            self._length = self._index().order_by().count()
        return self._length

    @overload
    def __getitem__(self, index: int) -> HistoryEntry: ...
    @overload
    def __getitem__(self, index: slice) -> list[HistoryEntry]: ...
    def __getitem__(self, index: int | slice) -> HistoryEntry | list[HistoryEntry]:
        if isinstance(index, slice):
            return self._entries(list(self._index()[index]))
        return self._entries([self._index()[index]])[0]

    def _index(self) -> QuerySet[Any, Any]:
        """Return (moment, history id, record) of every write, newest first."""
        parts = [
            self._rows(record)
            .order_by()
            .annotate(record=Value(record, output_field=CharField()))
            .values_list("history_date", "history_id", "record")
            for record in self._records
        ]
        return parts[0].union(*parts[1:], all=True).order_by("-history_date", "-history_id")

    def _rows(self, record: str) -> QuerySet[Any]:
        history = RECORDS[record].history
        if record == "product":
            return history.filter(id=self.product.pk)  # type: ignore[no-any-return]
        if record == "revision":
            return history.filter(product_id=self.product.pk)  # type: ignore[no-any-return]
        revisions = ProductRevision.all_objects.filter(product_id=self.product.pk).order_by().values("pk")
        return history.filter(parent_revision_id__in=revisions)  # type: ignore[no-any-return]

    def _entries(self, index: Sequence[tuple[dt.datetime, uuid.UUID, str]]) -> list[HistoryEntry]:
        rows: dict[uuid.UUID, tuple[Any, Any]] = {}
        for record in self._records:
            rows.update(_with_previous(record, [key for _when, key, kind in index if kind == record]))
        numbers = _numbers_of(row for pair in rows.values() for row in pair if row is not None)
        labels = dict(ProductRevision.all_objects.filter(product_id=self.product.pk).values_list("pk", "label"))
        return [_entry(record, *rows[key], numbers=numbers, labels=labels) for _when, key, record in index]


def _with_previous(record: str, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Any, Any]]:
    """Return each history row with the one before it of the same record (None for the first)."""
    if not keys:
        return {}
    history = RECORDS[record].history
    older = (
        history.filter(id=OuterRef("id"))
        .filter(
            Q(history_date__lt=OuterRef("history_date"))
            | Q(history_date=OuterRef("history_date"), history_id__lt=OuterRef("history_id"))
        )
        .order_by("-history_date", "-history_id")
        .values("history_id")[:1]
    )
    rows = list(history.filter(history_id__in=keys).annotate(previous=Subquery(older)))
    known = {row.history_id: row for row in history.filter(history_id__in=[row.previous for row in rows])}
    return {row.history_id: (row, known.get(row.previous)) for row in rows}


def _numbers_of(rows: Iterable[Any]) -> dict[uuid.UUID, str]:
    """Return the numbers of the products that the rows point to: people know numbers, not ids."""
    rows = list(rows)
    names = {f"{name}_id" for name in PRODUCT_REFERENCES}
    wanted = {key for row in rows for name in names if (key := getattr(row, name, None))}
    wanted |= {entry.end_item for row in rows for entry in serial_ranges(getattr(row, "serials", None))}
    return dict(Product.all_objects.filter(pk__in=wanted).order_by().values_list("pk", "product_number"))


def _entry(
    record: str, row: Any, before: Any, *, numbers: dict[uuid.UUID, str], labels: dict[uuid.UUID, str]
) -> HistoryEntry:
    created = row.history_type == "+"
    deleted = row.is_deleted and (before is None or not before.is_deleted)
    label = {"product": "", "revision": getattr(row, "label", "")}.get(record)
    return HistoryEntry(
        record=record,
        record_id=row.id,
        revision=labels.get(row.parent_revision_id, "") if label is None else label,
        find_number=row.find_number if record == "line" else None,
        product_number=numbers.get(row.child_id, "") if record == "line" else "",
        action="created" if created else "deleted" if deleted or row.history_type == "-" else "changed",
        when=row.history_date,
        who=row.history_actor,
        user_id=row.history_user_id,
        why=row.history_change_reason or "",
        request_id=row.history_request_id,
        changes=() if created or before is None else tuple(_changes(row, before, numbers)),
    )


def _changes(row: Any, before: Any, numbers: dict[uuid.UUID, str]) -> Iterable[FieldChange]:
    for field in type(row).tracked_fields:
        if field.name in UNTOLD:
            continue
        old, new = getattr(before, field.attname), getattr(row, field.attname)
        if old != new:
            by_number = field.name in PRODUCT_REFERENCES
            shown = [numbers.get(value, value) if by_number else value for value in (old, new)]
            if field.name == "serials":
                shown = [serials_written(serial_ranges(value), numbers) for value in shown]
            yield FieldChange(field.name, _plain(shown[0]), _plain(shown[1]))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value
