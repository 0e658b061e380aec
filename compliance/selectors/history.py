"""Who did what to a record and its evidence, when and why, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from compliance.choices import status_label
from compliance.models import ComplianceRecord, Evidence

TOLD = ("status", "valid_until", "reason")


@dataclass(frozen=True)
class RecordHistoryEntry:
    """One write. ``subject`` is "record" or "evidence"; ``changes`` are (field, before, after) in words."""

    subject: str
    what: str
    when: dt.datetime
    who: str
    why: str
    changes: tuple[tuple[str, str, str], ...] = ()


def record_history(record: ComplianceRecord) -> list[RecordHistoryEntry]:
    """Return the history of a record and of all evidence it ever had. Two queries."""
    own = list(record.history.order_by("history_date", "history_id"))
    found = list(_of_record(own))
    found += _of_evidence(Evidence.history.filter(record_id=record.pk).order_by("history_date", "history_id"))
    return sorted(found, key=lambda entry: entry.when, reverse=True)


def _of_record(rows: Iterable[Any]) -> Iterable[RecordHistoryEntry]:
    before: Any = None
    for row in rows:
        changes = []
        if before is not None:
            for name in TOLD:
                old, new = getattr(before, name), getattr(row, name)
                if old != new:
                    field: Any = ComplianceRecord._meta.get_field(name)
                    label = str(field.verbose_name)
                    changes.append((label, _shown(name, old), _shown(name, new)))
        what = _("Started") if before is None else status_label(row.status)
        yield RecordHistoryEntry("record", what, row.history_date, row.history_actor,
                                 row.history_change_reason or "", tuple(changes))  # fmt: skip
        before = row


def _of_evidence(rows: Iterable[Any]) -> Iterable[RecordHistoryEntry]:
    for row in rows:
        what = _("Evidence removed: %s") if row.is_deleted else _("Evidence attached: %s")
        yield RecordHistoryEntry(
            "evidence", what % row.title, row.history_date, row.history_actor, row.history_change_reason or ""
        )


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return "–"
    return status_label(value) if name == "status" else str(value)
