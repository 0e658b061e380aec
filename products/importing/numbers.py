"""Numbers as they stand in other people's files, read into exact decimals.

Both habits of writing are understood, ``1,234.5`` and ``1.234,5``; which one a column follows is found by
``decimal_mark``
from the cells that leave no doubt. A binary float is never made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

# What people write into a cell to say that it is empty.
_EMPTY_WORDS = frozenset({"", "-", "--", "–", "—", "~", "n/a", "#n/a", "none", "null", "nil"})

_MONEY = r"(?:US\$|[$€£¥]|USD|EUR|GBP|CHF|CNY|RMB|JPY)"
_CURRENCY = re.compile(rf"^{_MONEY}\s*|\s*{_MONEY}$", re.IGNORECASE)
# 1 234 567 and 1'234'567: a blank or an apostrophe counts as a thousands mark only where one can stand
_THOUSANDS = re.compile(r"(?<=[0-9])[\s\u00a0\u202f\u2009'](?=[0-9]{3}(?![0-9]))")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}")
_ZEROS = re.compile("0+")
_LONGEST = 40  # characters; no quantity or price needs more, and an endless digit string costs time


class NotANumberError(ValueError):
    """The text is not a number that can be read without guessing."""


def number_text(value: int | float, number_format: str) -> str:
    """A spreadsheet's number as it shows it: 1.0 → "1", at most 15 digits, and 402 in the format "0000" → "0402"."""
    if isinstance(value, float) and not value.is_integer():
        return format(Decimal(format(value, ".15g")), "f")
    if abs(value) >= 10**20:
        return format(value, ".15g")
    whole = str(int(value))
    return whole.zfill(len(number_format)) if _ZEROS.fullmatch(number_format or "") else whole


def is_empty(text: str) -> bool:
    """True for a cell that says "nothing here": blank, ``-``, ``~``, ``n/a``, ``None`` …"""
    return text.strip().casefold() in _EMPTY_WORDS


def _forms(mark: str) -> re.Pattern[str]:
    group, decimal = (re.escape("," if mark == "." else "."), re.escape(mark))
    return re.compile(rf"[+-]?(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)?(?:{decimal}[0-9]+)?")


_FORMS = {".": _forms("."), ",": _forms(",")}


def _bare(text: str) -> str:
    """The text without thousands blanks or apostrophes and without one currency sign; any minus is ``-``."""
    bare = text.strip().replace("\u2212", "-")
    if len(bare) > 2 * _LONGEST:
        return ""
    sign, rest = (bare[0], bare[1:].lstrip()) if bare[:1] in ("+", "-") else ("", bare)
    return sign + _THOUSANDS.sub("", _CURRENCY.sub("", rest, count=1).strip())


def _fits(bare: str, mark: str) -> bool:
    return bool(_FORMS[mark].fullmatch(bare)) and any(character.isdigit() for character in bare)


def decimal_mark(texts: Iterable[str], delimiter: str | None = None) -> str:
    """Which mark stands before the decimals in these cells: ``"."`` or ``","``.

    Cells that can be read in one way only decide (``1,5`` or ``1.234,50`` or ``2.25``). Where none does, a semicolon
    as the file's delimiter speaks for the comma when there are commas at all; otherwise it is the point.
    """
    votes = {".": 0, ",": 0}
    commas = points = False
    for text in texts:
        bare = _bare(text)
        if len(bare) > _LONGEST:
            continue
        commas, points = commas or "," in bare, points or "." in bare
        point, comma = _fits(bare, "."), _fits(bare, ",")
        if point != comma:
            votes["." if point else ","] += 1
    if votes["."] != votes[","]:
        return max(votes, key=lambda mark: votes[mark])
    return "," if delimiter == ";" and commas and not points else "."


def read_decimal(text: str, mark: str = ".") -> Decimal:
    """The exact decimal a cell holds, written with ``mark`` before its decimals (or plainly with the other one).

    ``$2,000.00`` → 2000.00. Raises NotANumberError for anything else, also for NaN, infinity and over-long digit
    strings.
    """
    bare = _bare(text)
    if not bare or len(bare) > _LONGEST:
        raise NotANumberError(text)
    if _SCIENTIFIC.fullmatch(bare):
        return Decimal(bare)
    for used in (mark, "," if mark == "." else "."):
        if _fits(bare, used):
            group = "," if used == "." else "."
            return Decimal(bare.replace(group, "").replace(used, "."))
    raise NotANumberError(text)
