"""Levels, parents, repeats, contradictions, skipped rows."""

from __future__ import annotations

import pytest

from products.importing import ParsedBom, read_bom


def read(text: str, parent: str = "TOP-1", **options: object) -> ParsedBom:
    options = {"mapping": None, "sheet": None, **options}
    return read_bom(text.encode(), "file.csv", parent_number=parent, **options)  # type: ignore[arg-type]


def errors(parsed: ParsedBom) -> list[tuple[int, str]]:
    return [(error.row, error.code) for error in parsed.errors]


def lines(parsed: ParsedBom) -> list[tuple[str | None, str]]:
    return [(row.parent_number, row.number) for row in parsed.rows]


def reasons(parsed: ParsedBom) -> dict[int, str]:
    return {row.row: row.reason for row in parsed.skipped}


LEVELS = "Level,Part Number,Name,Qty\n"


def test_level_jump_is_one_error_on_its_row() -> None:
    parsed = read(LEVELS + "1,ASM-1,Frame,1\n3,PRT-1,Bolt,2\n3,PRT-2,Nut,2\n2,PRT-3,Plate,1\n")
    assert errors(parsed) == [(3, "bad_level")]
    assert parsed.errors[0].column == "Level"
    assert parsed.rows_read == 4


def test_first_row_must_stand_on_the_lowest_level() -> None:
    assert errors(read(LEVELS + "2,PRT-1,Bolt,2\n1,ASM-1,Frame,1\n")) == [(2, "bad_level")]


def test_a_row_beside_the_parent_itself_is_refused() -> None:
    parsed = read(LEVELS + "0,TOP-1,Bike,1\n1,ASM-1,Frame,1\n0,ASM-2,Other,1\n1,ASM-3,Wheel,1\n")
    assert errors(parsed) == [(4, "bad_level")]


def test_level_that_is_no_number_and_level_missing() -> None:
    parsed = read(LEVELS + "1,ASM-1,Frame,1\nx,PRT-1,Bolt,2\n,PRT-2,Nut,1\n,,Remark of somebody,\n")
    assert errors(parsed) == [(3, "bad_level"), (4, "missing_value")]
    assert parsed.rows_read == 3


def test_levels_written_with_dots_are_the_same_levels() -> None:
    parsed = read(LEVELS + "1,ASM-1,Frame,1\n.2,PRT-1,Bolt,2\n..3,PRT-2,Nut,1\n.2,PRT-3,Pin,1\n")
    assert lines(parsed) == [(None, "ASM-1"), ("ASM-1", "PRT-1"), ("PRT-1", "PRT-2"), ("ASM-1", "PRT-3")]


def test_repeated_listing_of_a_sub_assembly() -> None:
    twice = "1,ASM-1,Left,1\n2,SUB-1,Hinge,1\n3,PRT-1,Pin,2\n1,ASM-2,Right,1\n2,SUB-1,Hinge,3\n3,PRT-1,Pin,2\n"
    parsed = read(LEVELS + twice)
    assert parsed.errors == ()
    assert lines(parsed) == [
        (None, "ASM-1"),
        ("ASM-1", "SUB-1"),
        ("SUB-1", "PRT-1"),
        (None, "ASM-2"),
        ("ASM-2", "SUB-1"),
    ]
    assert reasons(parsed) == {1: "heading", 7: "repeat"}
    assert parsed.rows_read == 6


def test_second_listing_may_leave_the_lines_out() -> None:
    parsed = read(LEVELS + "1,ASM-1,Left,1\n2,SUB-1,Hinge,1\n3,PRT-1,Pin,2\n1,ASM-2,Right,1\n2,SUB-1,Hinge,3\n")
    assert parsed.errors == ()
    assert len(parsed.rows) == 5


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("3,PRT-1,Pin,5\n", [(7, "conflicting_line")]),
        ("3,PRT-1,Pin,2\n3,PRT-9,Washer,1\n", [(8, "conflicting_line")]),
        ("3,PRT-9,Washer,2\n", [(6, "conflicting_line"), (7, "conflicting_line")]),
    ],
)
def test_second_listing_that_says_something_else(second: str, expected: list[tuple[int, str]]) -> None:
    start = "1,ASM-1,Left,1\n2,SUB-1,Hinge,1\n3,PRT-1,Pin,2\n1,ASM-2,Right,1\n2,SUB-1,Hinge,3\n"
    assert errors(read(LEVELS + start + second)) == expected


