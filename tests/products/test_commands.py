"""The structure commands as an operator or a script calls them: answers, exit codes, nothing but JSON on stdout."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from products.services import line_update, revision_create
from tests.factories import make_line, make_product, release, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")


@pytest.fixture
def bike() -> Product:
    """BIKE → 2 WHEEL → 32 SPOKE; BIKE → 1.5 CABLE, planned from 2030; WHEEL and SPOKE released."""
    spoke = make_product("SPOKE", current_cost=Decimal("0.0500"), mass_kg=Decimal("0.006"), product_type="purchased")
    wheel = make_product("WHEEL", unit_of_measure="set", current_cost=Decimal(10))
    cable = make_product("CABLE", current_cost=Decimal(0), unit_of_measure="m", product_type="purchased")
    bike = make_product("BIKE", current_cost=Decimal(100))
    make_line(wheel, spoke, 32)
    make_line(bike, wheel, 2, reference_designators=("FRONT", "REAR"))
    make_line(bike, cable, "1.5", effective_from=dt.date(2030, 1, 1))
    release(spoke)
    release(wheel)
    return bike


def run(tenant: Tenant, name: str, *args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(name, *args, f"--tenant={tenant.slug}", "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_explode(tenant: Tenant, bike: Product) -> None:
    answer = run(tenant, "bom_explode", "BIKE")
    assert (answer["root"], answer["revision"], answer["mode"]) == ("BIKE", "A", "effective")
    assert (answer["rows"], answer["distinct_products"], answer["depth"]) == (2, 2, 2)
    wheel, spoke = answer["lines"]
    assert wheel["path"] == ["BIKE", "WHEEL"]
    assert (wheel["level"], wheel["quantity"], wheel["total_quantity"]) == (1, "2", "2")
    assert wheel["reference_designators"] == ["FRONT", "REAR"]
    assert wheel["reason"].startswith("released, effective")
    assert (spoke["level"], spoke["quantity"], spoke["total_quantity"]) == (2, "32", "64")
    assert run(tenant, "bom_explode", "BIKE", "--as-of=2030-01-01")["rows"] == 3
    assert run(tenant, "bom_explode", "BIKE", "--mode=as_stored")["rows"] == 3
    assert run(tenant, "bom_explode", "BIKE", "--depth=1")["rows"] == 1
    flat = run(tenant, "bom_explode", "BIKE", "--flat")["lines"]
    assert [(line["product_number"], line["total_quantity"], line["is_leaf"]) for line in flat] == [
        ("SPOKE", "64", True), ("WHEEL", "2", False)]  # fmt: skip


def test_effective_falls_back_and_says_so_while_released_leaves_out(tenant: Tenant, bike: Product) -> None:
    line = run(tenant, "bom_explode", "BIKE", "--as-of=2030-01-01")["lines"][-1]
    assert (line["product_number"], line["reason"]) == (
        "CABLE", "nothing released and effective: latest revision (In work)")  # fmt: skip
    released = run(tenant, "bom_explode", "BIKE", "--as-of=2030-01-01", "--mode=released", "--revision=A")
    assert released["unresolved"] == ["CABLE"]


def test_units_and_options_are_asked_for_by_commands_too(tenant: Tenant, bike: Product) -> None:
    with tenant_scope(tenant.pk, atomic=True):
        units = [{"end_item": str(bike.pk), "first": 5, "last": 9}]
        parent = make_product("KIT-1")
        for number, data in (("RED", {"condition": "colour:red"}), ("BLUE", {"condition": "colour:blue"}),
                             ("NEW", {"serials": units}), ("SPARE", {"is_optional": True})):  # fmt: skip
            make_line(parent, make_product(number), **data)

    def parts(*arguments: str) -> list[str]:
        return [line["product_number"] for line in run(tenant, "bom_explode", "KIT-1", *arguments)["lines"]]

    assert parts() == ["RED", "BLUE"]
    assert parts("--option", "colour:red", "--optional") == ["RED", "SPARE"]
    assert parts("--option=none", "--serial=6", "--end-item=BIKE") == ["NEW"]
    assert parts("--serial=6") == ["RED", "BLUE"]  # of KIT-1, which has no such unit


@pytest.mark.parametrize("depth", ["-1", "0", "x"])
@pytest.mark.parametrize("name", ["bom_explode", "bom_where_used"])
def test_a_depth_below_one_level_is_bad_input(tenant: Tenant, bike: Product, name: str, depth: str) -> None:
    with pytest.raises(CommandError, match="number of levels"):
        run(tenant, name, "BIKE", f"--depth={depth}")


def test_where_used(tenant: Tenant, bike: Product) -> None:
    answer = run(tenant, "bom_where_used", "SPOKE")
    assert (answer["product"], answer["direct"], answer["ancestors"], answer["roots"]) == ("SPOKE", 1, 2, 1)
    assert [(line["level"], line["product_number"], line["quantity"]) for line in answer["lines"]] == [
        (1, "WHEEL", "32"), (2, "BIKE", "64")]  # fmt: skip
    assert run(tenant, "bom_where_used", "SPOKE", "--depth=1")["ancestors"] == 1


def test_cost_rollup_of_everything_and_of_one_price(tenant: Tenant, bike: Product) -> None:
    everything = run(tenant, "cost_rollup", "--all", "--as-of=2030-01-01")
    assert everything["currency"] == "EUR"
    bike_of_all = {"product_number": "BIKE", "unit_cost": "123.2", "mass_kg": "0.384", "cost_complete": False}
    assert bike_of_all in everything["products"]  # a cable has no price
    changes = run(tenant, "cost_rollup", "CABLE", "--price=2.5", "--as-of=2030-01-01")["changes"]
    assert changes[0] == {"product_number": "CABLE", "change": "2.5"}
    assert {entry["product_number"] for entry in changes} == {"CABLE", "BIKE"}
    for bad in (["BIKE", "--all"], [], ["BIKE", "--price=much"], ["--all", "--price=1"]):
        with pytest.raises(CommandError) as refusal:
            call_command("cost_rollup", *bad, f"--tenant={tenant.slug}", "--json", stdout=io.StringIO())
        assert refusal.value.returncode == 2


def test_cost_rollup_is_exact_and_names_what_has_no_price(tenant: Tenant, bike: Product) -> None:
    answer = run(tenant, "cost_rollup", "BIKE", "--as-of=2030-01-01")
    assert answer == {
        "product_number": "BIKE",
        "unit_cost": "123.2",
        "mass_kg": "0.384",
        "currency": "EUR",
        "missing_cost": ["CABLE"],
    }


def test_check(tenant: Tenant, bike: Product) -> None:
    assert run(tenant, "bom_check", "SPOKE", "BIKE") == {
        "creates_cycle": True, "path": ["SPOKE", "BIKE", "WHEEL", "SPOKE"]}  # fmt: skip
    assert run(tenant, "bom_check", "BIKE", "SPOKE") == {"creates_cycle": False, "path": []}


def test_compare(tenant: Tenant, bike: Product) -> None:
    release(bike)
    revision_create(actor=system_actor(), product_id=bike.pk)
    lines = {line.child.product_number: line for line in revision_of(bike).lines.select_related("child")}
    line_update(actor=system_actor(), line_id=lines["WHEEL"].pk, changes={"quantity": Decimal(3)})
    make_line(bike, make_product("BELL"), 1)
    answer = run(tenant, "bom_compare", "BIKE", "--from=A", "--to=B", "--levels=1")
    assert [row["product_number"] for row in answer["added"]] == ["BELL"]
    assert answer["removed"] == []
    [changed] = answer["changed"]
    assert (changed["product_number"], changed["field"], changed["from"], changed["to"]) == (
        "WHEEL", "quantity", "2", "3")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("bom_explode", ["NOWHERE"]),
        ("bom_explode", ["BIKE", "--revision=Z"]),
        ("bom_where_used", ["NOWHERE"]),
        ("cost_rollup", ["NOWHERE"]),
        ("bom_check", ["BIKE", "NOWHERE"]),
        ("bom_compare", ["BIKE", "--from=A", "--to=Z"]),
    ],
)
def test_what_is_not_there_is_bad_input(tenant: Tenant, bike: Product, name: str, args: list[str]) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(name, *args, f"--tenant={tenant.slug}", "--json", stdout=out)
    assert refusal.value.returncode == 2
    assert json.loads(out.getvalue())["error_code"] == "NOT_FOUND"


def test_another_tenants_product_is_not_there(tenant: Tenant, other_tenant: Tenant, bike: Product) -> None:
    with pytest.raises(CommandError) as refusal:
        run(other_tenant, "bom_explode", "BIKE")
    assert refusal.value.returncode == 2


def test_a_baseline_is_taken_asked_and_verified(tenant: Tenant, bike: Product) -> None:
    made = run(tenant, "baseline_create", "BIKE", "--name=Pilot", "--as-of=2026-11-01", "--note=first")
    assert (made["name"], made["revision"], made["as_of"], made["lines"]) == ("Pilot", "A", "2026-11-01", 2)
    with tenant_scope(tenant.pk):
        line_update(
            actor=system_actor(),
            line_id=revision_of(bike).lines.get(find_number=10).pk,
            changes={"quantity": Decimal(3)},
        )
    frozen = run(tenant, "bom_explode", "BIKE", "--baseline=Pilot")
    assert (frozen["baseline"], [line["total_quantity"] for line in frozen["lines"]]) == ("Pilot", ["2", "64"])
    assert frozen["lines"][0]["rule"] == "revision_baseline"
    assert run(tenant, "cost_rollup", "BIKE", "--baseline=Pilot")["unit_cost"] == "123.2"
    changed = run(tenant, "bom_compare", "BIKE", "--from-baseline=Pilot")["changed"]
    assert [(row["field"], row["from"], row["to"]) for row in changed] == [("quantity", "2", "3")]
    assert run(tenant, "baseline_verify", "BIKE", "--name=Pilot") == {"verified": 1, "intact": 1, "errors": []}
    for words in (
        ["--baseline=Other"],
        ["--baseline=Pilot", "--as-of=2026-11-01"],
        ["--baseline=Pilot", "--mode=latest"],
    ):
        with pytest.raises(CommandError) as caught:
            run(tenant, "bom_explode", "BIKE", *words)
        assert caught.value.returncode == 2
