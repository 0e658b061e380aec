"""CSV and its cousins: encoding and delimiter are found out, rows may be ragged, quoted cells may span lines."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from django.utils.translation import gettext as _

from products.importing.columns import known_headings
from products.importing.problems import SourceProblem
from products.importing.table import MAX_CELL, MAX_COLUMNS, MAX_ROWS, SourceRow, Table

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 60
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# A sequence that UTF-8 alone would write: text in another encoding hardly ever contains one by chance.
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Control characters do not occur in a table. (Those above 0x7f do: in text that its author encoded twice.)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b]")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_APOSTROPHES = re.compile(r"\s*'[^']*'\s*[,;\t|]")
GUARDED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")
_FORMULA_TEXT = re.compile(r'="((?:[^"]|"")*)"')


def read(content: bytes) -> Table:
    """The table in a delimited text file. Raises SourceProblem (bad_encoding, too_long, too_large, empty_file)."""
    text, encoding = decode(content)
    quote = _quote(text)
    text, delimiter = _delimiter(text, quote)
    rows = _rows(text, delimiter, quote)
    if not rows:
        raise SourceProblem("empty_file", _("The file is empty."))
    return Table(rows=tuple(rows), encoding=encoding, delimiter=delimiter, quote=quote)


def decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: utf-8, utf-8-sig, utf-16 (by its mark) or cp1252.

    Bytes that fit none of them are refused with the line they stand on; so is a UTF-8 file with a few broken bytes,
    which another encoding would read without complaint and wrongly.
    """
    if content.startswith(_UTF16):
        encoding = "utf-16"
    elif content.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    else:
        encoding = "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or len(_UTF8_SEQUENCE.findall(content)) > _broken_bytes(content):
            raise _bad_encoding(_line_of_byte(content, error.start, encoding), encoding) from None
        text, encoding = _decode_western(content), "cp1252"
    if control := _CONTROL.search(text):
        raise _bad_encoding(text.count("\n", 0, control.start()) + 1, encoding)
    return text, encoding


def _broken_bytes(content: bytes) -> int:
    return content.decode("utf-8", errors="replace").count("\ufffd")


def _decode_western(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _bad_encoding(_line_of_byte(content, error.start, "cp1252"), "cp1252") from None


def _line_of_byte(content: bytes, position: int, encoding: str) -> int:
    if encoding == "utf-16":
        return content[:position].decode("utf-16", errors="replace").count("\n") + 1
    return content.count(b"\n", 0, position) + 1


def _bad_encoding(line: int, encoding: str) -> SourceProblem:
    message = _("Line %(line)d holds characters that are not text (read as %(encoding)s). Save the file as UTF-8.")
    return SourceProblem("bad_encoding", message % {"line": line, "encoding": encoding}, row=line)


def _quote(text: str) -> str:
    """The quotation mark: the apostrophe where nearly every line begins with a text in apostrophes, else ``"``."""
    lines = [line for line in text[: MAX_CELL * 4].splitlines() if line.strip()][:_SAMPLE_ROWS]
    quoted = sum(1 for line in lines if _APOSTROPHES.match(line))
    return "'" if quoted and quoted * 10 >= len(lines) * 8 else '"'


def _delimiter(text: str, quote: str) -> tuple[str, str]:
    """The text and its delimiter. A first line ``sep=;`` (Excel's) says it outright and still counts as a line."""
    if match := _SEPARATOR_LINE.match(text):
        return "\n" + text[match.end() :], match[1]
    return text, max(DELIMITERS, key=lambda delimiter: _likelihood(text, delimiter, quote))


def _likelihood(text: str, delimiter: str, quote: str) -> tuple[int, float, int]:
    """How well a delimiter explains the first rows: known headings in one row, rows of one width, that width."""
    rows = []
    try:
        for record in _reader(text[: MAX_CELL * 4], delimiter, quote):
            if any(cell.strip() for cell in record):
                rows.append(record)
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        return (0, 0.0, 0)  # a cell without an end: told properly when the file is read with the delimiter chosen
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return (0, 0.0, 0)
    width, count = widths.most_common(1)[0]
    return (max(known_headings(row) for row in rows if len(row) > 1), count / len(rows), width)


def _reader(text: str, delimiter: str, quote: str):  # type: ignore[no-untyped-def]  # csv's reader type has no public name
    # A blank after the delimiter does not keep a quote from opening a cell: `R1 ,14, "10nf"`
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=delimiter != "\t")


def _rows(text: str, delimiter: str, quote: str) -> list[SourceRow]:
    rows: list[SourceRow] = []
    reader = _reader(text, delimiter, quote)
    line = 1
    while True:
        try:
            record = next(reader, None)
        except csv.Error:
            message = _("A cell has more than %(limit)d characters. Is a quotation mark missing?") % {
                "limit": MAX_CELL
            }
            raise SourceProblem("too_long", message, row=line) from None
        if record is None:
            return rows
        row = SourceRow(line=line, cells=tuple(_cell(cell) for cell in record))
        if not row.is_blank:
            rows.append(_within_limits(row, len(rows)))
        line = reader.line_num + 1


def _within_limits(row: SourceRow, rows_before: int) -> SourceRow:
    cells = row.cells
    while len(cells) > MAX_COLUMNS and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > MAX_COLUMNS:
        message = _("A row has more than %(limit)d columns.") % {"limit": MAX_COLUMNS}
        raise SourceProblem("too_large", message, row=row.line)
    if rows_before >= MAX_ROWS:
        message = _("The file has more than %(limit)d rows.") % {"limit": MAX_ROWS}
        raise SourceProblem("too_large", message, row=row.line)
    return SourceRow(line=row.line, cells=cells)


def _cell(text: str) -> str:
    """The cell as it stands; of ``="0402"``, which keeps Excel from dropping zeros, the text between the quotes.

    An apostrophe before what a spreadsheet would take for a formula, as our own exports write it, is no part of the text.
    """
    if match := _FORMULA_TEXT.fullmatch(text.strip()):
        return match[1].replace('""', '"')
    return text[1:] if GUARDED.match(text) else text
