"""Parent and child columns: the generated import files with their known errors."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from products.importing import read_bom

GENERATOR = Path(__file__).resolve().parents[4] / "shared" / "workload" / "gen.py"
pytestmark = pytest.mark.skipif(not GENERATOR.is_file(), reason="the workload generator is not here")


@pytest.fixture(scope="module")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workload")
    command = [sys.executable, str(GENERATOR), "--size", "XS", "--out", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def test_good_file(workload: Path) -> None:
    content = (workload / "import_good.csv").read_bytes()
    parsed = read_bom(content, "import_good.csv", mapping=None, sheet=None, parent_number="IMP-XS-0000")
    assert (parsed.dialect, parsed.errors, parsed.rows_read) == ("parent_child", (), 200)
    assert parsed.mapping == {
        "parent": "parent",
        "part_number": "child",
        "quantity": "quantity",
        "unit": "uom",
        "find_number": "find_no",
    }
    assert not parsed.rows_define_products
    with (workload / "import_good.csv").open(newline="") as file:
        expected = list(csv.DictReader(file))
    assert len(parsed.rows) == len(expected)
    codes = {"EA": "each", "M": "m", "KG": "kg", "L": "l"}
    for line, (row, want) in enumerate(zip(parsed.rows, expected, strict=True), start=2):
        assert row.row == line
        assert (row.parent_number or "IMP-XS-0000", row.number) == (want["parent"], want["child"])
        assert (row.find_number, row.quantity) == (int(want["find_no"]), Decimal(want["quantity"]))
        assert row.unit == codes[want["uom"]]
    assert parsed.parent_numbers == ("IMP-XS-0001", "IMP-XS-0002")


def test_bad_file(workload: Path) -> None:
    """unknown_part and cycle need the database; all the others are found on exactly their rows."""
    content = (workload / "import_bad.csv").read_bytes()
    parsed = read_bom(content, "import_bad.csv", mapping=None, sheet=None, parent_number="IMP-XS-0000")
    known = json.loads((workload / "expected.json").read_text())["import_errors"]
    own = [(each["line"], each["kind"]) for each in known if each["kind"] not in ("unknown_part", "cycle")]
    assert [(error.row, error.code) for error in parsed.errors] == own
    columns = {"negative_qty": "quantity", "not_a_number": "quantity", "unknown_uom": "uom"}
    assert all(error.column == columns[error.code] for error in parsed.errors)
    assert parsed.rows_read == 200
    assert len(parsed.rows) == 200 - len(own)


def test_whole_catalog_under_one_of_its_roots(workload: Path) -> None:
    content = (workload / "bom.csv").read_bytes()
    parsed = read_bom(content, "bom.csv", mapping=None, sheet=None, parent_number="A00-0000000")
    assert parsed.errors == ()
    assert parsed.rows_read == 800
    assert len(parsed.rows) + sum(row.reason == "other_structure" for row in parsed.skipped) == 800
    assert {"effective_from", "effective_to", "reference"} <= set(parsed.mapping)
