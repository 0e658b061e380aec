"""Files: encodings, delimiters, spreadsheets, limits and hostile input."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from products.importing import ParsedBom, read_bom
from products.importing.source import read_tables
from products.importing.table import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from products.importing.xlsx_source import MAX_CELLS

HEAD = "Part Number,Name,Qty\n"


def read(content: bytes, **options: object) -> ParsedBom:
    options = {"mapping": None, "sheet": None, **options}
    return read_bom(content, "file", parent_number="TOP-1", **options)  # type: ignore[arg-type]


def code(parsed: ParsedBom) -> tuple[str, int]:
    assert parsed.rows == ()
    (error,) = parsed.errors
    return error.code, error.row


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter(encoding: str, named: str, delimiter: str) -> None:
    text = 'Titel: Gerät, Stand 3\n\nTeilenummer,Benennung,Menge,Einheit\nA-100,"Mutter, M4 – groß",4,Stück\n'
    quoted = text.replace('"Mutter, M4 – groß"', "@").replace(",", delimiter).replace("@", '"Mutter, M4 – groß"')
    parsed = read(quoted.encode(encoding))
    assert parsed.errors == ()
    assert (parsed.encoding, parsed.delimiter, parsed.header_row) == (named, delimiter, 3)
    (row,) = parsed.rows
    assert (row.row, row.number, row.name, row.quantity, row.unit) == (4, "A-100", "Mutter, M4 – groß", 4, "each")


def test_line_numbers_count_lines_not_records() -> None:
    parsed = read((HEAD + 'A-100,"Two\nlines",1\nA-200,Bolt,two\n').encode())
    assert [(error.row, error.code) for error in parsed.errors] == [(4, "not_a_number")]


def test_separator_line_and_ragged_rows() -> None:
    parsed = read(b"sep=;\nPart Number;Name;Qty\nA-100;Bolt;1;extra;;\nA-200;Nut\n")
    assert [(error.row, error.code, error.column) for error in parsed.errors] == [(4, "missing_value", "Qty")]
    assert parsed.rows[0].attributes["D"] == "extra"


def test_excel_text_idiom_and_formula_looking_cells_stay_text() -> None:
    parsed = read(b'Part Number,Name,Qty\n"=""0402""",=cmd|\' /C calc\'!A0,1\n="0805",+1+1,2\n')
    assert [(row.number, row.name) for row in parsed.rows] == [("0402", "=cmd|' /C calc'!A0"), ("0805", "+1+1")]


def test_duplicate_headings_first_wins() -> None:
    parsed = read(b"Part Number,Qty,Colour,Colour,Qty\nA-100,1,red,blue,7\n")
    (row,) = parsed.rows
    assert row.quantity == 1
    assert dict(row.attributes) == {"Colour": "red", "Colour (2)": "blue", "Qty (2)": "7"}


@pytest.mark.parametrize("content", [b"", b"\n \t\r\n", b"\xef\xbb\xbf", b"\x00\x00\x00"])
def test_empty(content: bytes) -> None:
    assert code(read(content)) == ("empty_file", 0)


def test_headings_alone() -> None:
    assert code(read(HEAD.encode())) == ("empty_file", 1)


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (HEAD.encode() + b"A-100,Bolt\x00,1\n", 2),
        (HEAD.encode() + "A-100,Schräge Größe,1\n".encode() + b"A-200,Gr\xfc,1\n", 3),
        (HEAD.encode() + b"A-100,\x81\xfe,1\n", 2),
        (HEAD.encode("utf-16") + b"\x00", 2),
        ("Part Number,Qty\n".encode("utf-16-le"), 1),
    ],
)
def test_what_is_not_text_is_told_with_its_line(content: bytes, row: int) -> None:
    assert code(read(content)) == ("bad_encoding", row)


