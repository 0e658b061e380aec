"""Rows that are no parts: titles, repeated headings, sections, notes, totals, alternates."""

from __future__ import annotations

import re

from products.importing.columns import heading_key
from products.importing.designators import look_like_designators
from products.importing.header import MappedTable
from products.importing.numbers import is_empty
from products.importing.rows import SkippedRow, SkipReason
from products.importing.table import SourceRow

# The whole cell: "Total", "Sub-total:", "Summe netto"; not the name of a part that begins so.
_TOTAL = re.compile(
    r"(?:grand |sub)?[ -]?(?:totals?|sum|summe|gesamt|gesamtsumme|zwischensumme|somme|total général)"
    r"(?: (?:quantity|qty|cost|price|parts|net|netto|menge|preis|général))?\s*:?",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"[0-9][0-9.,' ]*")
_IDENTIFYING = ("part_number", "mpn", "supplier_part_number", "maker_reference")
_NAMING = ("name", "description", "value")


def rows_above(mapped: MappedTable) -> list[SkippedRow]:
    """The titles above the headings and the headings themselves."""
    skipped = [SkippedRow(row.line, SkipReason.TITLE.value) for row in mapped.above]
    if mapped.header_row is not None:
        skipped.append(SkippedRow(mapped.header_row, SkipReason.HEADING.value))
    return skipped


def identifies_part(mapped: MappedTable, row: SourceRow) -> bool:
    """True when the row carries a number that names the part."""
    return any(mapped.text(row, field) for field in _IDENTIFYING)


def names_part(mapped: MappedTable, row: SourceRow) -> bool:
    """True when the row carries a name, a description or a value."""
    return any(mapped.text(row, field) for field in _NAMING)


def why_no_part(mapped: MappedTable, row: SourceRow) -> SkipReason | None:
    """Why the row is no part in any dialect, or None when it may be one."""
    filled = [(index, cell.strip()) for index, cell in enumerate(row.cells) if not is_empty(cell)]
    if not filled:
        return SkipReason.NOTE
    if _is_heading(mapped, row, filled[0][0]):
        return SkipReason.HEADING
    quantity = mapped.fields.get("quantity")
    if _TOTAL.fullmatch(filled[0][1]) and not mapped.text(row, "reference"):
        return SkipReason.TOTAL
    if len(filled) == 1 and quantity is not None:
        is_sum = filled[0][0] == quantity and _FIGURES.fullmatch(filled[0][1])
        return SkipReason.TOTAL if is_sum else SkipReason.SECTION
    return None


def _is_heading(mapped: MappedTable, row: SourceRow, first: int) -> bool:
    """The headings once more, as at the top of each printed page. ``first``: the first filled cell."""
    if first >= len(mapped.headings) or heading_key(row.cells[first]) != heading_key(mapped.headings[first]):
        return False
    here = [heading_key(cell) for cell in row.cells]
    there = [heading_key(heading) for heading in mapped.headings[: len(here)]]
    return any(there) and here == there


def why_no_flat_part(mapped: MappedTable, row: SourceRow) -> SkipReason | None:
    """Why a row of a flat list is no part: the same, and what lacks a quantity without being a part in error.

    A row with a number and nothing else of its own is an approved alternate of the row above.
    """
    reason = why_no_part(mapped, row)
    if reason is not None or not mapped.has("quantity") or mapped.text(row, "quantity"):
        return reason
    reference = mapped.text(row, "reference")
    if identifies_part(mapped, row):
        return None if reference or names_part(mapped, row) else SkipReason.ALTERNATE
    if look_like_designators([reference]) and names_part(mapped, row):
        return None
    return SkipReason.NO_QUANTITY


def close_notes(skipped: list[SkippedRow], last_part: int) -> list[SkippedRow]:
    """What looked like section headings after the last part are notes."""
    return [
        SkippedRow(row.row, SkipReason.NOTE.value) if row.row > last_part and row.reason == SkipReason.SECTION else row
        for row in skipped
    ]
