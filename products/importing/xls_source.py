"""XLS, Excel's old binary file, whatever its name says: every cell becomes text, as in xlsx_source."""

from __future__ import annotations

import io
import struct
from typing import Any

import xlrd
from django.utils.translation import gettext as _
from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError

from products.importing.numbers import number_text
from products.importing.problems import SourceProblem
from products.importing.table import MAX_COLUMNS, MAX_ROWS, SourceRow, Table

# What xlrd raises on damaged or hostile files, beside its own errors.
_DAMAGE = (XLRDError, CompDocError, struct.error, IndexError, KeyError, ValueError, TypeError, AssertionError,
           AttributeError, OverflowError, MemoryError, EOFError, UnicodeError, NotImplementedError)  # fmt: skip


def read_sheets(content: bytes, sheet: str | None = None) -> list[Table]:
    """The sheets with anything in them, in the file's order, hidden ones last; with ``sheet`` that one alone.

    Raises SourceProblem (unsupported_file, too_large, unknown_sheet, empty_file).
    """
    try:
        # xlrd writes its complaints to stdout, where an operator command answers in JSON
        with xlrd.open_workbook(
            file_contents=content, logfile=io.StringIO(), formatting_info=True, ragged_rows=True
        ) as book:
            tables = [_table(book, worksheet) for worksheet in _chosen(book, sheet)]
    except _DAMAGE:
        message = _("This old binary Excel file (XLS) cannot be read: it is damaged or locked with a password.")
        raise SourceProblem("unsupported_file", message) from None
    filled = [table for table in tables if table.rows]
    if not filled:
        raise SourceProblem("empty_file", _("The file is empty."))
    return filled


def _chosen(book: Any, sheet: str | None) -> list[Any]:
    worksheets = book.sheets()
    if sheet is None:
        return sorted(worksheets, key=lambda worksheet: worksheet.visibility != 0)
    for worksheet in worksheets:
        if worksheet.name.strip().casefold() == sheet.strip().casefold():
            return [worksheet]
    names = ", ".join(worksheet.name for worksheet in worksheets)
    message = _("There is no sheet “%(sheet)s”. The file has: %(names)s.") % {"sheet": sheet, "names": names}
    raise SourceProblem("unknown_sheet", message)


def _table(book: Any, worksheet: Any) -> Table:
    rows: list[SourceRow] = []
    for line in range(worksheet.nrows):
        texts = [_text(book, cell) for cell in worksheet.row(line)]
        while texts and not texts[-1].strip():
            texts.pop()
        if not texts:
            continue
        if len(texts) > MAX_COLUMNS or len(rows) >= MAX_ROWS:
            message = _("A sheet has more than %(rows)d rows or %(columns)d columns.")
            limits = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
            raise SourceProblem("too_large", message % limits, row=line + 1)
        rows.append(SourceRow(line=line + 1, cells=tuple(texts)))
    return Table(rows=tuple(rows), sheet=worksheet.name)


def _text(book: Any, cell: Any) -> str:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return number_text(cell.value, _format(book, cell))
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _date(book, cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, ""))
    return ""


def _format(book: Any, cell: Any) -> str:
    found = book.format_map.get(book.xf_list[cell.xf_index].format_key) if cell.xf_index is not None else None
    return found.format_str if found else ""


def _date(book: Any, value: float) -> str:
    try:
        when = xlrd.xldate_as_datetime(value, book.datemode)
    except (ValueError, OverflowError):
        return number_text(value, "")
    if value < 1:
        return when.time().isoformat()
    return when.date().isoformat() if not value % 1 else when.isoformat(sep=" ")
