"""Structure questions and history through HTTP."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from plm_project.core.actor import Actor
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, Product
from products.selectors.explosion import Explosion
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from products.services import LineInput, product_create, revision_create
from tests.factories import ProductData, make_line, make_product, release, system_actor
from tests.products.api.conftest import Api, counts, data_of, refused


@pytest.fixture
def bike(viewer: Api) -> Product:
    """BIKE → 2 WHEEL → 4 BOLT, BIKE → 1.5 BOLT; the wheel is released, the bolt has no price."""
    with tenant_scope(viewer.tenant.pk, atomic=True):
        bolt = make_product("BOLT", current_cost=Decimal(0), product_type="purchased", mass_kg=Decimal("0.002"))
        wheel = make_product("WHEEL", current_cost=Decimal("5.1"), mass_kg=Decimal(1))
        bike = make_product("BIKE", current_cost=Decimal(100))
        make_line(wheel, bolt, 4, reference_designators=("B1", "B2", "B3", "B4"))
        make_line(bike, wheel, 2)
        make_line(bike, bolt, "1.5", effective_from=dt.date(2026, 1, 1), effective_to=dt.date(2026, 7, 1))
        release(wheel, effective_from=dt.date(2026, 1, 1))
    return bike


def explode(api: Api, product: Product, **params: Any) -> Any:
    return data_of(api.get(f"products/{product.pk}/explosion/", params))


def test_indented(viewer: Api, bike: Product) -> None:
    found = explode(viewer, bike, as_of="2026-03-01")
    lines = found.pop("lines")
    assert found == {
        "root": "BIKE", "revision": "A", "as_of": "2026-03-01", "mode": "effective", "rows": 3,
        "distinct_products": 2, "depth": 2}  # fmt: skip
    assert [(line["level"], line["path"], line["quantity"], line["total_quantity"]) for line in lines] == [
        (1, ["BIKE", "WHEEL"], "2", "2"),
        (2, ["BIKE", "WHEEL", "BOLT"], "4", "8"),
        (1, ["BIKE", "BOLT"], "1.5", "1.5"),
    ]
    assert lines[1]["reference_designators"] == ["B1", "B2", "B3", "B4"]
    assert (lines[0]["revision"], lines[0]["resolved"], lines[1]["resolved"]) == ("A", True, False)
    assert lines[0]["reason"].startswith("released, effective 2026-01-01")
    assert "latest revision" in lines[1]["reason"]
    assert (lines[1]["unit_of_measure"], lines[1]["find_number"], lines[1]["is_leaf"]) == ("each", 10, True)


def test_unit_options_and_what_a_line_was_chosen_over(viewer: Api, bike: Product) -> None:
    with tenant_scope(viewer.tenant.pk, atomic=True):
        units = [{"end_item": str(bike.pk), "first": 10, "last": 20}]
        horn, bell = make_product("HORN"), make_product("BELL")
        make_line(bike, horn, find_number=90, condition="sound:horn", serials=units)
        make_line(bike, bell, find_number=90, condition="not sound:horn")
    both = {"as_of": "2026-03-01", "mode": "latest"}
    assert {line["product_number"] for line in explode(viewer, bike, **both)["lines"]} == {"WHEEL", "BOLT", "BELL"}
    found = explode(viewer, bike, **both, serial=15, options="sound:horn", explain=True)
    assert (found["serial"], found["options"]) == (15, ["sound:horn"])
    [line] = [line for line in found["lines"] if line["find_number"] == 90]
    assert (line["product_number"], line["line_rule"], line["rule"]) == ("HORN", "line_condition", "revision_latest")
    [over] = line["passed_over"]["lines"]
    assert over["product_number"] == "BELL" and "not sound:horn" in over["why"]
    start = data_of(viewer.get(f"products/{bike.pk}/explosion-start/", {**both, "options": "none", "explain": True}))
    [line] = [line for line in start if line["find_number"] == 90]
    assert line["product_number"] == "BELL" and line["passed_over"]["lines"][0]["product_number"] == "HORN"
    for query, field in (
        ({"options": "horn"}, "choices"),
        ({"serial": 0}, "serial"),
        ({"serial": 1, "end_item": "NO-SUCH"}, "end_item"),
    ):
        answer = viewer.get(f"products/{bike.pk}/explosion/", query)
        assert answer.status_code in (400, 404) and field in answer.json()["details"]
    assert refused(viewer.get(f"products/{bike.pk}/where-used/", {"serial": 1}), 400, "VALIDATION_ERROR")["end_item"]


def test_dates_modes_depth_revision(viewer: Api, bike: Product) -> None:
    assert explode(viewer, bike, as_of="2026-08-01")["rows"] == 2
    assert explode(viewer, bike, as_of="2026-08-01", mode="as_stored")["rows"] == 3
    assert explode(viewer, bike, as_of="2026-08-01", mode="latest")["rows"] == 2
    shallow = explode(viewer, bike, as_of="2026-03-01", depth=1)
    assert (shallow["rows"], shallow["depth"], [line["level"] for line in shallow["lines"]]) == (2, 1, [1, 1])
    released = explode(viewer, bike, as_of="2026-03-01", mode="released", revision="A")
    assert (released["revision"], released["unresolved"]) == ("A", ["BOLT"])
    none = explode(viewer, bike, mode="released")
    assert (none["revision"], none["rows"], none["lines"]) == ("", 0, [])


def test_flat(viewer: Api, bike: Product) -> None:
    found = explode(viewer, bike, as_of="2026-03-01", flat="true")
    assert [(line["product_number"], line["total_quantity"], line["is_leaf"]) for line in found["lines"]] == [
        ("BOLT", "9.5", True), ("WHEEL", "2", False)]  # fmt: skip
    assert (found["rows"], found["distinct_products"]) == (3, 2)
    assert "level" not in found["lines"][0]


def test_roll_up(viewer: Api, bike: Product) -> None:
    found = data_of(viewer.get(f"products/{bike.pk}/rollup/", {"as_of": "2026-03-01"}))
    assert found == {
        "product_number": "BIKE", "unit_cost": "110.2", "mass_kg": "2.019", "currency": "EUR",
        "missing_cost": ["BOLT"]}  # fmt: skip


@pytest.mark.parametrize("route", ["explosion", "where-used", "rollup"])
@pytest.mark.parametrize(
    "params", [{"as_of": "yesterday"}, {"as_of": "2026-02-30"}, {"mode": "newest"}, {"mode": "a\0b"}]
)
def test_bad_questions_are_named(viewer: Api, bike: Product, route: str, params: Any) -> None:
    details = refused(viewer.get(f"products/{bike.pk}/{route}/", params), 400, "VALIDATION_ERROR")
    assert set(details) == set(params)


@pytest.mark.parametrize("depth", ["0", "-1", "many", "1.5", "99999999999999999999"])
def test_bad_depths(viewer: Api, bike: Product, depth: str) -> None:
    for route in ("explosion", "where-used"):
        refused(viewer.get(f"products/{bike.pk}/{route}/", {"depth": depth}), 400, "VALIDATION_ERROR")


def test_an_unknown_revision_or_record(viewer: Api, bike: Product) -> None:
    refused(viewer.get(f"products/{bike.pk}/explosion/", {"revision": "ZZ"}), 404, "NOT_FOUND")
    refused(viewer.get(f"products/{bike.pk}/rollup/", {"revision": "ZZ"}), 404, "NOT_FOUND")
    refused(viewer.get(f"products/{bike.pk}/history/", {"record": "tenant"}), 400, "VALIDATION_ERROR")


def test_two_revisions_compared(manager: Api, bike: Product) -> None:
    with tenant_scope(manager.tenant.pk, atomic=True):
        release(bike)
    path = f"products/{bike.pk}/"
    made = data_of(manager.post(path + "revisions/", {}), 201)
    wheel, bolt = data_of(manager.get(f"revisions/{made['revision_id']}/lines/"))
    data_of(manager.patch(f"lines/{wheel['line_id']}/", {"quantity": "2.5"}))
    assert manager.delete(f"lines/{bolt['line_id']}/").status_code == 204
    data_of(manager.post("products/", {"product_number": "BELL", "product_name": "Bell"}), 201)
    bell = {"product_number": "BELL", "quantity": 1, "find_number": 99}
    data_of(manager.post(f"revisions/{made['revision_id']}/lines/", bell), 201)
    answer = manager.get(path + "compare/", {"from": "A", "to": "B"})
    found = data_of(answer)
    assert [(row["find_number"], row["product_number"], row["quantity"]) for row in found["added"]] == [
        (99, "BELL", "1")]  # fmt: skip
    assert [row["product_number"] for row in found["removed"]] == ["BOLT"]
    assert [(row["product_number"], row["field"], row["from"], row["to"]) for row in found["changed"]] == [
        ("WHEEL", "quantity", "2", "2.5")]  # fmt: skip
    assert answer.json()["pagination"]["total_count"] == 3
    page = data_of(manager.get(path + "compare/", {"from": "A", "to": "B", "levels": "1", "page_size": 2}))
    assert [len(page[kind]) for kind in ("added", "removed", "changed")] == [1, 1, 0]
    refused(manager.get(path + "compare/", {"from": "A", "to": "Z"}), 404, "NOT_FOUND")
    assert set(refused(manager.get(path + "compare/"), 400, "VALIDATION_ERROR")) == {"from", "to"}
    refused(manager.get(path + "compare/", {"from": "A", "to": "B", "levels": "2"}), 400, "VALIDATION_ERROR")


def test_a_stored_cycle_is_told_not_looped_on(viewer: Api, bike: Product) -> None:
    with tenant_scope(viewer.tenant.pk, atomic=True):
        bolt = Product.objects.get(product_number="BOLT")
        again = revision_create(actor=system_actor(), product_id=bolt.pk)
        line = BomLine(parent_revision=again, child=bike, quantity=Decimal(1), find_number=10)
        BomLine.objects.bulk_create([line])
    for route in ("explosion", "rollup", "where-used"):
        answer = viewer.get(f"products/{bike.pk}/{route}/", {"mode": "as_stored"})
        refused(answer, 409, "CONFLICT")


def test_a_depth_below_the_last_level_costs_no_more_than_none(viewer: Api, bike: Product) -> None:
    path = f"products/{bike.pk}/explosion/"
    whole = viewer.get(path, {"mode": "latest"}).json()
    assert viewer.get(path, {"mode": "latest", "depth": 1000}).json()["data"] == whole["data"]
    with tenant_scope(viewer.tenant.pk):
        structure = structure_load(bike, Resolution.of("latest", None))
    counted = [len(Explosion(structure, depth=depth)._counts) for depth in (1000, None)]
    assert counted[0] == counted[1]


def test_pages_of_a_structure_of_ten_thousand_lines(viewer: Api) -> None:
    with tenant_scope(viewer.tenant.pk, atomic=True):
        system = Actor.system(viewer.tenant.pk, "tests")
        leaves = [make_product(f"LEAF-{n:03d}") for n in range(100)]

        def assembly(number: str, children: list[Product]) -> Product:
            lines = [LineInput(child_id=child.pk, quantity=Decimal(1)) for child in children]
            return product_create(actor=system, data=ProductData(product_number=number), structure=lines)

        middles = [assembly(f"MID-{n:03d}", leaves) for n in range(10)]
        root = assembly("ROOT-10K", middles * 10)
    path = f"products/{root.pk}/explosion/"
    whole = viewer.get(path, {"page_size": 100, "mode": "latest"}).json()
    assert whole["pagination"] == {"page": 1, "page_size": 100, "total_pages": 101, "total_count": 10100}
    assert (whole["data"]["rows"], whole["data"]["distinct_products"], whole["data"]["depth"]) == (10100, 110, 2)
    last = viewer.get(path, {"page_size": 100, "page": 101, "mode": "latest"}).json()["data"]["lines"]
    assert [line["path"][-1] for line in last] == [f"LEAF-{n:03d}" for n in range(100)]
    middle = viewer.get(path, {"page_size": 100, "page": 51, "mode": "latest"}).json()["data"]["lines"]
    assert len(middle) == 100
    assert viewer.get(path, {"page": 999, "mode": "latest"}).json()["data"]["lines"] == []


def test_history_tells_who_when_why_and_what(manager: Api, bike: Product) -> None:
    data_of(manager.patch(f"products/{bike.pk}/", {"product_name": "City bike", "reason": "renamed"}))
    answer = manager.get(f"products/{bike.pk}/history/", {"page_size": 2})
    newest, before = data_of(answer)
    assert newest["changes"] == [{"field": "product_name", "from": before_name(bike), "to": "City bike"}]
    assert (newest["record"], newest["action"], newest["why"]) == ("product", "changed", "renamed")
    assert newest["who"].startswith("plm_manager@acme.example")
    assert newest["when"].endswith("Z")
    assert before["when"] <= newest["when"]
    total = answer.json()["pagination"]["total_count"]
    every = data_of(manager.get(f"products/{bike.pk}/history/", {"page_size": 100}))
    assert len(every) == total == len({(row["record"], row["record_id"], row["when"], row["why"]) for row in every})
    kinds = {kind: [row for row in every if row["record"] == kind] for kind in ("product", "revision", "line")}
    assert [row["action"] for row in kinds["line"]] == ["created", "created"]
    assert (kinds["revision"][-1]["action"], kinds["product"][-1]["action"]) == ("created", "created")
    for kind, rows in kinds.items():
        assert data_of(manager.get(f"products/{bike.pk}/history/", {"record": kind, "page_size": 100})) == rows


def before_name(product: Product) -> str:
    return product.product_name


def test_reading_writes_nothing(viewer: Api, bike: Product) -> None:
    before = counts(viewer.tenant)
    for route in ("", "transitions/", "revisions/", "explosion/", "where-used/", "rollup/", "history/"):
        data_of(viewer.get(f"products/{bike.pk}/{route}"))
    assert counts(viewer.tenant) == before


def test_what_an_order_takes(viewer: Api, bike: Product) -> None:
    found = data_of(viewer.get(f"products/{bike.pk}/requirements/", {"quantity": "2.5", "as_of": "2026-03-01"}))
    assert [(row["product_number"], row["needed"]) for row in found["lines"]] == [("BOLT", "23.75"), ("WHEEL", "5")]
    assert (found["quantity"], found["with_optional"]) == ("2.5", False)
    assert refused(viewer.get(f"products/{bike.pk}/requirements/", {"quantity": 0}), 400, "VALIDATION_ERROR")
