"""Export and back: what is written is read as an equal bill of materials."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plm_project.core.delimited import csv_cell, csv_lines
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.exporting import FORMATS
from products.importing import read_bom
from products.importing.csv_source import read as read_csv
from products.importing.numbers import is_empty
from products.models import BomLine
from products.services import line_update
from products.services.bom_import import bom_import
from tests.factories import make_assembly, make_line, make_product, system_actor

pytestmark = pytest.mark.usefixtures("scope")
LINE = ("parent_revision__product__product_number", "child__product_number", "child__product_name",
        "child__product_description", "child__product_type", "quantity", "unit_of_measure", "find_number",
        "reference_designators", "effective_from", "effective_to", "notes", "serials", "condition", "line_type",
        "is_optional", "attrition_percent", "setup_quantity", "rounding_multiple", "custom_attributes")  # fmt: skip


def command(name: str, tenant: Tenant, *arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(name, *arguments, f"--tenant={tenant.slug}", "--json", stdout=out)
    return json.loads(out.getvalue())


def bill(top: str) -> list[list[Any]]:
    """All lines below a product, the product itself called TOP."""
    rows = BomLine.objects.order_by("parent_revision__product__product_number", "find_number").values_list(*LINE)
    return [["TOP" if row[0] == top else row[0], *row[1:]] for row in rows]


def strip_outline(rows: list[list[Any]]) -> list[list[Any]]:
    """Without the outline number: an export says the structure by levels."""
    return [[*row[:-1], {key: value for key, value in row[-1].items() if key != "outline_number"}] for row in rows]


REAL = ["glass_door_levels.csv", "opencellular_OC-2G_900MHz.xls", "limesdr-usb_1v4_r4.xls", "django-bom_full_levels.csv",
        "cea_pick-remove4reuse.xlsx", "voron2_fusion_export.csv", "gitplm_example"]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("kind", ["csv", "xlsx", "cyclonedx"])
def test_real_files_there_and_back(
    tenant: Tenant, other_tenant: Tenant, shared: Path, tmp_path: Path, kind: str, name: str
) -> None:
    command("bom_import", tenant, str(shared / "data" / "bom" / name), "--parent=TOP-1")
    before = strip_outline(bill("TOP-1"))
    file = tmp_path / f"bom.{kind}"
    written = command("bom_export", tenant, "TOP-1", f"--format={kind}", "--mode=latest", f"--output={file}")
    answer = command("bom_import", other_tenant, str(file), "--parent=TOP-1")
    assert (written["format"], answer["errors"]) == (kind, [])
    with tenant_scope(other_tenant.pk):
        assert bill("TOP-1") == before


FORMULAS = ["=1+1", "+49 30", "-5 V", "@home", "'=x", "''-y", "＝1", "'quoted'", "\t=tab"]


@given(
    st.one_of(
        st.sampled_from(FORMULAS), st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=30)
    )
)
@example(" 0")
def test_any_text_comes_back_from_a_cell(text: str) -> None:
    content = "".join(csv_lines(["a", "b"], [["x", text]]))
    assert not csv_cell(text).startswith(("=", "+", "-", "@", "\t", "＝"))
    if not any("\x00" <= character < " " and character not in "\t\n" for character in text):
        (_heading, row) = read_csv(content.encode()).rows
        read = row.cells[1] if len(row.cells) > 1 else ""
        # Spaces at the beginning of a cell are a habit of some programs, so reading leaves them out.
        assert read.lstrip(" ") == text.lstrip(" ") or not (read + text).strip(), "what is no blank comes back"


# What an import evens out: blanks at the ends and in rows; what it takes for an empty cell.
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=3, max_size=12)
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join).filter(lambda text: not is_empty(text))
ODD = st.one_of(TEXTS, st.sampled_from(["=1+1", "+5 V", "@home", "'=x", "a;b,c", 'M5 "long"', "00402", "1e5", "TRUE"]))


USE = {"line_type": "consumable", "is_optional": True, "condition": "a:b and not c:d", "setup_quantity": Decimal("0.5"),
       "attrition_percent": Decimal("2.125"), "rounding_multiple": Decimal(25)}  # fmt: skip
THREE = st.lists(ODD, min_size=3, max_size=3)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(ODD, min_size=3, max_size=3),
    notes=st.lists(ODD, min_size=3, max_size=3),
    kind=st.sampled_from(sorted(FORMATS)),
)
def test_odd_texts_there_and_back(
    tenant: Tenant, tmp_path: Path, kind: str, names: list[str], notes: list[str]
) -> None:
    with transaction.atomic():
        parts = [make_product(f"=PRT-{at}", product_name=name, unit_of_measure="m") for at, name in enumerate(names)]
        sub = make_product("SUB-1", product_description="two\nlines", unit_of_measure="set")
        top = make_product("TOP-1")
        make_line(top, sub, "2", find_number=10, effective_from=dt.date(2020, 1, 1), effective_to=dt.date(2090, 1, 1))
        for at, (part, note) in enumerate(zip(parts, notes, strict=True)):
            make_line(
                sub,
                part,
                "0.000001",
                find_number=at + 7,
                notes=note,
                reference_designators=(f"R{at}", f"C{at}_A", note),
            )
        units = [
            {"end_item": str(sub.pk), "first": 1, "last": 50},
            {"end_item": str(sub.pk), "first": 80, "last": None},
        ]
        line_update(
            actor=system_actor(), line_id=BomLine.objects.get(child=parts[0]).pk, changes=USE | {"serials": units}
        )
        BomLine.objects.filter(child=parts[0]).update(
            custom_attributes={"alternates": [{"manufacturer": "A|B", "part_number": note} for note in notes]}
        )
        make_line(top, sub, "5", find_number=20, reference_designators=("U1", "U2", "U3", "U4", "U5"))
        before = [row[1:] for row in bill("TOP-1")]
        file = tmp_path / f"bom.{kind}"
        command("bom_export", tenant, "TOP-1", f"--format={kind}", "--mode=as_stored", f"--output={file}")
        parsed = read_bom(file.read_bytes(), file.name, parent_number="TOP-1")
        result = bom_import(actor=system_actor(), content=file.read_bytes(), filename="bom", parent_number="TOP-2")
        assert (parsed.errors, result.faults) == ((), ())
        after = BomLine.objects.filter(parent_revision__product__product_number="TOP-2").order_by("find_number")
        assert [list(row) for row in after.values_list(*LINE[1:])] == [row for row in before if row[0] == "SUB-1"]
        found = {row.number: (row.name, row.note, [entry.stored() for entry in row.alternates]) for row in parsed.rows}
        for at, (name, note) in enumerate(zip(names, notes, strict=True)):
            alternates = [{"manufacturer": "A|B", "part_number": text} for text in notes] if at == 0 else []
            assert found[f"=PRT-{at}"] == (name, note, alternates)
        transaction.set_rollback(True)


def test_a_spreadsheet_computes_nothing(tenant: Tenant, tmp_path: Path) -> None:
    make_assembly("TOP-1", [(make_product("=1+1", product_name="@SUM(A1)"), "1.5")])
    file = tmp_path / "bom.xlsx"
    command("bom_export", tenant, "TOP-1", "--format=xlsx", "--mode=latest", f"--output={file}")
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    row = {heading.value: cell for heading, cell in zip(*sheet.iter_rows(min_row=1, max_row=2), strict=True)}
    assert (row["product_number"].value, row["product_number"].data_type) == ("=1+1", "s")
    assert row["product_number"].quotePrefix and row["quantity"].value == 1.5
    command("bom_export", tenant, "TOP-1", "--flat", "--mode=latest", f"--output={file}")
    assert file.read_text(encoding="utf-8-sig").splitlines()[1] == "'=1+1,'@SUM(A1),1.5,each,true"


def test_cyclonedx_is_valid(tenant: Tenant, tmp_path: Path) -> None:
    make_assembly("TOP-1", [(make_assembly("SUB-1", [(make_product("PRT-1"), "3")]), "2")])
    file = tmp_path / "bom.json"
    command("bom_export", tenant, "TOP-1", "--format=cyclonedx", "--mode=latest", f"--output={file}")
    document = json.loads(file.read_text())
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    (sub,) = document["components"]
    (part,) = sub["components"]
    assert {"name": "cdx:device:quantity", "value": "3"} in part["properties"]
    assert len({entry["bom-ref"] for entry in (document["metadata"]["component"], sub, part)}) == 3
    command("bom_export", tenant, "TOP-1", "--format=cyclonedx", "--flat", "--mode=latest", f"--output={file}")
    flat = json.loads(file.read_text())["components"]
    assert [entry["properties"][0]["value"] for entry in flat] == ["6", "2"]


def test_export_refuses_what_it_cannot_write(tenant: Tenant, tmp_path: Path) -> None:
    make_product("TOP-1")
    for arguments in (["NONE-1", f"--output={tmp_path}/x"], ["TOP-1", f"--output={tmp_path}"]):
        with pytest.raises(CommandError) as refused:
            call_command("bom_export", *arguments, f"--tenant={tenant.slug}")
        assert refused.value.returncode == 2
