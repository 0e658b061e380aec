"""Differences in words: as rows of the page, and of the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plm_project.core.decimals import plain
from products.choices import LineType
from products.selectors.compare import ComparedField, ComparedLine, Comparison

FIELDS: dict[str, Any] = {
    "find_number": gettext_lazy("Find number"),
    "product_number": gettext_lazy("Part"),
    "quantity": gettext_lazy("Quantity"),
    "unit_of_measure": gettext_lazy("Unit"),
    "reference_designators": gettext_lazy("Designators"),
    "line_type": gettext_lazy("Line type"),
    "is_optional": gettext_lazy("Optional"),
    "condition": gettext_lazy("Condition"),
    "effective_from": gettext_lazy("Effective from"),
    "effective_to": gettext_lazy("Effective to"),
    "serials": gettext_lazy("Serial numbers"),
    "substitutes": gettext_lazy("Substitutes"),
    "revision": gettext_lazy("Revision"),
}


@dataclass(frozen=True)
class ComparedValue:
    """One value that differs, in words."""

    label: Any
    before: str
    after: str


@dataclass(frozen=True)
class ComparedRow:
    """One line that differs. Added and removed lines have ``facts``, changed ones ``values``."""

    kind: str
    parent: str
    find_number: int
    number: str
    facts: str = ""
    values: tuple[ComparedValue, ...] = ()


def rows_of(comparison: Comparison) -> list[ComparedRow]:
    """Return the differing lines in one list: by the number of their parent, then by find number."""
    rows = [
        *(_whole("removed", line) for line in comparison.removed),
        *(_whole("added", line) for line in comparison.added),
        *_changed(comparison.changed),
    ]
    return sorted(rows, key=lambda row: (row.parent, row.find_number, row.kind == "added"))


def export_rows(comparison: Comparison) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the file: difference, in, find number, product number, field, from, to."""
    for kind, lines in (("removed", comparison.removed), ("added", comparison.added)):
        for line in lines:
            facts = _facts(line)
            said = (facts, "") if kind == "removed" else ("", facts)
            yield kind, line.parent_number, line.find_number, line.product_number, "", *said
    for row in comparison.changed:
        place = row.parent_number, row.find_number, row.product_number
        yield "changed", *place, row.field, words(row.before), words(row.after)


def values_of(fields: Iterable[ComparedField]) -> tuple[ComparedValue, ...]:
    """Return values that differ in words."""
    return tuple(
        ComparedValue(FIELDS[row.field], words(row.before, row.field), words(row.after, row.field)) for row in fields
    )


def words(value: Any, field: str = "") -> str:
    """Return one value as people read it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple | list):
        return ("; " if field == "substitutes" else ", ").join(str(entry) for entry in value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if field == "line_type":
        return str(LineType(value).label)
    return plain(value) if isinstance(value, Decimal) else str(value)


def _facts(line: ComparedLine) -> str:
    facts = f"{plain(line.quantity)} {line.unit_of_measure}"
    return f"{facts} · {', '.join(line.reference_designators)}" if line.reference_designators else facts


def _whole(kind: str, line: ComparedLine) -> ComparedRow:
    return ComparedRow(kind, line.parent_number, line.find_number, line.product_number, _facts(line))


def _changed(fields: Iterable[ComparedField]) -> Iterable[ComparedRow]:
    for (parent, find, number), found in groupby(
        fields, key=lambda row: (row.parent_number, row.find_number, row.product_number)
    ):
        yield ComparedRow("changed", parent, find, number, values=values_of(found))
