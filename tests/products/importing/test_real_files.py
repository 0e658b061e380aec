"""Every real bill of materials in shared/data, against what is known of it (facts.json)."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from products.importing import ParsedBom, SkipReason, read_bom
from products.importing.formats.archive import pack_folder

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared example data are not here")

# file → dialect, lines, mapped fields that facts.json calls otherwise
FILES = {
    "glass_door_levels.csv": ("levels", 25),
    "beaglebone_black_revC3a.csv": ("flat", 71),
    "opencellular_GBCv2_A2.0.xlsx": ("flat", 205),
    "opencellular_OC-2G_900MHz.xls": ("flat", 200),
    "mutable_Tides2.xlsx": ("flat", 46),
    "libresolar_bms-c1.csv": ("flat", 69),
    "limesdr-usb_1v4_r4.xls": ("flat", 116),
    "cea_pick-remove4reuse.xlsx": ("outline", 43),
    "nopscadlib_EnviroPlus/bom.csv": ("flat", 21),
    "opencellular_SYNC_procurement_1.4.xlsx": ("flat", 87),
    "voron2_fusion_export.csv": ("flat", 290),
    "django-bom_full_levels.csv": ("levels", 35),
    "rover_control_board_kicad.csv": ("flat", 45),
}
OUR_FIELD = {"do_not_load": "dnp", "remark": "note", "seller": "supplier", "outline_number": "outline",
             "item": "find_number", "not_fitted_note": "fitting", "comment": "note"}  # fmt: skip
# Columns whose heading says another thing than facts.json takes it for: attributes, or the field its heading names.
NOT_OURS = {"reference_count", "rohs", "source_or_link"}
OTHERWISE = {("beaglebone_black_revC3a.csv", "remark"), ("limesdr-usb_1v4_r4.xls", "value")}


def facts(name: str) -> dict[str, Any]:
    return json.loads((SHARED / "facts.json").read_text(encoding="utf-8"))[name]


def read(name: str, parent: str = "PARENT-1", **options: Any) -> ParsedBom:
    return read_bom((SHARED / name).read_bytes(), name, parent_number=parent, **options)


def skipped(parsed: ParsedBom) -> dict[int, str]:
    return {row.row: row.reason for row in parsed.skipped}


def parts(parsed: ParsedBom) -> list[tuple[str, Decimal, tuple[str, ...]]]:
    """Number, quantity and designators of every part row as the file has them, fitted or not."""
    by_row = {row.row: row for row in parsed.rows}
    found = [(row.number, row.quantity + len(row.not_fitted), row.references + row.not_fitted) for row in parsed.rows]
    for row in parsed.skipped:
        if row.reason == SkipReason.REPEAT and row.repeats in by_row:
            found.append((by_row[row.repeats].number, by_row[row.repeats].quantity, ()))
        elif row.reason == SkipReason.NOT_FITTED:
            assert row.quantity is not None
            found.append((row.number, row.quantity, row.references))
    return found


@pytest.mark.parametrize("name", FILES)
def test_file_is_read_as_the_facts_say(name: str) -> None:
    known, parsed = facts(f"bom/{name}"), read(f"bom/{name}")
    assert parsed.errors == ()
    assert (parsed.dialect, len(parsed.rows)) == FILES[name]
    assert (parsed.rows_read, parsed.header_row) == (known["part_rows"], known["header_row"])
    assert parsed.encoding == (known["encoding"].split(" (")[0] if "encoding" in known else None)
    assert (parsed.delimiter, parsed.sheet) == (known.get("delimiter"), known.get("sheet"))
    if known["header_row"] is not None:
        for field, column in known["header_mapping"].items():
            if field not in NOT_OURS and (name, field) not in OTHERWISE:
                heading = " ".join(column.rpartition(" (")[0].strip('" ').split())
                assert parsed.mapping[OUR_FIELD.get(field, field)] == heading, field
    found = parts(parsed)
    assert sum(quantity for _number, quantity, _references in found) == Decimal(str(known["sum_of_row_quantities"]))
    references = [reference for *_rest, names in found for reference in names]
    assert len(references) == known.get("reference_designators_total", 0)
    assert len(set(references)) == known.get("reference_designators_distinct", 0)
    assert sum(len(row.alternates) for row in parsed.rows) == known.get("alternate_entries", _alternates_of(name))
    assert sum(1 for row in parsed.rows if row.alternates) == known.get(
        "rows_with_alternates", _alternates_of(name, 1)
    )


def _alternates_of(name: str, at: int = 0) -> int:
    """Alternates that facts.json does not count: pairs of columns, and two numbers in one cell."""
    return {"django-bom_full_levels.csv": (3, 2), "opencellular_GBCv2_A2.0.xlsx": (7, 7)}.get(name, (0, 0))[at]


@pytest.mark.parametrize("name", [name for name in FILES if "EnviroPlus" not in name and "rover" not in name])
def test_part_numbers(name: str) -> None:
    known, parsed = facts(f"bom/{name}"), read(f"bom/{name}")
    derived = {row.number for row in parsed.rows if row.attributes.get("number_derived")}
    given = [number for number, *_rest in parts(parsed) if number not in derived]
    assert len(set(given)) == known.get("distinct_part_numbers_after_trimming_blanks", known["distinct_part_numbers"])
    several = sorted(number for number, times in Counter(given).items() if times > 1)
    trimmed = ["M5x10 BHCS"] if name.startswith("voron2") else []  # once with a blank behind it
    assert several == known["part_numbers_on_several_rows"] + trimmed
    if not name.startswith("limesdr"):  # its row without a number is one of those not fitted
        assert len(derived) == known["rows_without_part_number"]


@pytest.mark.parametrize("name", ["django-bom_full_levels.csv", "glass_door_levels.csv", "cea_pick-remove4reuse.xlsx"])
def test_levels(name: str) -> None:
    known, parsed = facts(f"bom/{name}"), read(f"bom/{name}")
    repeats = [row.repeats for row in parsed.skipped if row.reason == SkipReason.REPEAT]
    levels = Counter(row.level for row in parsed.rows) + Counter(
        row.level for row in parsed.rows if row.row in repeats
    )
    offset = 1 - known["levels"]["min"]
    assert levels == {int(level) + offset: count for level, count in known["levels"]["rows_per_level"].items()}
    tops = [row.number for row in parsed.rows if row.parent_number is None]
    assert tops == known.get("roots", list(known.get("children_per_assembly", ())))
    for assembly, count in known.get("children_per_assembly", {}).items():
        assert sum(1 for row in parsed.rows if row.parent_number == assembly) == count


def test_kicad_list() -> None:
    parsed = read("bom/libresolar_bms-c1.csv")
    by_number = {row.number: row for row in parsed.rows}
    assert len(by_number) == 69
    assert by_number["RC2010JK-0720RL"].name == "20 RC2010JK-0720RL"  # a name has at least three characters
    assert by_number["BSS84AK,215"].name == "BSS84"
    assert by_number["CL31A476MPHNNNE"].name == "47µF"
    merged = by_number["NTCG163JF103FT1S,RC0603FR-0710KL"]
    assert merged.references == ("R29", "R30", "R60", "R68", "RT1", "RT2")
    assert (merged.attributes["manufacturer"], merged.alternates) == ("TDK,Yageo", ())
    assert sum(1 for row in parsed.rows if "manufacturer" not in row.attributes) == 8
    assert skipped(parsed) == {1: "heading"}


def test_eurorack_list_with_sections() -> None:
    parsed = read("bom/mutable_Tides2.xlsx")
    assert skipped(parsed) == {1: "title", 2: "heading", 3: "section", 39: "section", 50: "section", 52: "no_quantity"}
    by_number = {row.number: row for row in parsed.rows}
    assert by_number["667-ERJ-2RKF1501X"].attributes["value"] == "1.5k"
    assert by_number["667-ERJ-2RKF1003X"].attributes["package"] == "0402"
    holder = next(row for row in parsed.rows if row.name == "LED holder, 10mm")
    assert (holder.quantity, holder.references) == (4, ())
    assert holder.number.startswith("Multicomp-LED3-10-")
    assert holder.attributes["number_derived"] is True


def test_levels_with_the_parent_in_the_file_or_above_it() -> None:
    name = "bom/django-bom_full_levels.csv"
    own, above = read(name, "100-0001-02"), read(name)
    assert (own.rows_read, len(own.rows), above.parent) == (35, 34, None)
    assert own.parent is not None
    assert (own.parent.row, own.parent.name, own.parent.revision) == (2, "TEST FINAL ASSEMBLY", "4")
    resistors = next(row for row in own.rows if row.number == "223-0004-00")
    assert (resistors.references, resistors.quantity, resistors.level) == (("R3", "R6"), 2, 2)
    top = next(row for row in above.rows if row.level == 1)
    assert (top.unit_cost, top.attributes["nre_cost"]) == (Decimal("2.00"), "$2,000.00")
    assert [entry.part_number for entry in top.alternates] == ["100-00001-02", "100-00001-02"]
    assert next(row for row in own.rows if row.number == "223-0001-01").unit_cost is None


def test_repeated_sub_assembly_masses_and_exploded_quantities() -> None:
    parsed = read("bom/glass_door_levels.csv")
    assert skipped(parsed) == {1: "heading", 20: "repeat"}
    by_row = {row.row: row for row in parsed.rows}
    material = by_row[5]
    assert (material.number, material.parent_number) == ("aluminum-319-0-moldcast-t6", "HA-42-Al(A)")
    assert (material.quantity, material.unit, material.attributes["item_type"]) == (100, "%", "Material")
    assert by_row[4].mass_kg == Decimal("0.146")
    glass, film = (next(row for row in parsed.rows if row.number == number) for number in ("321-51", "7000001298"))
    assert (glass.quantity, glass.unit, glass.mass_kg) == (Decimal("1.51"), "m2", Decimal("19.6"))
    assert film.mass_kg == Decimal("0.340")
    totals = exploded(read("bom/glass_door_levels.csv", "24X6-30"))
    for number, total in facts("bom/glass_door_levels.csv")["exploded_quantities"].items():
        assert totals[number] == Decimal(str(total))


def exploded(parsed: ParsedBom) -> dict[str, Decimal]:
    lines: dict[str | None, list[tuple[str, Decimal]]] = {}
    for row in parsed.rows:
        lines.setdefault(row.parent_number, []).append((row.number, row.quantity))
    totals: dict[str, Decimal] = {}

    def explode(assembly: str | None, times: Decimal) -> None:
        for number, quantity in lines.get(assembly, []):
            totals[number] = totals.get(number, Decimal(0)) + times * quantity
            explode(number, times * quantity)

    explode(None, Decimal(1))
    return totals


def test_alternates_below_and_a_list_not_installed() -> None:
    parsed = read("bom/beaglebone_black_revC3a.csv")
    cable = parsed.rows[0]
    assert [entry.stored() for entry in cable.alternates] == [
        {"manufacturer": "LingLongDa", "part_number": "321010005"},
        {"manufacturer": "Molex", "part_number": "887328602"},
    ]
    assert {row: skipped(parsed)[row] for row in (3, 191, 192, 193)} == {
        3: "alternate", 191: "note", 192: "not_fitted_list", 193: "note",
    }  # fmt: skip
    known = facts("bom/beaglebone_black_revC3a.csv")
    unfitted = next(row for row in parsed.skipped if row.reason == SkipReason.NOT_FITTED_LIST)
    assert len(unfitted.references) == known["do_not_install_refs"]
    assert [(warning.row, warning.column, warning.code) for warning in parsed.warnings] == [
        (61, "MANU", "garbled_text"),
        (62, "PART NUMBER", "garbled_text"),
        (63, "MANU", "garbled_text"),
    ]
    assert "YUXI 宇熙" in parsed.warnings[0].message


def test_alternates_in_one_cell_and_the_part_that_is_none() -> None:
    parsed = read("bom/opencellular_OC-2G_900MHz.xls")
    (pseudo,) = [row for row in parsed.skipped if row.reason == SkipReason.NOT_FITTED]
    assert (pseudo.row, pseudo.number, pseudo.quantity, len(pseudo.references)) == (4, "000-002", 356, 356)
    capacitor = next(row for row in parsed.rows if row.number == "400-588")
    assert (capacitor.attributes["manufacturer"], capacitor.attributes["mpn"]) == ("Cal-chip", "GMC04CG101J50NT-LF")
    assert [entry.manufacturer for entry in capacitor.alternates] == ["Kemet", "Murata Electronics North America"]
    assert (capacitor.quantity, len(capacitor.references)) == (56, 56)
    assert capacitor.references[:4] == ("C6", "C7", "C8", "C9")
    assert {row.unit for row in parsed.rows} == {"each", ""}


def test_partly_fitted_rows() -> None:
    parsed, known = read("bom/limesdr-usb_1v4_r4.xls"), facts("bom/limesdr-usb_1v4_r4.xls")
    partly = [row for row in parsed.rows if row.not_fitted]
    whole = [row for row in parsed.skipped if row.reason == SkipReason.NOT_FITTED]
    assert len(partly) + len(whole) == known["rows_with_not_fitted_note"]
    unfitted = sum(len(row.not_fitted) for row in partly) + sum(len(row.references) for row in whole)
    assert unfitted == known["not_fitted_total_stated_in_file"]
    row = next(row for row in parsed.rows if row.number == "C1005C0G1H470F050BA")
    assert (row.quantity, len(row.references), row.not_fitted) == (8, 8, ("C324", "C325"))
    assert skipped(parsed)[132] == "note"


def test_old_spreadsheet_under_a_new_name() -> None:
    parsed = read("bom/opencellular_GBCv2_A2.0.xlsx")
    assert [row for row, reason in skipped(parsed).items() if reason == "note"] == [215, 216, 217, 218]
    module = next(row for row in parsed.rows if row.row == 210)
    assert (module.references, module.note) == ((), "do not need solder,will insert after assembly")
    assert (module.number, module.alternates[0].part_number) == ("M4DS-4GSSP50J-E", "M4DS-4GSSP5RG-E")
    assert next(row for row in parsed.rows if row.row == 209).number == "61000418221"
    assert read("bom/opencellular_GBCv2_A2.0.xlsx", sheet="Revision History").errors[0].code == "unknown_columns"


def test_numbers_that_look_like_numbers_stay_text() -> None:
    sync = read("bom/opencellular_SYNC_procurement_1.4.xlsx")
    assert [row.row for row in sync.rows if row.number == "9603"] == [5, 89]
    voron = read("bom/voron2_fusion_export.csv")
    assert [row.quantity for row in voron.rows if row.number in {"250", "300", "350"}] == [7, 7, 7]
    zero = voron.rows[0]
    assert (zero.name, zero.attributes["part_number"], zero.quantity) == ("0-4955c9e4", "0", 50)
    assert [warning.code for warning in voron.warnings] == ["number_too_short"] * 3
    cea = read("bom/cea_pick-remove4reuse.xlsx")
    assert [row.outline for row in cea.rows if row.parent_number == "PCB holder"][9] == "3.10"


def test_nopscadlib_three_ways() -> None:
    folder = "bom/nopscadlib_EnviroPlus/"
    listed, matrix, tree = (read(f"{folder}bom.{kind}") for kind in ("csv", "txt", "json"))
    known = facts(f"{folder}bom.json")
    assert matrix.errors == tree.errors == ()
    bought = {row.number: row.quantity for row in listed.rows}
    printed = known["printed_parts"]
    assert {row.number: row.quantity for row in matrix.rows} == {**bought, **printed}
    assert (len(bought), sum(bought.values())) == (known["bought_lines"], known["bought_total"])
    below = {name: {row.number for row in tree.rows if row.parent_number == name} for name in known["assemblies"]}
    assert {name: below[name] & set(known["assemblies"]) for name in below} == {
        name: set(children) for name, children in known["assembly_tree"].items()
    }
    totals = exploded(tree)
    assert {number: totals[number] for number in (*bought, *printed)} == {**bought, **printed}
    assert [row.number for row in tree.rows if row.parent_number is None] == ["main_assembly"]


@pytest.mark.parametrize("parent", ["ASY-001", "ASY-001-0000", "PARENT-1"])
def test_linked_lists(parent: str) -> None:
    known = facts("bom/gitplm_example")
    parsed = read_bom(pack_folder(SHARED / "bom" / "gitplm_example"), "gitplm.zip", parent_number=parent)
    assert (parsed.errors, parsed.dialect, parsed.rows_read, len(parsed.rows)) == ((), "linked_files", 12, 12)
    totals = exploded(parsed)
    assert {number: totals[number] for number in known["exploded_for_one_ASY_001"]} == known[
        "exploded_for_one_ASY_001"
    ]
    base = {None: "ASY-001", "ASY-002-0001": "ASY-002", "ASY-012-0012": "ASY-012"}
    for assembly, name in base.items():
        lines = {row.number: row.quantity for row in parsed.rows if row.parent_number == assembly}
        assert lines == known["structure"][name]


def test_linked_lists_before_their_release_are_edited(tmp_path: Path) -> None:
    for path in (SHARED / "bom" / "gitplm_example").rglob("*"):
        if path.is_file() and "-0" not in path.parent.name:  # without the folders of the releases
            (tmp_path / path.name).write_bytes(path.read_bytes())
    parsed = read_bom(pack_folder(tmp_path), "gitplm.zip", parent_number="ASY-001")
    totals = exploded(parsed)
    expected = facts("bom/gitplm_example")["exploded_for_one_ASY_001"]
    assert {number: totals[number] for number in expected} == expected
    diodes = next(row for row in parsed.rows if row.number == "DIO-002-0000")
    assert (diodes.quantity, "D12" in diodes.references, len(diodes.references)) == (7, False, 7)


@pytest.mark.parametrize("name", ["CAN_Balancer", "LedTest", "StickIt-Hat"])
def test_kicad_netlists(name: str) -> None:
    known, parsed = facts(f"exchange/kicad_netlist_{name}.xml"), read(f"exchange/kicad_netlist_{name}.xml")
    assert (parsed.errors, parsed.dialect, parsed.rows_read) == ((), "kicad_netlist", known["components"])
    found = [reference for *_rest, names in parts(parsed) for reference in names]
    assert len(found) == len(set(found)) == known["components"]
    assert all(row.quantity == len(row.references) for row in parsed.rows)
    excluded = sum(1 for row in parsed.skipped if row.reason == SkipReason.NOT_FITTED)
    assert excluded == (58 if name == "CAN_Balancer" else 0)  # "Exclude from BOM" is 1, not 0, in 58 of its 75
    assert known["first_reference"] in found


def test_ipc_2581() -> None:
    known, parsed = facts("exchange/ipc2581c_DM0002.xml"), read("exchange/ipc2581c_DM0002.xml")
    assert (parsed.errors, parsed.dialect, parsed.rows_read) == ((), "ipc2581", known["bom_items"])
    found = parts(parsed)
    assert sum(quantity for _number, quantity, _names in found) == Decimal(str(known["bom_quantity"]))
    assert sum(len(names) for *_rest, names in found) == known["reference_designators"]
    assert len({number for number, *_rest in found}) == known["avl_items"]


def test_other_documents() -> None:
    cyclone = read("exchange/cyclonedx_hbom_pcie-sata-adapter.json")
    known = facts("exchange/cyclonedx_hbom_pcie-sata-adapter.json")
    assert (cyclone.rows_read, cyclone.parent.name if cyclone.parent else "") == (known["components"], known["top"])
    assert {row.number: str(row.quantity) for row in cyclone.rows} == known["quantities"]
    for name in ("compliance_bom_1711", "sustainability_bom_2301"):
        granta = read(f"exchange/granta_{name}.xml")
        assert (granta.errors, granta.rows_read) == ((), facts(f"exchange/granta_{name}.xml")["parts"])
    catenax = read("exchange/catenax_SingleLevelBomAsPlanned_4.0.0.json")
    assert [(row.number, row.quantity, row.unit) for row in catenax.rows] == [
        ("CfBc107D-3df6-Ad9d-fA1d-6Abe8469f929", 20, "each")
    ]
    excel = read("exchange/beaglebone_BOM_spreadsheetml2003.xml")
    assert (excel.errors, [excel.sheet]) == ((), facts("exchange/beaglebone_BOM_spreadsheetml2003.xml")["worksheets"])
    assert (excel.header_row, excel.rows_read, sum(row.quantity for row in excel.rows)) == (1, 68, 354)
    assert excel.rows[1].number == "10035"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("exchange/spdx_2.3_example.json", "unsupported_file"),
        ("exchange/beaglebone_black_reach_statement.pdf", "unsupported_file"),
        ("exchange/echa_restriction_list.xlsx", "unknown_columns"),
        ("exchange/echa_svhc_candidate_list_2026-04-01.csv", "unknown_columns"),
        ("cad/car.glb", "unsupported_file"),
        ("cad/support_rail.STEP", "unsupported_file"),
        ("cad/stl_ascii.stl", "unknown_columns"),
        ("cad/utah_teapot.stl", "bad_encoding"),
        ("cad/piece_fin_course.3mf", "unsupported_file"),
        ("eco/beaglebone_black_bom_history/changes.json", "unsupported_file"),
    ],
)
def test_what_is_no_bill_of_materials_is_refused(name: str, code: str) -> None:
    parsed = read(name)
    assert [error.code for error in parsed.errors] == [code]
    assert parsed.rows == ()
