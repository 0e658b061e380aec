"""What single cells mean: numbers, designators, dates, masses, derived numbers, units, headings."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from products.effectivity import serial_ranges
from products.importing.columns import (
    FIELD_ALIASES,
    FIELDS,
    SYNONYMS,
    column_index,
    column_letter,
    heading_key,
    known_headings,
)
from products.importing.dates import read_date
from products.importing.designators import designators_written, look_like_designators, split_designators
from products.importing.identity import derived_number
from products.importing.masses import mass_per_unit
from products.importing.numbers import NotANumberError, decimal_mark, is_empty, read_decimal
from products.serial_texts import serials_read, serials_written
from products.units import UNITS, unit_choices, unit_code

DECIMALS = st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("4", ".", "4"),
        (" 4.50 ", ".", "4.50"),
        ("$2,000.00", ".", "2000.00"),
        ("-$5", ".", "-5"),
        ("$-5", ".", "-5"),
        ("2.000,50 €", ",", "2000.50"),
        ("EUR 12", ".", "12"),
        ("1,5", ",", "1.5"),
        ("1,5", ".", "1.5"),
        ("1.5", ",", "1.5"),
        ("1,000", ".", "1000"),
        ("1,000", ",", "1.000"),
        ("1.000", ".", "1.000"),
        ("1.000", ",", "1000"),
        ("1 234 567", ".", "1234567"),
        ("1\u202f234,5", ",", "1234.5"),
        ("12'345.6", ".", "12345.6"),
        (".5", ".", "0.5"),
        ("\u22123", ".", "-3"),
        ("1E+3", ".", "1000"),
    ],
)
def test_numbers(text: str, mark: str, number: str) -> None:
    assert read_decimal(text, mark) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "two",
        "",
        "NaN",
        "Infinity",
        "1/2",
        "5'",
        "1 5",
        "1,2,3",
        "1.2.3",
        "3 pcs",
        "0x10",
        "--5",
        "٣",
        "9" * 41,
        ",",
        "1e999",
    ],
)
def test_not_numbers(text: str) -> None:
    with pytest.raises(NotANumberError):
        read_decimal(text)


@given(DECIMALS)
def test_both_ways_of_writing_give_the_number_back(number: Decimal) -> None:
    english = f"{number:,}"
    german = english.translate(str.maketrans({",": ".", ".": ","}))
    assert decimal_mark([english, "1.5"]) == "."
    assert decimal_mark([german, "1,5"]) == ","
    assert read_decimal(english, ".") == read_decimal(german, ",") == number


@given(st.text(max_size=60))
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    try:
        number = read_decimal(text, decimal_mark([text]))
    except NotANumberError:
        return
    assert number.is_finite()


@pytest.mark.parametrize(
    ("texts", "delimiter", "mark"),
    [
        (["1,5", "2"], ",", ","),
        (["1.234,50"], None, ","),
        (["1,000", "2.25"], ";", "."),
        (["1,000"], ";", ","),
        (["1,000"], ",", "."),
        (["1.000"], ";", "."),
        ([], ";", "."),
    ],
)
def test_decimal_mark(texts: list[str], delimiter: str | None, mark: str) -> None:
    assert decimal_mark(texts, delimiter) == mark


def test_empty_words() -> None:
    assert all(is_empty(text) for text in ("", " ", "-", "None", "n/a", "N/A", "~", "–"))
    assert not any(is_empty(text) for text in ("0", "none left", "NA-100"))


@pytest.mark.parametrize(
    ("text", "designators"),
    [
        ("R1,R2, R3", ("R1", "R2", "R3")),
        ("C2 C4 C9 ", ("C2", "C4", "C9")),
        ("U1, U2, ", ("U1", "U2")),
        ("R1-R4", ("R1", "R2", "R3", "R4")),
        ("R1 - R3; C6..C8", ("R1", "R2", "R3", "C6", "C7", "C8")),
        ("R65_D..R67_D", ("R65_D", "R66_D", "R67_D")),
        ("R08-R10", ("R08", "R09", "R10")),
        ("R1-5", ("R1-5",)),
        ("R0-1", ("R0-1",)),
        ("R5-R1", ("R5-R1",)),
        ("R1-C4", ("R1-C4",)),
        ("R1-R90000", ("R1-R90000",)),
        ("R2,R1,R2", ("R2", "R1")),
        ("-", ()),
        ("", ()),
        ("do not need solder", ("do not need solder",)),
        ("PCB", ("PCB",)),
    ],
)
def test_designators(text: str, designators: tuple[str, ...]) -> None:
    assert split_designators(text) == designators


NAMES = st.builds(
    lambda prefix, number: f"{prefix}{number}", st.sampled_from(["R", "C", "LED", "U"]), st.integers(0, 99999)
)


@given(st.lists(NAMES, unique=True), st.sampled_from([",", ", ", ";", " ", "\n"]))
def test_designators_come_back_in_order(names: list[str], separator: str) -> None:
    assert split_designators(separator.join(names)) == tuple(names)


@given(
    st.sampled_from(["R", "C", "TP"]),
    st.integers(1, 9000),
    st.integers(1, 400),
    st.sampled_from(["-", "..", " - ", "–"]),
)
def test_ranges_are_written_out(prefix: str, first: int, more: int, mark: str) -> None:
    found = split_designators(f"{prefix}{first}{mark}{prefix}{first + more}")
    assert found == tuple(f"{prefix}{number}" for number in range(first, first + more + 1))


@given(st.text(max_size=200))
def test_designators_of_any_text_are_distinct_and_not_blank(text: str) -> None:
    found = split_designators(text)
    assert len(set(found)) == len(found)
    assert all(each.strip() for each in found)


def test_a_cell_of_ranges_cannot_grow_without_end() -> None:
    text = ",".join(f"A{n}B1-A{n}B400,X{n * 1000}-X{n * 1000 + 400}" for n in range(10_000))
    assert len(split_designators(text)) < 40_000


@pytest.mark.parametrize(
    "text", ["R1" + " " * 100_000 + "R2", "A" + "1" * 100_000 + "!", "A_" * 50_000, "1 " * 50_000]
)
def test_hostile_cells_cost_no_time(text: str) -> None:
    """Each of these takes minutes with a pattern that searches a long text over and over."""
    assert len(split_designators(text)) <= 2
    assert mass_per_unit(Decimal(1), "(" * 100_000 + text, "", unit_code) is None
    with pytest.raises(NotANumberError):
        read_decimal("$" + text)


def test_columns_of_designators() -> None:
    assert look_like_designators(["R1, R2", "-", "", "IC10", "R0-1", "PCB"])
    assert not look_like_designators(["1", "2", "3"])
    assert not look_like_designators(["", "-"])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("2026/1/2", date(2026, 1, 2)),
        ("2026-12-31 00:00:00+00:00", date(2026, 12, 31)),
        ("31.12.2026", date(2026, 12, 31)),
        ("12/31/2026", date(2026, 12, 31)),
        ("31/12/2026", date(2026, 12, 31)),
        ("05/05/2026", date(2026, 5, 5)),
    ],
)
def test_dates(text: str, day: date) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize("text", ["03/04/2026", "soon", "2026-02-30", "31.31.2026", "", "1.2.26"])
def test_dates_that_are_not_for_sure(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_date(text)


@pytest.mark.parametrize(
    ("mass", "written", "unit", "kilograms"),
    [
        ("146", "g/Part", "each", "0.146"),
        ("146", "g/Part", "", "0.146"),
        ("19.6", "kg/m^2", "m2", "19.6"),
        ("340", "g/m^2", "each", None),
        ("2", "Weight (kg)", "", "2"),
        ("2", "mass_kg", "m", "2"),
        ("2", "Mass", "", None),
        ("1", "lb", "", "0.45359237"),
    ],
)
def test_masses(mass: str, written: str, unit: str, kilograms: str | None) -> None:
    found = mass_per_unit(Decimal(mass), written, unit, unit_code)
    assert found == (None if kilograms is None else Decimal(kilograms))


FIELD_TEXTS = st.dictionaries(
    st.sampled_from(["name", "value", "footprint", "package", "specification", "maker_reference"]),
    st.text(max_size=80),
)


@given(FIELD_TEXTS)
def test_derived_numbers_fit_and_repeat(texts: dict[str, str]) -> None:
    number = derived_number(texts)
    assert number == derived_number(dict(reversed(texts.items())))
    if number is not None:
        assert 3 <= len(number) <= 50
        assert number == number.strip()


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_other_parts_get_other_numbers(one: str, other: str) -> None:
    same = " ".join(one.split()) == " ".join(other.split())
    numbers = {
        derived_number({"value": one, "footprint": "A:B"}),
        derived_number({"value": other, "footprint": "A:B"}),
    }
    assert (len(numbers) == 1) == same


def test_derived_numbers_by_what_identifies_the_part() -> None:
    first = {"value": "TestPoint", "footprint": "TestPoint:TestPoint_Pad_D1.5mm", "name": "test point"}
    second = {**first, "footprint": "TestPoint:TestPoint_Pad_1.0x1.0mm"}
    assert derived_number(first) == derived_number({**first, "name": "renamed"})
    assert derived_number(first) != derived_number(second)
    assert str(derived_number(first)).startswith("TestPoint_Pad_D1.5mm-")
    maker = {"maker_reference": "Bivar ERM 1-300", "name": "LED holder"}
    assert derived_number(maker) == derived_number({**maker, "name": "Holder"})
    shop = {"maker_reference": "https://example.org/pot", "name": "Pot"}
    assert derived_number(shop) == derived_number({"name": "Pot"})
    assert derived_number({"quantity": "4", "reference": "R1"}) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EA", "each"), ("Each", "each"), ("pcs.", "each"), ("Stk", "each"), ("Stück", "each"), ("Pièce", "each"),
        ("Piece(s)", "each"), ("unit", "each"), ("M", "m"), ("mm", "mm"), ("KG", "kg"), ("L", "l"), ("m^2", "m2"),
        ("m²", "m2"), ("M3", "m3"), ("%", "%"), ("Std.", "h"), ("min", "min"), ("Set", "set"), ("Paar", "pair"),
        ("Rolle", "roll"), ("Blatt", "sheet"), ("Karton", "box"), ("ft", "ft"), ('"', "in"), ("lbs", "lb"),
        ("gal", "gal"),
        ("FURLONG", None), ("", None), ("each each", None),
    ],
)  # fmt: skip
def test_units(text: str, code: str | None) -> None:
    assert unit_code(text) == code


def test_unit_table() -> None:
    assert all(unit_code(code) == code == unit.code for code, unit in UNITS.items())
    assert unit_choices()[0] == ("each", "each")
    assert all(unit_code(str(name)) == code for code, name in unit_choices() if " " not in str(name))


def test_no_heading_stands_for_two_fields() -> None:
    seen: dict[str, str] = {}
    for field, headings in SYNONYMS.items():
        for heading in headings:
            assert seen.setdefault(heading_key(heading), field) == field, heading


def test_headings_and_columns() -> None:
    assert known_headings(["Qty", "PART_NUMBER", "Part Number", "Colour", ""]) == 2
    assert set(FIELD_ALIASES.values()) <= set(FIELDS)
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert [column_index(name) for name in ("A", "aa", "1", "27", "0", "A1", "")] == [0, 26, 0, 26, None, None, None]
    assert all(column_index(column_letter(index)) == index for index in range(800))


MARKS = st.one_of(
    st.from_regex(r"(R|C_|U)(0{0,2}[1-9]|1?[0-9]{2})(_A)?", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8),
    st.sampled_from(["R1-R5", "-", "R1, left", 'the "big" one', "front left", "A;B", '"quoted"']),
)


@given(st.lists(MARKS, unique=True, max_size=30), st.booleans())
def test_designators_are_read_back_as_they_were_written(words: list[str], short: bool) -> None:
    assert split_designators(designators_written(words, short=short)) == tuple(words)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["R1", "R2", "R3", "R4", "R5", "C6"], "R1-R5, C6"),
        (["R1", "R2", "C9", "R3"], "R1, R2, C9, R3"),
        (["R08", "R09", "R10", "R9", "R10_A"], "R08-R10, R9, R10_A"),
        (["R9", "R10", "R11"], "R9-R11"),
        (["R1-R5", "R1, left", "x"], '"R1-R5", "R1, left", x'),
    ],
)
def test_runs_of_designators_are_written_short(words: list[str], text: str) -> None:
    assert designators_written(words) == text


def test_serial_numbers_are_read_and_written() -> None:
    read = serials_read("BIKE-1: 1–50, 80- ;\n A;B:C : 7")
    assert [(entry.number, entry.first, entry.last) for entry in read] == [
        ("BIKE-1", 1, 50), ("BIKE-1", 80, None), ("A;B:C", 7, 7)]  # fmt: skip
    ids = {number: uuid.uuid4() for number in ("BIKE-1", "A;B:C")}
    stored = serial_ranges([entry.of(ids[entry.number]).stored() for entry in read])
    written = serials_written(stored, {value: name for name, value in ids.items()})
    assert written == "A;B:C: 7; BIKE-1: 1–50, 80–" and set(serials_read(written)) == set(read)
    for wrong in ("1-50", "BIKE-1", "BIKE-1: x", "BIKE-1: 1-50-60", ": 1"):
        with pytest.raises(ValidationError):
            serials_read(wrong)
