"""bom_import on real files: what was read, what was made, and that a fault leaves nothing behind."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from products.choices import ProductType
from products.models import BomLine, Product
from products.selectors.explosion import Explosion, explosion_flat
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from tests.factories import make_product, release

pytestmark = pytest.mark.usefixtures("scope")


def run(tenant: Tenant, file: Path, parent: str, *extra: str) -> tuple[dict[str, Any], int]:
    out = io.StringIO()
    code = 0
    try:
        call_command(
            "bom_import", str(file), f"--parent={parent}", f"--tenant={tenant.slug}", "--json", *extra, stdout=out
        )
    except CommandError as error:
        code = error.returncode
    return json.loads(out.getvalue()), code


@pytest.mark.parametrize(
    ("file", "dialect", "lines", "products"),
    [
        ("libresolar_bms-c1.csv", "flat", 69, 70),
        ("mutable_Tides2.xlsx", "flat", 46, 47),
        ("django-bom_full_levels.csv", "levels", 35, 35),
        ("glass_door_levels.csv", "levels", 25, 22),
    ],
)
def test_real_files(tenant: Tenant, shared: Path, file: str, dialect: str, lines: int, products: int) -> None:
    facts = json.loads((shared / "data" / "facts.json").read_text())[f"bom/{file}"]
    answer, code = run(tenant, shared / "data" / "bom" / file, "TOP-1", "--parent-name=Imported product")
    assert (code, answer["errors"], answer["dialect"]) == (0, [], dialect)
    assert answer["rows_read"] == facts["part_rows"]
    assert answer["lines_created"] == lines == BomLine.objects.count()
    assert answer["products_created"] == products == Product.objects.count()
    assert answer["products_matched"] == 0
    if "encoding" in facts:
        assert answer["encoding"] == facts["encoding"]
    top = Product.objects.get(product_number="TOP-1")
    structure = structure_load(top, Resolution.of("latest"))
    if not facts["levels"]["present"]:
        assert len(Explosion(structure)) == facts["part_rows"]
        stored = sum((line.quantity for line in BomLine.objects.all()), Decimal(0))
        assert stored == Decimal(str(facts["sum_of_row_quantities"]))
        designators = [word for line in BomLine.objects.all() for word in line.reference_designators]
        assert len(designators) == facts["reference_designators_total"]
    else:
        assert Explosion(structure).extent().depth == facts["levels"]["distinct"]
    totals = {line.product_number: line.total_quantity for line in explosion_flat(structure)}
    for number, quantity in facts.get("exploded_quantities", {}).items():
        assert totals[number] == Decimal(str(quantity))
    again, _code = run(tenant, shared / "data" / "bom" / file, "TOP-1")
    assert (again["lines_created"], again["products_created"]) == (0, 0)


def test_the_files_own_top_row_may_be_the_parent(tenant: Tenant, shared: Path) -> None:
    answer, _code = run(tenant, shared / "data" / "bom" / "glass_door_levels.csv", "24X6-30")
    assert (answer["rows_read"], answer["lines_created"]) == (26, 24)
    materials = Product.objects.filter(product_type=ProductType.RAW_MATERIAL)
    assert materials.count() == 7
    assert Product.objects.get(product_number="HA-42-Al(A)").mass_kg == Decimal("0.146")


def test_a_dry_run_says_the_same_and_writes_nothing(tenant: Tenant, shared: Path) -> None:
    file = shared / "data" / "bom" / "libresolar_bms-c1.csv"
    dry, _code = run(tenant, file, "TOP-1", "--dry-run")
    assert (Product.objects.count(), OutboxEvent.objects.count()) == (0, 0)
    real, _code = run(tenant, file, "TOP-1")
    assert real == dry


def test_map_corrects_the_columns(tenant: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "bom.csv"
    file.write_text("Ours,Theirs,Qty\nAB-1,ZZ-1,2\nAB-2,ZZ-2,3\n")
    answer, _code = run(tenant, file, "TOP-1", "--map", "part_number=Theirs", "--map", "quantity=C")
    assert answer["mapping"]["part_number"] == "Theirs"
    assert set(Product.objects.values_list("product_number", flat=True)) == {"TOP-1", "ZZ-1", "ZZ-2"}
    answer, code = run(tenant, file, "TOP-2", "--map", "quantity=Nowhere")
    assert (code, answer["errors"][0]["code"]) == (2, "unknown_columns")


def test_one_bad_row_and_nothing_is_written(tenant: Tenant, tmp_path: Path) -> None:
    known = make_product("AB-1")
    events = OutboxEvent.objects.count()
    file = tmp_path / "bom.csv"
    file.write_text(
        "part number,name,qty,unit\nAB-1,Known,1,EA\nAB-2,New,-2,EA\nAB-3,Newer,two,EA\nAB-4,Newest,1,FURLONG\n"
    )
    answer, code = run(tenant, file, "TOP-1")
    assert code == 2
    assert [(error["row"], error["code"]) for error in answer["errors"]] == [
        (3, "negative_qty"), (4, "not_a_number"), (5, "unknown_uom")]  # fmt: skip
    assert list(Product.objects.all()) == [known]
    assert OutboxEvent.objects.count() == events


def test_a_cycle_through_stored_lines_is_found(tenant: Tenant, tmp_path: Path) -> None:
    make_product("SUB-2")
    file = tmp_path / "bom.csv"
    file.write_text("parent,child,quantity\nTOP-1,SUB-1,1\nSUB-1,SUB-2,1\n")
    out = io.StringIO()
    call_command("catalog_import", lines=file, tenant=tenant.slug, as_json=True, stdout=out)
    file.write_text("part number,name,qty\nTOP-1,The top,1\n")
    answer, code = run(tenant, file, "SUB-2")
    assert (code, [error["code"] for error in answer["errors"]]) == (2, ["cycle"])


def test_a_released_parent_is_changed_by_no_import(tenant: Tenant, tmp_path: Path) -> None:
    make_product("TOP-1")
    release(Product.objects.get(product_number="TOP-1"))
    file = tmp_path / "bom.csv"
    file.write_text("part number,name,qty\nAB-1,Part one,1\nAB-2,Part two,1\n")
    answer, code = run(tenant, file, "TOP-1")
    assert (code, [error["code"] for error in answer["errors"]]) == (2, ["revision_frozen"])
    assert Product.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"part number,qty\n", b"\xff\xfe\x00"])
def test_files_that_hold_no_bom(tenant: Tenant, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bom.csv"
    file.write_bytes(content)
    answer, code = run(tenant, file, "TOP-1")
    assert code == 2
    assert answer["errors"]
    assert not Product.objects.exists()


def test_a_file_that_is_not_there(tenant: Tenant, tmp_path: Path) -> None:
    answer, code = run(tenant, tmp_path / "nowhere.csv", "TOP-1")
    assert (code, answer["error_code"]) == (2, "VALIDATION_ERROR")


def test_a_folder_of_linked_lists(tenant: Tenant, shared: Path, tmp_path: Path) -> None:
    answer, code = run(tenant, shared / "data" / "bom" / "gitplm_example", "ASY-001")
    assert (code, answer["dialect"], answer["rows_read"], answer["lines_created"]) == (0, "linked_files", 12, 12)
    totals = {
        line.product_number: line.total_quantity
        for line in explosion_flat(
            structure_load(Product.objects.get(product_number="ASY-001"), Resolution.of("latest"))
        )
    }
    facts = json.loads((shared / "data" / "facts.json").read_text())["bom/gitplm_example"]
    assert {number: totals[number] for number in facts["exploded_for_one_ASY_001"]} == facts[
        "exploded_for_one_ASY_001"
    ]
    (tmp_path / "empty").mkdir()
    answer, code = run(tenant, tmp_path / "empty", "ASY-002")
    assert (code, answer["errors"][0]["code"]) == (2, "unsupported_file")


def test_alternates_and_what_is_not_fitted_are_kept(tenant: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "board.csv"
    file.write_text(
        "Qty,Designator,Description,Manufacturer,Part Number,Assembly Info\n"
        '3,"R1,R2,R3",Resistor,Yageo,RC-1,NF(R2)\n,,,Vishay,CRC-1,\n1,U1,Chip,TI,IC-1,NF\n'
    )
    answer, code = run(tenant, file, "TOP-1")
    assert (code, answer["rows_read"], answer["lines_created"], answer["warnings"]) == (0, 2, 1, [])
    assert {row["row"] for row in answer["rows_skipped"]} == {1, 3, 4}
    line = BomLine.objects.get()
    assert (line.quantity, line.reference_designators) == (2, ["R1", "R3"])
    kept = {"alternates": [{"manufacturer": "Vishay", "part_number": "CRC-1"}], "not_fitted": ["R2"]}
    assert line.custom_attributes == kept
    top = Product.objects.get(product_number="TOP-1")
    assert top.custom_attributes["not_fitted"] == [{"part_number": "IC-1", "quantity": "1", "designators": ["U1"]}]
    assert run(tenant, file, "TOP-1")[0]["lines_created"] == 0
    file.write_text(file.read_text().replace("CRC-1", "CRC-2"))
    run(tenant, file, "TOP-1")
    assert BomLine.objects.get().custom_attributes["alternates"][0]["part_number"] == "CRC-2"


def test_units_convert_and_miscounted_designators_are_named(tenant: Tenant, tmp_path: Path) -> None:
    make_product("CABLE-1", unit_of_measure="m")
    make_product("CLIP-1")
    file = tmp_path / "bom.csv"
    file.write_text('part number,qty,unit,designator,line_type\nCABLE-1,250,cm,W1,\nCLIP-1,3,EA,"X1-X4",consumable\n')
    answer, code = run(tenant, file, "TOP-1")
    assert (code, answer["errors"], answer["lines_created"]) == (0, [], 2)
    assert [(entry["row"], entry["code"]) for entry in answer["warnings"]] == [(3, "designators_not_counted")]
    lines = BomLine.objects.order_by("find_number").values_list("quantity", "unit_of_measure", "line_type")
    assert list(lines) == [(Decimal("2.5"), "m", "standard"), (3, "each", "consumable")]
    file.write_text("part number,qty,unit,line_type\nCABLE-1,1,kg,\nCLIP-1,1,EA,imaginary\n")
    answer, code = run(tenant, file, "TOP-2")
    assert [(entry["row"], entry["code"]) for entry in answer["errors"]] == [
        (2, "unit_mismatch"),
        (3, "unknown_value"),
    ]
