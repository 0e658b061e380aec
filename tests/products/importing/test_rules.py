"""Each rule by which files are read, on the smallest file that shows it."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest

from products.importing import Corrections, ParsedBom, read_bom
from products.importing.alternates import column_pairs, split_entries
from products.importing.columns import MAKER_FIELDS, look_like_outline
from products.importing.designators import is_remark
from products.importing.fitting import is_pseudo_part, not_fitted, opens_unfitted_section
from products.importing.mojibake import mojibake


def read(text: str | bytes, parent: str = "TOP-1", **options: Any) -> ParsedBom:
    content = text.encode() if isinstance(text, str) else text
    return read_bom(content, "file", parent_number=parent, **options)


def lines(parsed: ParsedBom) -> list[tuple[str | None, str]]:
    assert parsed.errors == ()
    return [(row.parent_number, row.number) for row in parsed.rows]


def codes(parsed: ParsedBom) -> list[tuple[int, str]]:
    return [(error.row, error.code) for error in parsed.errors]


OUTLINE = "N°,Part Number,Name,Qty\n"


def test_outline_numbers_hang_below_the_nearest_row_above() -> None:
    text = (
        "3,ASM-1,Left,1\n3.1,PRT-1,Pin,1\n3.10,PRT-10,Nut,1\n3.10.1,PRT-11,Ring,1\n3,ASM-2,Right,1\n3.1,PRT-2,Bolt,1\n"
    )
    assert lines(read(OUTLINE + text)) == [
        (None, "ASM-1"), ("ASM-1", "PRT-1"), ("ASM-1", "PRT-10"), ("PRT-10", "PRT-11"), (None, "ASM-2"), ("ASM-2", "PRT-2"),
    ]  # fmt: skip
    assert codes(read(OUTLINE + text + "3.10.1,PRT-3,Cap,1\n")) == [(8, "bad_level")]  # 3.10 was of the first 3
    breadth_first = read(OUTLINE + "1,ASM-1,One,1\n2,ASM-2,Two,1\n1.1,PRT-1,Pin,1\n2.1,PRT-2,Nut,1\n")
    assert lines(breadth_first)[2:] == [("ASM-1", "PRT-1"), ("ASM-2", "PRT-2")]


def test_outline_in_a_level_column_and_below_the_parent_itself() -> None:
    text = "Level,Part Number,Name,Qty\n1,TOP-1,Bike,1\n1.1,ASM-1,Wheel,2\n1.1.1,PRT-1,Spoke,32\n"
    parsed = read(text)
    assert (parsed.dialect, lines(parsed)) == ("outline", [(None, "ASM-1"), ("ASM-1", "PRT-1")])
    assert lines(read("Pos,Part Number,Qty\n1.1,PRT-1,1\n1.2,ASM-1,1\n1.2.1,PRT-2,1\n"))[2] == ("ASM-1", "PRT-2")
    assert not look_like_outline(["1", "2.0", "3"]) and not look_like_outline(["1.10"])


def test_staggered_columns() -> None:
    named = read("Level 1,Level 2,Level 3,Name,Qty\nASM-1,,,Frame,1\n,PRT-1,,Bar,2\n,,PRT-2,Cap,1\n,PRT-3,,Pin,1\n")
    assert (named.dialect, lines(named)) == (
        "staggered", [(None, "ASM-1"), ("ASM-1", "PRT-1"), ("PRT-1", "PRT-2"), ("ASM-1", "PRT-3")],
    )  # fmt: skip
    assert lines(read("Part Number,,,Qty\nASM-1,,,1\n,PRT-1,,2\n,,PRT-2,1\n")) == lines(named)[:3]
    marked = read("L0,L1,Part Number,Qty\nx,,TOP-1,1\n,x,PRT-1,2\n")
    assert lines(marked) == [(None, "PRT-1")]


@pytest.mark.parametrize(
    ("makers", "numbers", "expected", "paired"),
    [
        ("Murata~TDK", "GRM1~C1005", [("Murata", "GRM1"), ("TDK", "C1005")], True),
        ("EPSON\nDAY", "ECS-1 \nQR-2", [("EPSON", "ECS-1"), ("DAY", "QR-2")], True),
        ("Bosch", "A1|A2", [("Bosch", "A1"), ("Bosch", "A2")], True),
        ("A; B", "1; 2", [("A", "1"), ("B", "2")], True),
        ("A", "1; 2", [("A", "1; 2")], True),
        ("A~B~C", "1~2", [("A", "1"), ("B", "2")], False),
        ("TDK,Yageo", "NTC-1,RC-2", [("TDK,Yageo", "NTC-1,RC-2")], True),
    ],
)
def test_several_makers_in_one_cell(makers: str, numbers: str, expected: list[tuple[str, str]], paired: bool) -> None:
    found, fits = split_entries(makers, numbers)
    assert ([(entry.manufacturer, entry.part_number) for entry in found], fits) == (expected, paired)


def test_alternates_in_pairs_of_columns() -> None:
    text = "Qty,Ref,Manufacturer 1,MPN 1,Manufacturer 2,MPN 2,Alternate MPN\n1,R1,Yageo,RC-1,Vishay,CRC-1,ERJ-1\n"
    (row,) = read(text).rows
    assert (row.number, [(entry.manufacturer, entry.part_number) for entry in row.alternates]) == (
        "RC-1", [("Vishay", "CRC-1"), ("", "ERJ-1")],
    )  # fmt: skip
    assert column_pairs(["MPN", "Manufacturer", "Supplier 2", "Qty 100"], MAKER_FIELDS) == []
    assert column_pairs(["mpn", "maker", "mpn_1", "maker_1"], MAKER_FIELDS) == [(3, 2)]


@pytest.mark.parametrize(
    ("remark", "expected"),
    [
        ("NF", (True, ())),
        ("dnp", (True, ())),
        ("Do not install", (True, ())),
        ("NF(C324 C325)", (False, ("C324", "C325"))),
        ("DNP: R1-R3, C4", (False, ("R1", "R2", "R3", "C4"))),
        ("NF(see note)", (False, ())),
        ("NFET", (False, ())),
        ("", (False, ())),
    ],
)
def test_remarks_that_something_is_not_fitted(remark: str, expected: tuple[bool, tuple[str, ...]]) -> None:
    assert not_fitted(remark) == expected


def test_what_is_fitted_is_the_line() -> None:
    head = "Designator,Qty,MPN,Assembly Info\n"
    parsed = read(
        head + '"C1,C2,C3",3,CAP-1,NF(C2)\n"R1,R2",2,RES-1,NF(R1 R2)\nU1,1,IC-1,NF\n"L1,L2",5,IND-1,NF(L2 L9)\n'
    )
    assert [(row.number, row.quantity, row.references, row.not_fitted) for row in parsed.rows] == [
        ("CAP-1", 2, ("C1", "C3"), ("C2",)), ("IND-1", 5, ("L1",), ("L2",)),
    ]  # fmt: skip
    assert [(row.number, row.quantity) for row in parsed.skipped if row.reason == "not_fitted"] == [
        ("RES-1", 2),
        ("IC-1", 1),
    ]
    assert {warning.code for warning in parsed.warnings} == {"not_fitted_unknown", "not_fitted_not_counted"}
    assert [row.number for row in read("MPN,Qty,Ref,Populate\nIC-1,1,U1,no\nIC-2,1,U2,yes\n").rows] == ["IC-2"]


def test_sections_and_rows_that_stand_for_what_is_missing() -> None:
    head = "Qty,Ref,Description,MPN\n1,U1,Chip,IC-1\n"
    parsed = read(
        head + ',DO NOT INSTALL COMPONENTS BELOW.,,\n1,U2,Chip,IC-2\n,"R5,R7",,\nOther parts,,,\n1,U3,Chip,IC-3\n'
    )
    assert [row.number for row in parsed.rows] == ["IC-1", "IC-3"]
    assert {row.row: row.reason for row in parsed.skipped if row.row > 2} == {
        3: "section", 4: "not_fitted", 5: "not_fitted_list", 6: "section",
    }  # fmt: skip
    assert is_pseudo_part("Components NOT POPULATED in this BOM") and not is_pseudo_part("Component holder")
    assert opens_unfitted_section("Not fitted:") and not opens_unfitted_section("Fitted parts")


def test_words_in_the_designator_column_are_a_note() -> None:
    assert is_remark("do not need solder, insert later") and not is_remark("R1 R2") and not is_remark("PCB")
    (row,) = read("Designator,Qty,MPN,Note\nbehind the panel,2,CAB-1,blue\nR1,1,RES-1,\n").rows[:1]
    assert (row.references, row.note) == ((), "behind the panel\nblue")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PiÃ¨ce", "Pièce"),
        ("5 Âµm", "5 µm"),
        ("YUXI å®\x87ç\x86\x99", "YUXI 宇熙"),
        ("lost \ufffd", ""),
        ("control \x85", ""),
        ("Pièce, Größe, SÃO, 10 µF ±5 %, 宇熙, ‰", None),
    ],
)
def test_garbled_text(text: str, expected: str | None) -> None:
    assert mojibake(text) == expected


def test_garbled_text_is_reported_and_imported() -> None:
    parsed = read("Part Number,Name,Qty\nA-100,PiÃ¨ce,1\n")
    assert [(warning.row, warning.column, warning.code) for warning in parsed.warnings] == [
        (2, "Name", "garbled_text")
    ]
    assert parsed.rows[0].name == "PiÃ¨ce"


def test_short_numbers_are_lengthened_the_same_every_time() -> None:
    first, second = (read("Part Number,Name,Qty\n0,Screw,50\n").rows[0].number for _ in range(2))
    assert first == second == "0-4955c9e4"


def test_corrections() -> None:
    text = "Part Number,Name,Qty\nA-100,Bolt,two\nA-200,Nut,1\n"
    given = Corrections({(2, "quantity"): "2", (3, "unit"): "kg"}, frozenset())
    assert [(row.quantity, row.unit) for row in read(text, corrections=given).rows] == [(2, ""), (1, "kg")]
    assert len(read(text, corrections=Corrections({}, frozenset({2}))).rows) == 1


def netlist(inner: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<export version="D"><components>{inner}</components></export>'.encode()


def component(ref: str, extra: str = "") -> str:
    return f'<comp ref="{ref}"><value>10k</value><footprint>R_0603</footprint>{extra}</comp>'


def test_components_of_one_part_make_one_line() -> None:
    flag = '<property name="exclude_from_bom"/>'
    text = (
        component("R1")
        + component("R2")
        + component("R3", flag)
        + component("R4", "<fields><field name='DNP'>1</field></fields>")
    )
    parsed = read(netlist(text))
    assert [(row.quantity, row.references) for row in parsed.rows] == [(2, ("R1", "R2"))]
    assert [row.reason for row in parsed.skipped] == ["combined", "not_fitted", "not_fitted"]
    assert parsed.rows_read == 4


def test_approved_parts_of_ipc_2581() -> None:
    choice = '<AvlVmpn chosen="{}"><AvlMpn name="{}"/><AvlVendor enterpriseRef="{}"/></AvlVmpn>'
    text = (
        '<IPC-2581 xmlns="http://webstds.ipc.org/2581"><LogisticHeader><Enterprise id="E1" name="Yageo"/></LogisticHeader>'
        '<Bom><BomItem OEMDesignNumberRef="RES-1" quantity="2"><RefDes name="R1" populate="true"/>'
        '<RefDes name="R2" populate="false"/></BomItem></Bom>'
        f'<Avl><AvlItem OEMDesignNumber="RES-1">{choice.format("false", "CRC-1", "E2")}{choice.format("true", "RC-1", "E1")}'
        "</AvlItem></Avl></IPC-2581>"
    )
    (row,) = read(text).rows
    assert (row.number, row.quantity, row.not_fitted) == ("RES-1", 1, ("R2",))
    assert (row.attributes["mpn"], row.attributes["manufacturer"]) == ("RC-1", "Yageo")
    assert [entry.stored() for entry in row.alternates] == [{"manufacturer": "E2", "part_number": "CRC-1"}]


def test_nested_cyclonedx_without_its_software() -> None:
    text = (
        '{"bomFormat": "CycloneDX", "components": [{"type": "device", "name": "ASM-1", "components": ['
        '{"type": "device", "name": "PRT-1", "properties": [{"name": "cdx:device:quantity", "value": "1.50"}]},'
        '{"type": "library", "name": "zlib"}]}]}'
    )
    parsed = read(text)
    assert lines(parsed) == [(None, "ASM-1"), ("ASM-1", "PRT-1")]
    assert (parsed.rows[1].quantity, [row.reason for row in parsed.skipped]) == (Decimal("1.50"), ["note"])


def archive(**files: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name.replace("__", "/"), text)
    return stream.getvalue()


def test_linked_lists_with_edits() -> None:
    files = {
        "TOP-1.csv": "IPN;Qty\nSUB-1;2\n",
        "sub__SUB-1.csv": 'IPN,Qty,Ref,Cmp name\nRES-1,2,"R1, R2, ",Resistor\n,1,TP1,Test point\n',
        "sub__SUB-1.yml": "remove:\n  - cmpName: Test point\n  - ref: R2\nadd:\n  - ipn: SCR-1\n    cmpName: Screw\n",
        "parts.csv": "IPN,Description,MPN,Manufacturer\nRES-1,10k,RC-1,Yageo\n",
    }
    parsed = read(archive(**files))
    assert [(row.parent_number, row.number, row.quantity) for row in parsed.rows] == [
        (None, "SUB-1", 2), ("SUB-1", "RES-1", 1), ("SUB-1", "SCR-1", 1),
    ]  # fmt: skip
    assert (parsed.rows[1].name, parsed.rows[1].attributes["mpn"]) == ("10k", "RC-1")
    broken = read(archive(**{**files, "sub__SUB-1.csv": "IPN,Qty\nRES-1,two\n"}))
    assert (broken.errors[0].code, broken.errors[0].message[:24]) == ("not_a_number", "sub/SUB-1.csv, line 2: “")
    aliases = {**files, "TOP-1.yml": "a: &a [1]\nremove: *a\n"}
    assert codes(read(archive(**aliases))) == [(0, "unsupported_file")]
    assert codes(read(archive(**{"A-1.csv": "IPN,Qty\nX-1,1\n", "B-1.csv": "IPN,Qty\nX-1,1\n"}))) == [
        (0, "parent_not_in_file")
    ]


LAUGHS = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (netlist(component("R1"), LAUGHS), "unsupported_file"),
        (netlist(component("R1"))[:-12], "unsupported_file"),
        (netlist(""), "empty_file"),
        (netlist("<a>" * 200 + "</a>" * 200), "too_large"),
        (netlist(component("R" * 1_000_000)), "too_long"),
        (b"<svg/>", "unsupported_file"),
        (b'{"bomFormat": "CycloneDX", "components": [', "unsupported_file"),
        (b'{"bomFormat": "CycloneDX", "components": []}', "empty_file"),
        (b'{"a": ' * 150 + b"1" + b"}" * 150, "too_large"),
        (b"[" * 100_000, "too_large"),
        (b'{"orders": []}', "unsupported_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "unsupported_file"),
        (archive(**{"..__..__etc__TOP-1.csv": "IPN,Qty\nX-1,1\n"}), "unsupported_file"),
        (archive(**{"bomb.csv": "0" * 21_000_000}), "too_large"),
        (archive(**{f"{number}.csv": "" for number in range(2001)}), "too_large"),
        (archive(**{"TOP-1.csv": "IPN,Qty\nX-100,1\n"})[:-30], "unsupported_file"),
    ],
    ids=range(16),
)
def test_damaged_and_hostile_files_are_refused(content: bytes, code: str) -> None:
    parsed = read(content)
    assert [error.code for error in parsed.errors] == [code]
    assert parsed.rows == ()
