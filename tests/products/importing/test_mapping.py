"""Which column holds which field, by itself and with corrections; the fields of a row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from products.importing import DIALECTS, ParsedBom, read_bom


def read(text: str, **options: object) -> ParsedBom:
    options = {"mapping": None, "sheet": None, **options}
    return read_bom(text.encode(), "file.csv", parent_number="TOP-1", **options)  # type: ignore[arg-type]


def codes(parsed: ParsedBom) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.code) for error in parsed.errors]


@pytest.mark.parametrize(
    "headings",
    ["Artikelnummer;Bezeichnung;Menge;ME", "Référence article;Désignation;Quantité;Unité", "P/N;Title;QTY.;UoM"],
)
def test_three_languages(headings: str) -> None:
    parsed = read(headings + "\nA-100;Bolt;1,5;m\n")
    assert parsed.errors == ()
    assert set(parsed.mapping) == {"part_number", "name", "quantity", "unit"}
    assert [(row.number, row.quantity, row.unit) for row in parsed.rows] == [("A-100", Decimal("1.5"), "m")]


@pytest.mark.parametrize("column", ["Teil Eins", "teil_eins", "B", "b", "2"])
def test_correction_names_a_column_by_heading_letter_or_number(column: str) -> None:
    parsed = read("Name,Teil Eins,Qty\nBolt,A-100,2\n", mapping={"part_number": column})
    assert parsed.mapping["part_number"] == "Teil Eins"
    assert parsed.rows[0].number == "A-100"


def test_correction_wins_and_an_empty_one_takes_the_field_out() -> None:
    text = "Part Number,MPN,Description,Qty,Need\nA-100,M-1,Bolt,2,7\n"
    parsed = read(text, mapping={"qty": "Need", "part_number": "MPN", "mpn": ""})
    assert (parsed.rows[0].number, parsed.rows[0].quantity) == ("M-1", 7)
    assert "mpn" not in parsed.mapping


@pytest.mark.parametrize("mapping", [{"colour": "A"}, {"name": "Farbe"}, {"name": "Z"}, {"name": "99"}])
def test_unknown_field_or_column(mapping: dict[str, str]) -> None:
    parsed = read("Part Number,Qty\nA-100,2\n", mapping=mapping)
    assert [error.code for error in parsed.errors] == ["unknown_columns"]
    assert parsed.rows == ()


def test_file_without_headings() -> None:
    text = "Micro SD card,1\nFan 17mm,2\n"
    assert codes(read(text)) == [(1, "", "unknown_columns")]
    parsed = read(text, mapping={"name": "A", "quantity": "B"})
    assert (parsed.errors, parsed.header_row, parsed.rows_read) == ((), None, 2)
    assert parsed.mapping == {"name": "A", "quantity": "B"}
    assert parsed.rows[0].row == 1


def test_dialect_by_name() -> None:
    text = "Level,Part Number,Qty\n1,A-100,1\n2,A-200,1\n"
    assert read(text).dialect == "levels"
    flat = read(text, dialect="flat")
    assert (flat.dialect, [row.parent_number for row in flat.rows]) == ("flat", [None, None])
    assert codes(read(text, dialect="parent_child")) == [(1, "", "unknown_columns")]
    assert codes(read(text, dialect="gerber")) == [(0, "", "unknown_dialect")]
    assert all(dialect.name == name and str(dialect.title) for name, dialect in DIALECTS.items())


def test_columns_that_make_no_bill_of_materials() -> None:
    assert codes(read("Datasheet,Revision\nx,A\n")) == [(1, "", "unknown_columns")]


def test_position_column_is_a_find_number_when_it_counts() -> None:
    parsed = read("Pos,Part Number,Qty\n10,A-100,1\n20,A-200,1\n")
    assert [row.find_number for row in parsed.rows] == [10, 20]
    outline = read("Find Number,Part Number,Qty\n1.10,A-100,1\n")
    assert (outline.rows[0].find_number, outline.rows[0].attributes["find_number"]) == (None, "1.10")


def test_errors_of_single_cells_have_row_and_column() -> None:
    text = (
        "Part Number,Name,Quantity,UoM,Price,From\n"
        "A-100,Bolt,0,EA,1,\n"
        "A-200,Bolt,-1,EA,1,\n"
        "A-300,Bolt,two,EA,1,\n"
        "A-400,Bolt,1,furlong,1,\n"
        "A-500,Bolt,1,EA,-1,\n"
        "A-600,Bolt,1,EA,cheap,\n"
        f"{'A' * 51},Bolt,1,EA,1,\n"
        "A1,Bolt,1,EA,1,\n"
        "A-700,Bolt,0.0000001,EA,1,\n"
        "A-800,Bolt,1000000000,EA,1,\n"
        "A-900,Bolt,1,EA,1,03/04/2026\n"
    )
    assert codes(read(text, mapping={"effective_from": "From"})) == [
        (2, "Quantity", "zero_qty"),
        (3, "Quantity", "negative_qty"),
        (4, "Quantity", "not_a_number"),
        (5, "UoM", "unknown_uom"),
        (6, "Price", "negative_value"),
        (7, "Price", "not_a_number"),
        (8, "Part Number", "too_long"),
        (10, "Quantity", "too_long"),
        (11, "Quantity", "too_long"),
        (12, "From", "bad_date"),
    ]


def test_nothing_is_lost_from_long_and_short_names() -> None:
    long = "x" * 150 + " " + "y" * 100
    parsed = read(f"Part Number,Name,Description,Qty\nA-100,{long},More,1\nA-200,M4,Hex nut,1\nA-300,,,1\n")
    first, second, third = parsed.rows
    assert (len(first.name), first.description) == (200, f"{long}\nMore")
    assert (second.name, second.description) == ("M4 Hex nut", "Hex nut")
    assert third.name == "A-300"
    assert codes(read(f"Part Number,Name,Description,Qty\nA-1,Bolt,{'x' * 2001},1\n")) == [
        (2, "Description", "too_long")
    ]


def test_line_texts_must_fit() -> None:
    assert codes(read(f"Part Number,Qty,Note\nA-100,1,{'x' * 2001}\n")) == [(2, "Note", "too_long")]
    assert codes(read(f"Part Number,Qty,RefDes\nA-100,1,R{'1' * 60}\n")) == [(2, "RefDes", "too_long")]


def test_effectivity() -> None:
    head = "Part Number,Qty,Valid from,Valid to\n"
    parsed = read(head + "A-100,1,2026-01-01,31.12.2026\n")
    assert (parsed.rows[0].effective_from, parsed.rows[0].effective_to) == (date(2026, 1, 1), date(2026, 12, 31))
    assert codes(read(head + "A-100,1,2026-01-01,2026-01-01\n")) == [(2, "Valid to", "bad_date")]


def test_row_that_names_no_part() -> None:
    assert codes(read("Reference,Qty,Value,MPN\nR1,2,,\n")) == [(2, "MPN", "missing_value")]


def test_messages_are_words_in_the_readers_language() -> None:
    with translation.override("en"):
        parsed = read("Part Number,Qty\nA-100,two\n")
    assert parsed.errors[0].message == "“two” is not a number."
    assert [row.label for row in parsed.skipped] == ["headings"]
