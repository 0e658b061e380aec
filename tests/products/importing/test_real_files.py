"""The four real bills of materials, against what is known about them (shared/data/facts.json)."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from products.importing import ParsedBom, SkipReason, read_bom

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared example data are not here")

FILES = ("libresolar_bms-c1.csv", "django-bom_full_levels.csv", "mutable_Tides2.xlsx", "glass_door_levels.csv")
# facts.json's word for a field → ours, where they differ
OUR_FIELD = {"do_not_load": "dnp", "remark": "note", "seller": "supplier"}


def facts(name: str) -> dict[str, Any]:
    return json.loads((SHARED / "facts.json").read_text(encoding="utf-8"))[f"bom/{name}"]


def read(name: str, parent: str = "PARENT-1") -> ParsedBom:
    content = (SHARED / "bom" / name).read_bytes()
    return read_bom(content, name, dialect="auto", mapping=None, sheet=None, parent_number=parent)


def skipped(parsed: ParsedBom) -> dict[int, str]:
    return {row.row: row.reason for row in parsed.skipped}


@pytest.mark.parametrize("name", FILES)
def test_file_is_read_as_the_facts_say(name: str) -> None:
    known, parsed = facts(name), read(name)
    assert parsed.errors == ()
    assert parsed.rows_read == known["part_rows"]
    assert parsed.header_row == known["header_row"]
    assert parsed.encoding == known.get("encoding")
    assert parsed.delimiter == known.get("delimiter")
    assert parsed.sheet == known.get("sheet")
    for field, column in known["header_mapping"].items():
        assert parsed.mapping[OUR_FIELD.get(field, field)] == column.rpartition(" (")[0], field


@pytest.mark.parametrize("name", FILES)
def test_counts_and_sums(name: str) -> None:
    known, parsed = facts(name), read(name)
    # Repeated lines make no line of their own but are part of the file's own sum.
    repeats = [row.repeats for row in parsed.skipped if row.reason == SkipReason.REPEAT]
    lines = list(parsed.rows) + [row for row in parsed.rows if row.row in repeats]
    assert sum(row.quantity for row in lines) == Decimal(str(known["sum_of_row_quantities"]))
    given = [row.number for row in lines if not row.attributes.get("number_derived")]
    assert len(set(given)) == known["distinct_part_numbers"]
    assert len(lines) - len(given) == known["rows_without_part_number"]
    several = sorted(number for number, times in Counter(given).items() if times > 1)
    assert several == known["part_numbers_on_several_rows"]
    if "reference_designators_total" in known:
        references = [reference for row in lines for reference in row.references]
        assert len(references) == known["reference_designators_total"]
        assert len(set(references)) == known["reference_designators_distinct"]
        differing = [row for row in lines if row.references and len(row.references) != row.quantity]
        assert len(differing) == len(known["rows_where_reference_count_differs_from_quantity"])


@pytest.mark.parametrize("name", ["django-bom_full_levels.csv", "glass_door_levels.csv"])
def test_levels(name: str) -> None:
    known, parsed = facts(name), read(name)
    repeats = [row.repeats for row in parsed.skipped if row.reason == SkipReason.REPEAT]
    levels = Counter(row.level for row in parsed.rows) + Counter(
        row.level for row in parsed.rows if row.row in repeats
    )
    offset = 1 - known["levels"]["min"]
    assert levels == {int(level) + offset: count for level, count in known["levels"]["rows_per_level"].items()}
    assert [row.number for row in parsed.rows if row.parent_number is None] == known["roots"]


def test_kicad_list() -> None:
    parsed = read("libresolar_bms-c1.csv")
    assert (parsed.dialect, len(parsed.rows)) == ("flat", 69)
    by_number = {row.number: row for row in parsed.rows}
    assert len(by_number) == 69
    assert by_number["IPT012N08N5"].quantity == 8
    assert by_number["RC2010JK-0720RL"].quantity == 17
    assert by_number["RC2010JK-0720RL"].name == "20 RC2010JK-0720RL"  # a name has at least three characters
    assert by_number["BSS84AK,215"].name == "BSS84"
    assert by_number["CL31A476MPHNNNE"].name == "47µF"
    test_points = [row for row in parsed.rows if row.attributes["value"] == "TestPoint"]
    assert sum(row.quantity for row in test_points) == 31
    assert len({row.number for row in test_points}) == 2
    merged = by_number["NTCG163JF103FT1S,RC0603FR-0710KL"]
    assert merged.references == ("R29", "R30", "R60", "R68", "RT1", "RT2")
    assert merged.attributes["manufacturer"] == "TDK,Yageo"
    assert sum(1 for row in parsed.rows if "manufacturer" not in row.attributes) == 8
    assert skipped(parsed) == {1: "heading"}


def test_eurorack_list_with_sections() -> None:
    parsed = read("mutable_Tides2.xlsx")
    assert (parsed.dialect, len(parsed.rows)) == ("flat", 46)
    assert skipped(parsed) == {1: "title", 2: "heading", 3: "section", 39: "section", 50: "section", 52: "no_quantity"}
    by_number = {row.number: row for row in parsed.rows}
    assert by_number["667-ERJ-2RKF1003X"].quantity == 9
    assert by_number["667-ERJ-2RKF1501X"].attributes["value"] == "1.5k"
    assert by_number["667-ERJ-2RKF1000X"].attributes["value"] == "100"
    assert by_number["81-GRM31CR61E226ME5L"].attributes["package"] == "1206"
    assert by_number["667-ERJ-2RKF1003X"].attributes["package"] == "0402"
    holder = next(row for row in parsed.rows if row.name == "LED holder, 10mm")
    assert (holder.quantity, holder.references) == (4, ())
    assert holder.number.startswith("Multicomp-LED3-10-")
    assert holder.attributes["number_derived"] is True


def test_levels_with_the_parent_in_the_file_or_above_it() -> None:
    own, above = read("django-bom_full_levels.csv", "100-0001-02"), read("django-bom_full_levels.csv", "PARENT-1")
    assert (own.rows_read, len(own.rows)) == (35, 34)
    assert (above.rows_read, len(above.rows)) == (35, 35)
    assert own.parent is not None
    assert (own.parent.row, own.parent.name, own.parent.revision) == (2, "TEST FINAL ASSEMBLY", "4")
    assert above.parent is None
    tops = [(row.number, row.quantity) for row in own.rows if row.parent_number is None]
    assert tops == [("101-0001-01", 1), ("107-0003-24", Decimal("1.2")), ("500-0001-00", 2)]
    assert sum(row.quantity for row in own.rows if row.number == "107-0003-24") == Decimal("2.2")
    resistors = next(row for row in own.rows if row.number == "223-0004-00")
    assert (resistors.references, resistors.quantity, resistors.level) == (("R3", "R6"), 2, 2)
    assert next(row for row in above.rows if row.level == 1).unit_cost == Decimal("2.00")
    assert next(row for row in above.rows if row.level == 1).attributes["nre_cost"] == "$2,000.00"
    assert own.rows[-1].name == "123"
    assert next(row for row in own.rows if row.number == "223-0001-01").unit_cost is None


def test_repeated_sub_assembly_and_masses() -> None:
    parsed = read("glass_door_levels.csv")
    assert (parsed.rows_read, len(parsed.rows)) == (26, 25)
    assert skipped(parsed) == {1: "heading", 20: "repeat"}
    assert next(row.repeats for row in parsed.skipped if row.row == 20) == 9
    by_row = {row.row: row for row in parsed.rows}
    assert [by_row[row].parent_number for row in (8, 19)] == ["HA-42-Al", "H-S-BR-Dual"]
    material = by_row[5]
    assert (material.number, material.parent_number) == ("aluminum-319-0-moldcast-t6", "HA-42-Al(A)")
    assert (material.quantity, material.unit) == (100, "%")
    assert material.attributes["item_type"] == "Material"
    assert (by_row[4].attributes["mass"], by_row[4].attributes["mass_unit"]) == ("146", "g/Part")
    assert by_row[4].mass_kg == Decimal("0.146")
    glass, film = (next(row for row in parsed.rows if row.number == number) for number in ("321-51", "7000001298"))
    assert (glass.quantity, glass.unit, glass.mass_kg) == (Decimal("1.51"), "m2", Decimal("19.6"))
    assert film.mass_kg == Decimal("0.340")
    assert len(read("glass_door_levels.csv", "24X6-30").rows) == 24


def test_exploded_quantities_of_the_door() -> None:
    parsed = read("glass_door_levels.csv", "24X6-30")
    lines: dict[str | None, list[tuple[str, Decimal]]] = {}
    for row in parsed.rows:
        lines.setdefault(row.parent_number, []).append((row.number, row.quantity))
    totals: Counter[str] = Counter()

    def explode(assembly: str | None, times: Decimal) -> None:
        for number, quantity in lines.get(assembly, []):
            totals[number] += times * quantity  # type: ignore[assignment]
            explode(number, times * quantity)

    explode(None, Decimal(1))
    for number, total in facts("glass_door_levels.csv")["exploded_quantities"].items():
        assert totals[number] == Decimal(str(total))


@pytest.mark.parametrize("name", ["opencellular_GBCv2_A2.0.xlsx", "opencellular_OC-2G_900MHz.xls"])
def test_old_binary_excel_is_named_whatever_the_name_says(name: str) -> None:
    parsed = read(name)
    assert [error.code for error in parsed.errors] == ["unsupported_file"]
    assert "XLS" in parsed.errors[0].message
    assert parsed.rows == ()
