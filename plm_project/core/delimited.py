"""CSV, written row by row, and harmless when a spreadsheet opens it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from plm_project.core.decimals import plain

# A cell that begins with one of these is a formula to a spreadsheet; after apostrophes it would be one without them.
FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_MARK = "\ufeff"  # without it Excel takes UTF-8 for the machine's old code page


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file."""
    writer = csv.writer(_Line())
    yield _MARK + writer.writerow(csv_line(heading))
    for row in rows:
        yield writer.writerow(csv_line(row))


def csv_line(row: Sequence[Any]) -> list[str]:
    """Return a row's cells as text that a spreadsheet shows and does not compute."""
    return [csv_cell(cell) for cell in row]


def csv_cell(value: Any) -> str:
    """Write one cell; text that a spreadsheet would compute gets an apostrophe before it, which our imports take away."""
    if isinstance(value, Decimal):
        return plain(value)
    text = "" if value is None else str(value)
    return f"'{text}" if FORMULA.match(text) else text
