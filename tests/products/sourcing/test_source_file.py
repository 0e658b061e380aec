"""The file of sources: round trip, all or nothing, every fault with its place, and in sets."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import ApprovedSource, Manufacturer, PriceBreak, SupplierOffer
from products.selectors.products import product_by_number
from products.selectors.quantity_rollup import quantity_rollup
from products.selectors.resolution import Resolution
from products.services.catalog_import import catalog_import
from products.services.sources_import import sources_import
from tests.conftest import MakeActor
from tests.factories import make_offer, make_product, make_source, system_actor

FILE = """\
product_number,manufacturer,mpn,status,preferred,reason,supplier,supplier_part_number,currency,minimum_quantity,\
order_multiple,lead_time_days,valid_from,valid_to,quantity_1,price_1,quantity_2,price_2
RES,Yageo,RC0402,approved,yes,,Mouse Parts,603-RC,USD,1,1,5,2026-01-01,,1,0.1,1000,0.002
RES,YAGEO,rc0402,approved,yes,,Digi,311-RC,EUR,5000,5000,40,,2027-01-01,5000,0.0011,,
RES,Vishay,CRCW,disqualified,no,Cracks,,,,,,,,,,,,
PLATE,,,,,,Plate works,,EUR,,,21,,,1,80,10,62.5
"""


def run(tenant: Tenant, name: str, *args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(name, *args, f"--tenant={tenant.slug}", "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.fixture
def parts(scope: None) -> None:
    make_product("RES", product_type="purchased")
    make_product("PLATE", product_type="purchased")


def load(text: str, actor: Any = None, **kwargs: Any) -> Any:
    return sources_import(actor=actor or system_actor(), content=text.encode(), name="s.csv", **kwargs)


@pytest.mark.usefixtures("parts")
def test_there_and_back_again(tenant: Tenant, other_tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(FILE)
    dry = run(tenant, "sources_import", str(path), "--dry-run")
    assert (dry["sources_created"], dry["offers_created"], SupplierOffer.objects.count()) == (2, 3, 0)
    done = run(tenant, "sources_import", str(path))
    assert done == dry | {"errors": []}
    assert (done["manufacturers_created"], done["suppliers_created"], done["parts_created"]) == (2, 3, 2)
    reel = ApprovedSource.objects.get(manufacturer_part__mpn="RC0402")
    assert (reel.status, reel.is_preferred, reel.version) == ("approved", True, 1)
    assert reel.history.get().history_change_reason == "sources_import"
    assert Manufacturer.objects.get(name="Yageo").code == "YAGEO"
    again = run(tenant, "sources_import", str(path))
    assert {name: count for name, count in again.items() if count} == {"rows": 4}
    out, back = tmp_path / "out.csv", tmp_path / "back.csv"
    make_offer(make_source(make_product("=CMD"), "Makers", "+1").manufacturer_part, "Shop", ("0.5", "0.000001"))
    assert run(tenant, "sources_export", str(out))["rows"] == 5
    assert {n: c for n, c in run(tenant, "sources_import", str(out)).items() if c} == {"rows": 5}
    with tenant_scope(other_tenant.pk):  # the same file makes the same sources elsewhere
        for number in ("RES", "PLATE", "=CMD"):
            make_product(number)
    run(other_tenant, "sources_import", str(out))
    run(other_tenant, "sources_export", str(back))
    assert back.read_text() == out.read_text()


@pytest.mark.usefixtures("parts")
def test_a_file_changes_what_it_names_and_no_more(tenant: Tenant) -> None:
    load(FILE)
    changed = FILE.replace("1000,0.002", "2000,0.002").replace("approved,yes,,Mouse", "approved,no,,Mouse")
    done = load(changed.replace("YAGEO,rc0402,approved,yes", "YAGEO,rc0402,approved,no"))
    assert (done.sources_updated, done.offers_updated, done.offers_created) == (1, 1, 0)
    mouse = SupplierOffer.objects.get(supplier__name="Mouse Parts")
    assert [str(b.from_quantity.normalize()) for b in mouse.breaks.all()] == ["1", "2E+3"]
    assert PriceBreak.all_objects.filter(offer=mouse, is_deleted=True).get().history.count() == 2


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("RES,Yageo", "NONE,Yageo", "product_number", "unknown_part"),
        ("Yageo,RC0402", "Yageo,", "mpn", "missing_value"),
        ("approved,yes,,Mouse", "fine,yes,,Mouse", "status", "unknown_status"),
        ("approved,yes,,Mouse", "approved,maybe,,Mouse", "preferred", "not_yes_or_no"),
        ("disqualified,no,Cracks", "disqualified,no,", "reason", "missing_value"),
        ("disqualified,no,Cracks", "disqualified,yes,Cracks", "preferred", "not_approved"),
        ("rc0402,approved", "rc0402,potential", "status", "conflict"),
        ("603-RC,USD", "603-RC,dollar", "currency", "unknown_currency"),
        ("1,1,5,2026-01-01", "1,1,5,01/02/2026", "valid_from", "bad_date"),
        ("1,1,5,2026-01-01", "-1,1,5,2026-01-01", "minimum_quantity", "negative_qty"),
        ("1,1,5,2026-01-01", "1,1,soon,2026-01-01", "lead_time_days", "not_a_number"),
        ("1,0.1,1000", "1,cheap,1000", "price_1", "not_a_number"),
        ("1,0.1,1000", "1,,1000", "price_1", "missing_value"),
        ("1,0.1,1000", "1000,0.1,1000", "quantity_2", "duplicate"),
        ("1,0.1,1000", "1,0.0000001,1000", "price_1", "too_long"),
        ("PLATE,,,,,,Plate works", "PLATE,,,,,,", "mpn", "missing_value"),
        ("status,preferred", "state,preferred", "", "unknown_columns"),
    ],
)
def test_a_fault_names_its_place_and_nothing_is_written(old: str, new: str, column: str, code: str) -> None:
    done = load(FILE.replace(old, new, 1))
    assert (column, code) in [(fault.column, fault.code) for fault in done.faults]
    assert not ApprovedSource.objects.exists() and not Manufacturer.objects.exists()


@pytest.mark.usefixtures("parts")
def test_refusals_of_the_command_and_of_people(tenant: Tenant, tmp_path: Path, make_actor: MakeActor) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(FILE.replace("RES,Vishay", "GONE,Vishay"))
    with pytest.raises(CommandError) as refused:
        run(tenant, "sources_import", str(path))
    assert refused.value.returncode == 2
    codes = [fault.code for fault in load(FILE, make_actor("engineer")).faults]
    assert "permission_denied" in codes
    assert not ApprovedSource.objects.exists()


@pytest.mark.slow
@pytest.mark.usefixtures("scope")
def test_two_thousand_lines_in_few_statements() -> None:
    """A structure of 2,000 bought parts, sourced by a file of 2,000 rows, costed at four quantities."""
    numbers = [f"PART-{n:04}" for n in range(2000)]
    lines = "parent,child,find_no,quantity,uom\n" + "\n".join(
        f"ROOT,{n},{at + 1},2,each" for at, n in enumerate(numbers)
    )
    items = "number,name,kind\n" + "\n".join(f"{n},Part {n},purchased" for n in numbers)
    made = catalog_import(actor=system_actor(), products=(items.encode(), "p.csv"), lines=(lines.encode(), "l.csv"))
    assert (made.faults, made.lines_created) == ((), 2000)
    rows = [f"{n},Maker {at % 5},M-{at},approved,Shop {at % 3},EUR,1,{at + 1}" for at, n in enumerate(numbers)]
    text = "\n".join(["product_number,manufacturer,mpn,status,supplier,currency,quantity_1,price_1", *rows])
    with CaptureQueriesContext(connection) as asked:
        done = load(text)
    assert (done.faults, done.offers_created) == ((), 2000)
    assert len(asked) < 400  # four models and their history; SQLite takes 999 values a statement, about 50 rows
    with CaptureQueriesContext(connection) as asked:
        found = quantity_rollup(product_by_number("ROOT"), Resolution.of(), [Decimal(10**n) for n in range(4)])
    assert len([query for query in asked if " FROM " in query["sql"]]) <= 12
    assert found.is_complete
    assert [cost.total_cost for cost in found.costs] == [2 * sum(range(1, 2001)) * 10**n for n in range(4)]
