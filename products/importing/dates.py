"""Dates as they stand in files."""

from __future__ import annotations

import re
from datetime import date

_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ].*)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")


def read_date(text: str) -> date:
    """``2026-12-31``, ``2026/12/31`` and ``31.12.2026``; with slashes or dashes day and month must be tellable apart.

    Raises ValueError for anything else: whether 03/04/2026 is in March or in April is not for us to guess.
    """
    stripped = text.strip()
    if match := _YEAR_FIRST.fullmatch(stripped):
        year, month, day = (int(part) for part in match.groups())
        return date(year, month, day)
    match = _YEAR_LAST.fullmatch(stripped)
    if match is None:
        raise ValueError(f"Not a date: {stripped!r}")
    first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
    if mark == "." or first > 12 or first == second:
        return date(year, second, first)
    if second > 12:
        return date(year, first, second)
    raise ValueError(f"Day and month cannot be told apart: {stripped!r}")
