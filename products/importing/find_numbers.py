"""Find numbers that two lines of one parent share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from products.importing.rows import ParsedRow, RowError


def duplicate_find_numbers(rows: Iterable[ParsedRow], column: str) -> list[RowError]:
    """An error (duplicate_find_number) for each line whose find number another line of its parent has then.

    Lines that follow one another in time may share one: that is how a replacement is written down.
    """
    errors: list[RowError] = []
    seen: dict[tuple[str | None, int], list[ParsedRow]] = {}
    for row in rows:
        if row.find_number is None:
            continue
        others = seen.setdefault((row.parent_number, row.find_number), [])
        clash = next((other for other in others if _overlap(row, other)), None)
        if clash is not None:
            message = _("Find number %(number)d stands in row %(row)d already.")
            text = message % {"number": row.find_number, "row": clash.row}
            errors.append(RowError(row.row, column, "duplicate_find_number", text, "find_number"))
        others.append(row)
    return errors


def _overlap(one: ParsedRow, other: ParsedRow) -> bool:
    # A line holds up to, not including, its last date.
    return (one.effective_from or date.min) < (other.effective_to or date.max) and (
        other.effective_from or date.min
    ) < (one.effective_to or date.max)
