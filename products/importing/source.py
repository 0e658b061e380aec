"""File bytes → tables of text cells. Nothing is interpreted here: what stands in a cell comes out as it stands there.

The kind of file is told by its first bytes, never by its name. Limits hold before anything is unpacked or parsed.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from products.importing import csv_source, xlsx_source
from products.importing.problems import SourceProblem
from products.importing.table import MAX_BYTES, Table

_ZIP = b"PK\x03\x04"
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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
}


def read_tables(content: bytes, *, sheet: str | None = None) -> list[Table]:
    """The tables of a file: one for CSV, one a sheet for XLSX in the file's order (only ``sheet`` if one is named).

    Raises SourceProblem with code empty_file, too_large, unsupported_file, bad_encoding, too_long or unknown_sheet.
    """
    if len(content) > MAX_BYTES:
        raise SourceProblem("too_large", _("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 2**20})
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceProblem("empty_file", _("The file is empty."))
    if content.startswith(_COMPOUND_FILE):
        raise SourceProblem(
            "unsupported_file",
            _("This is an old binary Excel file (XLS), whatever its name says. Save it as XLSX or CSV and try again."),
        )
    for signature, kind in _FOREIGN.items():
        if content.startswith(signature):
            raise SourceProblem(
                "unsupported_file", _("This is a %(kind)s file. A CSV or XLSX file is needed.") % {"kind": kind}
            )
    tables = xlsx_source.read_sheets(content, sheet) if content.startswith(_ZIP) else [csv_source.read(content)]
    if sheet is not None and tables[0].sheet is None:
        raise SourceProblem("unknown_sheet", _("A CSV file has no sheets."))
    return tables