def test_same_child_twice_in_one_listing_is_two_lines_unless_the_rows_are_equal() -> None:
    head = "Ref,Part Number,Name,Qty\n"
    parsed = read(head + "R1,RES-1,Resistor,1\nR2,RES-1,Resistor,1\nR2,RES-1,Resistor,1\n")
    assert [row.references for row in parsed.rows] == [("R1",), ("R2",)]
    assert reasons(parsed) == {1: "heading", 4: "repeat"}
    assert parsed.rows_read == 3


def test_product_below_itself() -> None:
    assert errors(read(LEVELS + "1,ASM-1,Frame,1\n2,ASM-1,Frame,1\n")) == [(3, "same_parent_child")]
    assert errors(read("parent,child,qty\nTOP-1,TOP-1,1\n")) == [(2, "same_parent_child")]


def test_parent_child_in_any_order_with_blank_parent() -> None:
    parsed = read("child;parent;qty\nPRT-1;ASM-1;2\nASM-1;;1\nTOP-1;;1\n")
    assert lines(parsed) == [("ASM-1", "PRT-1"), (None, "ASM-1")]
    assert parsed.parent is not None
    assert parsed.parent.row == 4
    assert parsed.rows_read == 3


def test_parent_child_without_the_wanted_parent() -> None:
    parsed = read("parent,child,qty\nASM-1,PRT-1,2\n")
    assert [error.code for error in parsed.errors] == ["parent_not_in_file"]
    assert "TOP-1" in parsed.errors[0].message


def test_parent_child_missing_child_and_other_structure() -> None:
    parsed = read("parent,child,qty\nTOP-1,,2\nTOP-1,PRT-1,1\nELSE-1,PRT-2,1\n")
    assert errors(parsed) == [(2, "missing_value")]
    assert reasons(parsed) == {1: "heading", 4: "other_structure"}


def test_duplicate_find_number_unless_one_follows_the_other_in_time() -> None:
    head = "parent,child,find no,qty,effective from,effective to\n"
    assert errors(read(head + "TOP-1,PRT-1,10,1,,\nTOP-1,PRT-2,10,1,,\n")) == [(3, "duplicate_find_number")]
    assert errors(read(head + "TOP-1,PRT-1,10,1,,2026-01-01\nTOP-1,PRT-2,10,1,2026-01-01,\n")) == []


def test_flat_list_with_sections_totals_alternates_notes_and_page_headings() -> None:
    text = (
        "Board 7,,,,\n"
        "\n"
        "Qty,Reference,Description,Manufacturer,Part Number\n"
        "Passive parts,,,,\n"
        '2,"R1,R2",Resistor,Yageo,RC0603-1\n'
        ",,,Vishay,CRCW0603\n"
        "Qty,Reference,Description,Manufacturer,Part Number\n"
        "1,,Box,,\n"
        "Total,,,,3\n"
        "3,,,,\n"
        "checked by nobody,,,,\n"
    )
    parsed = read(text)
    assert parsed.errors == ()
    assert reasons(parsed) == {
        1: "title",
        3: "heading",
        4: "section",
        6: "alternate",
        7: "heading",
        9: "total",
        10: "total",
        11: "note",
    }
    assert [(row.row, row.quantity) for row in parsed.rows] == [(5, 2), (8, 1)]
    assert parsed.rows[0].number == "RC0603-1"
    assert parsed.mapping["mpn"] == "Part Number"


def test_part_with_a_number_and_no_quantity_is_an_error() -> None:
    parsed = read("Ref,Qty,Value,MPN\nR1,1,10k,RC-1\nR2,,22k,RC-2\nR3,,33k,\n")
    assert errors(parsed) == [(3, "missing_value"), (4, "missing_value")]


def test_not_fitted_parts_are_read_but_make_no_line() -> None:
    parsed = read("Reference,Qty,Value,MPN,DNP\nR1,1,10k,RC-1,\nR2,1,22k,RC-2,DNP\nR3,1,33k,RC-3,no\n")
    assert [row.number for row in parsed.rows] == ["RC-1", "RC-3"]
    assert reasons(parsed) == {1: "heading", 3: "not_fitted"}
    assert parsed.rows_read == 3


def test_without_a_quantity_column_designators_are_counted() -> None:
    parsed = read("Designator;Value;MPN\nR1-R4;10k;RES-10K\nU1;;MCU-1\n")
    assert [(row.number, row.quantity) for row in parsed.rows] == [("RES-10K", 4), ("MCU-1", 1)]
    assert parsed.delimiter == ";"
