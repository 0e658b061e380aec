"""XLSX: every cell becomes text without being changed by it: the text 3.10 stays "3.10", the number 1206 is "1206"."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from products.importing.numbers import number_text
from products.importing.problems import SourceProblem
from products.importing.table import MAX_COLUMNS, MAX_ROWS, SourceRow, Table

MAX_UNPACKED_BYTES = 120 * 1024 * 1024
MAX_PARTS = 2_000
MAX_CELLS = 10_000_000  # of all sheets, the empty ones before a row's last cell included
_LAST_ROW = 1_048_576  # of any sheet; a file that claims more would have us count to it
_DECLARATIONS = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\x00!\x00(?:D|E)\x00|\x00<\x00!\x00(?:D|E)")
# What openpyxl raises on damaged or hostile files, beside its own error.
_DAMAGE = (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError,
           AttributeError, OSError, EOFError, NotImplementedError, zlib.error)  # fmt: skip


def read_sheets(content: bytes, sheet: str | None = None) -> list[Table]:
    """The sheets with anything in them, in the file's order, hidden ones last; with ``sheet`` that one alone.

    Raises SourceProblem (unsupported_file, too_large, unknown_sheet, empty_file).
    """
    _guard(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of decorations it does not keep
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            try:
                left = MAX_CELLS
                tables = []
                for worksheet in _chosen(book, sheet):
                    table, left = _table(worksheet, left)
                    tables.append(table)
            finally:
                book.close()
    except _DAMAGE:
        raise _damaged() from None
    filled = [table for table in tables if table.rows]
    if not filled:
        raise SourceProblem("empty_file", _("The file is empty."))
    return filled


def _damaged() -> SourceProblem:
    message = _("This is not a readable XLSX file: it is damaged, locked with a password or something else in a ZIP.")
    return SourceProblem("unsupported_file", message)


def _guard(content: bytes) -> None:
    """Refuse what would unpack to too much, and XML that declares entities, before openpyxl sees it.

    The sizes in the ZIP's directory are binding: reading a part stops at its declared size, then fails its checksum.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_UNPACKED_BYTES or len(parts) > MAX_PARTS:
                message = _("The spreadsheet unpacks to more than %(limit)d MB.") % {"limit": MAX_UNPACKED_BYTES >> 20}
                raise SourceProblem("too_large", message)
            for part in parts:
                if part.filename.casefold().endswith((".xml", ".rels", ".vml")):
                    _refuse_declarations(archive, part)
    except _DAMAGE:
        raise _damaged() from None
    except RuntimeError:  # zipfile's answer to an encrypted part
        raise _damaged() from None


def _refuse_declarations(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    # A declaration stands before the first element, so the beginning of the part is enough.
    with archive.open(part) as stream:
        beginning = stream.read(64 * 1024)
    if _DECLARATIONS.search(beginning):
        message = _("The spreadsheet's XML declares entities, which no honest spreadsheet does.")
        raise SourceProblem("unsupported_file", message)


def _chosen(book: Any, sheet: str | None) -> list[Any]:
    worksheets = [worksheet for worksheet in book.worksheets if hasattr(worksheet, "iter_rows")]
    if sheet is None:
        return sorted(worksheets, key=lambda worksheet: worksheet.sheet_state != "visible")
    for worksheet in worksheets:
        if worksheet.title.strip().casefold() == sheet.strip().casefold():
            return [worksheet]
    names = ", ".join(worksheet.title for worksheet in worksheets)
    message = _("There is no sheet “%(sheet)s”. The file has: %(names)s.") % {"sheet": sheet, "names": names}
    raise SourceProblem("unknown_sheet", message)


def _table(worksheet: Any, left: int) -> tuple[Table, int]:
    """Return the sheet, and how many of the ``left`` cells the next ones may have.

    A few bytes name a cell far to the right or far below, and every cell before it costs time.
    """
    worksheet.reset_dimensions()  # the size a file claims is often wrong; the cells are what counts
    rows: list[SourceRow] = []
    for line, cells in enumerate(worksheet.iter_rows(), start=1):
        if line > _LAST_ROW:
            raise SourceProblem("too_large", _("The sheet claims more rows than a sheet can have."), row=line)
        left -= len(cells) + 1
        if left < 0:
            message = _("The spreadsheet spans more than %(limit)d cells. Delete what is empty around the table.")
            raise SourceProblem("too_large", message % {"limit": MAX_CELLS}, row=line)
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1].strip():
            texts.pop()
        if not texts:
            continue
        if len(texts) > MAX_COLUMNS:
            message = _("A row has more than %(limit)d columns.") % {"limit": MAX_COLUMNS}
            raise SourceProblem("too_large", message, row=line)
        if len(rows) >= MAX_ROWS:
            message = _("The file has more than %(limit)d rows.") % {"limit": MAX_ROWS}
            raise SourceProblem("too_large", message, row=line)
        rows.append(SourceRow(line=line, cells=tuple(texts)))
    return Table(rows=tuple(rows), sheet=worksheet.title), left


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return number_text(value, cell.number_format)
    return str(value)