@pytest.mark.parametrize(
    "seed", [b"\x07\x81\xff", bytes(range(256)), b"\xff\xfe\x00\xd8", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7"]
)
def test_binary_garbage_is_refused(seed: bytes) -> None:
    found, _row = code(read(seed * 500))
    assert found in {"bad_encoding", "unsupported_file"}


def test_huge_cell_and_missing_quote() -> None:
    assert code(read((HEAD + "A-100," + "x" * 200_000 + ",1\n").encode())) == ("too_long", 2)
    endless = HEAD + "A-100,Bolt,1\n" + 'A-200,"Nut,1\n' + "A-300,Pin,1\n" * 20_000
    assert code(read(endless.encode())) == ("too_long", 3)


def test_too_many_columns_rows_bytes() -> None:
    assert code(read(",".join(["Qty", "Name", *["x"] * MAX_COLUMNS]).encode())) == ("too_large", 1)
    assert code(read((HEAD + "A-1,,1\n" * MAX_ROWS).encode())) == ("too_large", MAX_ROWS + 1)
    assert code(read(b"x" * (MAX_BYTES + 1))) == ("too_large", 0)


def test_empty_columns_beyond_the_limit_do_no_harm() -> None:
    parsed = read((HEAD + "A-100,Bolt,1" + "," * 400 + "\n").encode())
    assert (parsed.errors, len(parsed.rows)) == ((), 1)


def test_spreadsheet_cells_are_kept_as_text() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Part Number", "Name", "Qty", "When", "Flag", "Rate", "Code"])
    when = datetime(2026, 3, 4)  # noqa: DTZ001 - a spreadsheet knows no time zones
    sheet.append(["3.10", "Bolt", 1.0, when, True, 0.1 + 0.2, 402])
    sheet.append([1206, "Nut", 1.51, date(2026, 3, 4), False, 1e-7, "=1+1"])
    sheet["G2"].number_format = "0000"
    stream = io.BytesIO()
    book.save(stream)
    (table,) = read_tables(stream.getvalue())
    assert table.rows[1].cells == ("3.10", "Bolt", "1", "2026-03-04", "TRUE", "0.3", "0402")
    # a formula has no value until a spreadsheet has computed it, and is never run here
    assert table.rows[2].cells == ("1206", "Nut", "1.51", "2026-03-04", "FALSE", "0.0000001")


def test_sheet_that_looks_most_like_a_bill_of_materials() -> None:
    bom: list[list[object]] = [[None, None], [None, "Part Number", "Qty"], [None, "A-100", 2]]
    content = workbook(("History", [["Revision", "Who"], ["A", "me"]]), ("List", bom))
    parsed = read(content)
    assert (parsed.sheet, parsed.header_row, parsed.encoding, parsed.delimiter) == ("List", 2, None, None)
    assert [(row.row, row.number, row.quantity) for row in parsed.rows] == [(3, "A-100", 2)]
    assert read(content, sheet="list").sheet == "List"
    refused = read(content, sheet="Prices")
    assert code(refused) == ("unknown_sheet", 0)
    assert "History, List" in refused.errors[0].message
    assert code(read(HEAD.encode() + b"A-100,Bolt,1\n", sheet="List")) == ("unknown_sheet", 0)


def test_empty_workbook_and_damaged_workbook() -> None:
    assert code(read(workbook(("Sheet", [])))) == ("empty_file", 0)
    content = workbook(("Sheet", [["Part Number", "Qty"], ["A-100", 1]]))
    assert code(read(content[: len(content) // 2])) == ("unsupported_file", 0)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("hello.txt", "no spreadsheet")
    assert code(read(stream.getvalue())) == ("unsupported_file", 0)


def _replace_part(content: bytes, name: str, change: bytes | None = None, *, prefix: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, (change if change is not None else prefix + data) if part == name else data)
    return stream.getvalue()


def test_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    content = workbook(("Sheet", [["Part Number", "Qty"], ["A-100", 1]]))
    bomb = _replace_part(content, "xl/worksheets/sheet1.xml", b" " * (130 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    assert code(read(bomb)) == ("too_large", 0)


def test_entities_are_refused() -> None:
    content = workbook(("Sheet", [["Part Number", "Qty"], ["A-100", 1]]))
    evil = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    assert code(read(_replace_part(content, "xl/worksheets/sheet1.xml", prefix=evil))) == ("unsupported_file", 0)


def test_claimed_row_numbers_do_not_make_us_count() -> None:
    content = workbook(("Sheet", [["Part Number", "Qty"], ["A-100", 1]]))
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row></sheetData></worksheet>'
    )
    found, _row = code(read(_replace_part(content, "xl/worksheets/sheet1.xml", sheet)))
    assert found in {"too_large", "unsupported_file"}


def test_cells_far_to_the_right_do_not_make_us_count() -> None:
    """A few bytes a row name the last column; the file is over before the work has grown."""
    content = workbook(("Sheet", [["Part Number", "Qty"], ["A-100", 1]]))
    rows = "".join(f'<row r="{row}"><c r="XFD{row}"/></row>' for row in range(1, 1001)).encode()
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + rows
        + b"</sheetData></worksheet>"
    )
    found, row = code(read(_replace_part(content, "xl/worksheets/sheet1.xml", sheet)))
    assert (found, row) == ("too_large", MAX_CELLS // 16_385 + 1)


def test_nothing_is_read_from_the_file_name(tmp_path: Path) -> None:
    content = workbook(("Sheet", [["Part Number", "Qty"], ["A-100", 1]]))
    parsed = read_bom(content, str(tmp_path / "no-such.csv"), mapping=None, sheet=None, parent_number="TOP-1")
    assert len(parsed.rows) == 1
