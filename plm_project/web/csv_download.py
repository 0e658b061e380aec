"""CSV files as downloads: written while they are sent, and harmless when a spreadsheet opens them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.text import get_valid_filename

from plm_project.core.decimals import plain

# A cell that begins with one of these is a formula to a spreadsheet.
_FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK = "\ufeff"  # without it Excel takes UTF-8 for the machine's old code page


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_download(name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return the rows as a CSV file called ``name``. ``rows`` is read while the answer is sent, after the request's
    scope is closed: it must not touch the database, or open a scope of its own for each portion."""
    response = StreamingHttpResponse(_lines(heading, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{get_valid_filename(name)}"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield _MARK + writer.writerow(csv_line(heading))
    for row in rows:
        yield writer.writerow(csv_line(row))


def csv_line(row: Sequence[Any]) -> list[str]:
    """Return a row's cells as text that a spreadsheet shows and does not compute."""
    return [_cell(cell) for cell in row]


def _cell(value: Any) -> str:
    """Write one cell; text that a spreadsheet would compute gets an apostrophe before it."""
    if isinstance(value, Decimal):
        return plain(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_BEGINNINGS) else text
