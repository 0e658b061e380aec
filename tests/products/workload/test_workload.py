"""A generated catalogue of 2,000 products and 10,000 lines with known answers: every number in expected.json."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from plm_project.core.decimals import plain
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, Product
from tests.conftest import SHARED

SIZE = "S"
AS_OF = "2026-01-01"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared (workload)"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("workload")
    generator = str(SHARED / "workload" / "gen.py")
    subprocess.run([sys.executable, generator, "--size", SIZE, "--out", str(out)], check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((folder / "expected.json").read_text())
    return answer


@pytest.fixture(scope="module")
def loaded(folder: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Load the catalogue once for the module, in a tenant of its own, and take it away afterwards."""
    with django_db_blocker.unblock():
        from django.db import transaction

        with transaction.atomic():
            tenant = tenant_create(slug="workload", name="Workload")[0]
            answer = command(
                "catalog_import", products=folder / "parts.csv", lines=folder / "bom.csv", tenant=tenant.slug
            )
            assert answer == {
                "products_created": 2000,
                "products_updated": 0,
                "lines_created": 10_000,
                "lines_updated": 0,
                "errors": [],
            }
            yield tenant.slug
            transaction.set_rollback(True)


@pytest.fixture
def catalog(loaded: str, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock():
        yield loaded


def command(name: str, *args: str, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command(name, *args, as_json=True, stdout=out, **options)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("all_lines", {"mode": "as_stored"}),
        (f"as_of_{AS_OF}", {"as_of": dt.date.fromisoformat(AS_OF)}),
        (f"as_of_{AS_OF}", {"as_of": dt.date.fromisoformat(AS_OF), "mode": "latest"}),
    ],
)
def test_explosion_flat_and_rollup(catalog: str, expected: dict[str, Any], key: str, options: dict[str, Any]) -> None:
    for want in expected[key]:
        tree = command("bom_explode", want["root"], tenant=catalog, **options)
        assert (tree["rows"], tree["depth"], tree["distinct_products"]) == (
            want["indented_rows"], want["depth"], want["distinct_parts"])  # fmt: skip
        assert len(tree["lines"]) == want["indented_rows"]
        flat = command("bom_explode", want["root"], tenant=catalog, flat=True, **options)["lines"]
        totals = {line["product_number"]: line["total_quantity"] for line in flat}
        assert {number: totals[number] for number in want["flat_probe"]} == want["flat_probe"]
        assert sum(1 for line in flat if line["product_number"].startswith("P-")) == want["distinct_leaves"]
        digest = "\n".join(f"{number}={totals[number]}" for number in _in_generator_order(totals))
        assert hashlib.sha256(digest.encode()).hexdigest() == want["flat_sha256"]
        rollup = command("cost_rollup", want["root"], tenant=catalog, **options)
        assert Decimal(rollup["unit_cost"]) == Decimal(want["rolled_cost"])
        assert Decimal(rollup["mass_kg"]) == Decimal(want["rolled_mass_kg"])
        assert rollup["unit_cost"] == plain(Decimal(want["rolled_cost"]))


def _in_generator_order(totals: dict[str, str]) -> list[str]:
    return sorted(totals, key=lambda number: int(number.rpartition("-")[2]))


def test_where_used(catalog: str, expected: dict[str, Any]) -> None:
    for want in expected["where_used"]:
        answer = command("bom_where_used", want["part"], tenant=catalog, mode="as_stored")
        assert (answer["direct"], answer["ancestors"], answer["roots"]) == (
            want["direct"], want["ancestors"], want["roots"])  # fmt: skip


def test_cycles(catalog: str, folder: Path) -> None:
    with (folder / "cycle_tests.csv").open() as lines:
        for row in csv.DictReader(lines):
            answer = command("bom_check", row["parent"], row["child"], tenant=catalog)
            assert answer["creates_cycle"] == (row["creates_cycle"] == "1"), row
            if answer["creates_cycle"]:
                assert answer["path"][0] == answer["path"][-1] == row["parent"]
                assert answer["path"][1] == row["child"]


def test_bad_import_names_every_row_and_writes_nothing(catalog: str, folder: Path, expected: dict[str, Any]) -> None:
    before = _counts(catalog)
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("catalog_import", tenant=catalog, lines=folder / "import_bad.csv", as_json=True, stdout=out)
    assert refusal.value.returncode == 2
    found = [{"line": fault["row"], "kind": fault["code"]} for fault in json.loads(out.getvalue())["errors"]]
    assert found == sorted(expected["import_errors"], key=lambda fault: fault["line"])
    assert _counts(catalog) == before


def test_good_import_dry_run_then_for_real_then_again(catalog: str, folder: Path) -> None:
    from django.db import transaction

    before = _counts(catalog)
    good = folder / "import_good.csv"
    dry = command("catalog_import", tenant=catalog, lines=good, dry_run=True)
    assert _counts(catalog) == before
    with transaction.atomic():
        real = command("catalog_import", tenant=catalog, lines=good)
        assert real == dry
        assert (real["products_created"], real["lines_created"]) == (21, 2000)
        again = command("catalog_import", tenant=catalog, lines=good)
        assert again["products_created"] == again["lines_created"] == again["lines_updated"] == 0
        transaction.set_rollback(True)


def _counts(slug: str) -> tuple[int, int]:
    with tenant_scope(Tenant.objects.get(slug=slug).pk):
        return Product.objects.count(), BomLine.objects.count()
