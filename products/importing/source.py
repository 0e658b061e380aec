"""File bytes → tables of text cells. Nothing is interpreted here: what stands in a cell comes out as it stands there.

The kind of file is told by its content, never by its name. Limits hold before anything is unpacked or parsed.
"""

from __future__ import annotations

import io
import re
import zipfile

from django.utils.translation import gettext as _

from products.importing import csv_source, xls_source, xlsx_source
from products.importing.formats import archive, json_table, linked, nopscadlib, xml_tables
from products.importing.problems import SourceProblem
from products.importing.table import MAX_BYTES, MAX_CELL, Table

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second: an empty one
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML = re.compile(r"<[?!A-Za-z_]")
_JSON = re.compile(r"\{|\[\s*(?:[\[{\"\]]|$)")  # a table may begin with a bracket too: "[a]_mini12864"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Other things people hand in by mistake, by their first bytes.
_FOREIGN = {
    b"%PDF-": "PDF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"{\\rtf": "RTF",
    b"ISO-10303-21": "STEP",
    b"glTF": "glTF",
}


def read_tables(content: bytes, *, sheet: str | None = None, parent_number: str = "") -> list[Table]:
    """The tables of a file: one for text and documents, one a sheet for spreadsheets in the file's order.

    With ``sheet`` only that one. ``parent_number`` tells which of several linked files is the top one. Raises
    SourceProblem with code empty_file, too_large, unsupported_file, bad_encoding, too_long, unknown_sheet or
    parent_not_in_file.
    """
    if len(content) > MAX_BYTES:
        raise SourceProblem("too_large", _("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 2**20})
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceProblem("empty_file", _("The file is empty."))
    for signature, kind in _FOREIGN.items():
        if content.startswith(signature):
            message = _("This is a %(kind)s file. A spreadsheet, CSV, XML or JSON file is needed.")
            raise SourceProblem("unsupported_file", message % {"kind": kind})
    tables = _read(content, sheet, parent_number)
    _refuse_long_cells(tables)
    return _only(tables, sheet)


def _read(content: bytes, sheet: str | None, parent_number: str) -> list[Table]:
    if content.startswith(_COMPOUND_FILE):
        return xls_source.read_sheets(content, sheet)
    if content.startswith(_ZIP):
        if _is_spreadsheet(content):
            return xlsx_source.read_sheets(content, sheet)
        return [linked.read(archive.unpack(content), parent_number)]
    beginning = _beginning(content)
    if _XML.match(beginning):
        return xml_tables(content)
    if _JSON.match(beginning):
        return [json_table(content)]
    text, encoding = csv_source.decode(content)
    lines = text.splitlines()
    if nopscadlib.is_matrix(lines):
        return [nopscadlib.read_matrix(lines, encoding)]
    return [csv_source.read(content)]


def _is_spreadsheet(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive_file:
            names = {name.casefold() for name in archive_file.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        return True  # its reader says what is wrong
    return "[content_types].xml" in names or any(name.startswith("xl/") for name in names)


def _beginning(content: bytes) -> str:
    """The first characters without mark and blanks, whatever of the usual encodings they are in."""
    head = content[:400]
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\x00", b"").decode("latin-1").lstrip()[:10]


def _refuse_long_cells(tables: list[Table]) -> None:
    for table in tables:
        for row in table.rows:
            if max(map(len, row.cells), default=0) > MAX_CELL:
                message = _("A cell has more than %(limit)d characters.") % {"limit": MAX_CELL}
                raise SourceProblem("too_long", message, row=row.line)


def _only(tables: list[Table], sheet: str | None) -> list[Table]:
    if sheet is None:
        return tables
    if tables[0].sheet is None:
        raise SourceProblem("unknown_sheet", _("This file has no sheets."))
    wanted = sheet.strip().casefold()
    named = [table for table in tables if (table.sheet or "").strip().casefold() == wanted]
    if not named:
        names = ", ".join(table.sheet or "" for table in tables)
        message = _("There is no sheet “%(sheet)s”. The file has: %(names)s.") % {"sheet": sheet, "names": names}
        raise SourceProblem("unknown_sheet", message)
    return named
