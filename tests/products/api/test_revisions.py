"""Lifecycle, revisions and BOM lines through HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from tests.factories import make_assembly, make_product, release, release_parts, revision_of
from tests.products.api.conftest import Api, counts, data_of, refused


@pytest.fixture
def wheel(manager: Api) -> Product:
    """A wheel with four bolts on find number 10, revision A in work."""
    with tenant_scope(manager.tenant.pk, atomic=True):
        return make_assembly("WHL", [(make_product("BLT-1"), 4)])


def revision_path(api: Api, product: Product) -> str:
    with tenant_scope(api.tenant.pk):
        return f"revisions/{revision_of(product).pk}/"


# --- lifecycle -------------------------------------------------------------------------------------------------------
def test_what_is_possible_and_why_the_rest_is_not(manager: Api, viewer: Api, wheel: Product) -> None:
    found = data_of(manager.get(f"products/{wheel.pk}/transitions/"))
    options = {option["to"]: option for option in found["transitions"]}
    assert (found["lifecycle_phase"], "concept" in options) == ("concept", False)
    assert options["design"]["possible"] is True
    assert options["design"]["permission"] == "plm.products.transition"
    assert options["production"]["possible"] is False
    assert "No revision is released yet." in options["production"]["reasons"]
    assert not options["mature"]["possible"]
    assert options["mature"]["reasons"]
    seen = {o["to"]: o for o in data_of(viewer.get(f"products/{wheel.pk}/transitions/"))["transitions"]}
    assert (seen["design"]["possible"], seen["design"]["permitted"]) == (False, False)


def test_a_step_and_its_history(manager: Api, wheel: Product) -> None:
    path = f"products/{wheel.pk}/"
    answer = manager.post(path + "transitions/", {"to": "design", "reason": "kick-off"}, If_Match='"1"')
    assert data_of(answer)["lifecycle_phase"] == "design"
    newest = data_of(manager.get(path + "history/", {"record": "product"}))[0]
    assert (newest["why"], newest["who"].split(" ")[0]) == ("kick-off", "plm_manager@acme.example")
    assert newest["changes"] == [{"field": "lifecycle_phase", "from": "concept", "to": "design"}]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": "production"}, 409, "CONFLICT"),
        ({"to": "mature"}, 409, "CONFLICT"),
        ({"to": "concept"}, 409, "CONFLICT"),
        ({"to": "adolescence"}, 400, "VALIDATION_ERROR"),
        ({}, 400, "VALIDATION_ERROR"),
        ({"to": "design", "replaced_by": str(uuid.uuid4())}, 404, "NOT_FOUND"),
    ],
)
def test_refused_steps_leave_nothing(manager: Api, wheel: Product, body: Any, status: int, code: str) -> None:
    before = counts(manager.tenant)
    refused(manager.post(f"products/{wheel.pk}/transitions/", body), status, code)
    assert counts(manager.tenant) == before


def test_steps_ask_for_their_own_permission(viewer: Api, engineer: Api, manager: Api, wheel: Product) -> None:
    path = f"products/{wheel.pk}/transitions/"
    with tenant_scope(manager.tenant.pk, atomic=True):
        release(wheel)
    before = counts(manager.tenant)
    refused(viewer.post(path, {"to": "design"}), 403, "PERMISSION_DENIED")
    refused(engineer.post(path, {"to": "production"}), 403, "PERMISSION_DENIED")
    assert counts(manager.tenant) == before
    data_of(engineer.post(path, {"to": "design"}))
    refused(engineer.post(path, {"to": "concept"}), 400, "VALIDATION_ERROR")
    data_of(engineer.post(path, {"to": "concept", "reason": "start again"}))


# --- revisions -------------------------------------------------------------------------------------------------------
def test_review_and_release(manager: Api, wheel: Product) -> None:
    with tenant_scope(manager.tenant.pk, atomic=True):
        release_parts(wheel)
    path = revision_path(manager, wheel)
    tag = manager.get(path)["ETag"]
    options = {o["to"]: o["possible"] for o in data_of(manager.get(path + "transitions/"))["transitions"]}
    assert options == {"in_review": True, "released": True, "obsolete": True}
    assert data_of(manager.post(path + "transitions/", {"to": "in_review"}, If_Match=tag))["state"] == "in_review"
    refused(manager.post(path + "transitions/", {"to": "in_work"}), 400, "VALIDATION_ERROR")
    data_of(manager.post(path + "transitions/", {"to": "in_work", "reason": "wrong bolt"}))
    released = data_of(
        manager.post(path + "transitions/", {"to": "released", "reason": "ok", "effective_from": "2026-01-01"})
    )
    assert (released["state"], released["effective_from"], released["is_editable"]) == (
        "released", "2026-01-01", False)  # fmt: skip
    assert released["released_at"].endswith("Z")
    before = counts(manager.tenant)
    refused(manager.patch(path, {"description": "late"}), 409, "CONFLICT")
    refused(manager.post(path + "lines/", {"product_number": "BLT-1", "quantity": 1}), 409, "CONFLICT")
    assert counts(manager.tenant) == before


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"to": "superseded"}, 409, None),
        ({"to": "frozen"}, 400, "to"),
        ({"to": "in_work", "reason": "x"}, 409, None),
        ({"to": "obsolete"}, 400, "reason"),
        ({"to": "in_review", "effective_from": "2026-01-01"}, 400, "effective_from"),
        ({"to": "released", "effective_from": "soon"}, 400, "effective_from"),
        ({"to": "in_review", "until": "x"}, 400, "until"),
    ],
)
def test_refused_revision_steps(manager: Api, wheel: Product, body: Any, status: int, field: str | None) -> None:
    before = counts(manager.tenant)
    code = {400: "VALIDATION_ERROR", 409: "CONFLICT"}[status]
    details = refused(manager.post(revision_path(manager, wheel) + "transitions/", body), status, code)
    assert field is None or field in details
    assert counts(manager.tenant) == before


def test_the_next_revision_takes_the_lines_along(manager: Api, wheel: Product) -> None:
    path = f"products/{wheel.pk}/revisions/"
    before = counts(manager.tenant)
    refused(manager.post(path, {}), 409, "CONFLICT")
    assert counts(manager.tenant) == before
    with tenant_scope(manager.tenant.pk, atomic=True):
        release(wheel)
    refused(manager.post(path, {"base": "Q"}), 404, "NOT_FOUND")
    answer = manager.post(path, {"description": "stiffer", "base": "A"})
    made = data_of(answer, 201)
    assert (made["revision"], made["state"], made["description"]) == ("B", "in_work", "stiffer")
    assert answer["Location"] == f"/api/v1/plm/revisions/{made['revision_id']}/"
    lines = data_of(manager.get(f"revisions/{made['revision_id']}/lines/"))
    assert [(line["product_number"], line["quantity"]) for line in lines] == [("BLT-1", "4")]
    assert [row["revision"] for row in data_of(manager.get(path))] == ["B", "A"]
    patched = manager.patch(f"revisions/{made['revision_id']}/", {"effective_from": "2027-01-01"}, If_Match='"1"')
    assert (data_of(patched)["effective_from"], patched["ETag"]) == ("2027-01-01", '"2"')
    refused(
        manager.patch(f"revisions/{made['revision_id']}/", {"description": "x"}, If_Match='"1"'),
        412, "PRECONDITION_FAILED")  # fmt: skip


def test_an_unchanged_revision_is_304(manager: Api, wheel: Product) -> None:
    path = revision_path(manager, wheel)
    answer = manager.get(path, If_None_Match=manager.get(path)["ETag"])
    assert (answer.status_code, answer.content) == (304, b"")


# --- lines -----------------------------------------------------------------------------------------------------------
def test_a_line_from_beginning_to_end(manager: Api, wheel: Product) -> None:
    revision = revision_path(manager, wheel)
    data_of(manager.post("products/", {"product_number": "RIM", "product_name": "Rim"}), 201)
    tag = manager.get(revision)["ETag"]
    body = {
        "product_number": "RIM",
        "quantity": "1",
        "unit_of_measure": "EA",
        "reference_designators": ["R1"],
        "effective_from": "2026-01-01",
        "effective_to": "2027-01-01",
        "notes": "laced",
        "custom_attributes": {"a": 1},
    }
    answer = manager.post(revision + "lines/", body, If_Match=tag)
    line = data_of(answer, 201)
    assert {name: line[name] for name in body} == {**body, "unit_of_measure": "each"}
    assert (line["find_number"], line["product_name"]) == (20, "Rim")
    refused(manager.post(revision + "lines/", body, If_Match=tag), 412, "PRECONDITION_FAILED")

    own, nested = f"lines/{line['line_id']}/", f"{revision}lines/{line['line_id']}/"
    assert answer["Location"] == f"/api/v1/plm/{own}"
    assert data_of(manager.get(own)) == data_of(manager.get(nested)) == line
    refused(manager.patch(own, {"quantity": 2}), 400, "VALIDATION_ERROR")
    edit = {"quantity": 2, "product_number": "BLT-1", "effective_to": None, "reference_designators": ["R1", "R2"]}
    changed = manager.patch(own, edit, If_Match='"1"')
    assert (data_of(changed)["quantity"], data_of(changed)["product_number"]) == ("2", "BLT-1")
    assert (data_of(changed)["effective_to"], changed["ETag"]) == (None, '"2"')
    for method in ("PATCH", "DELETE"):
        refused(manager.call(method, nested, {"quantity": 3}, If_Match='"1"'), 412, "PRECONDITION_FAILED")
    history = data_of(manager.get(f"products/{wheel.pk}/history/", {"record": "line"}))
    assert (history[0]["revision"], history[0]["find_number"], history[0]["product_number"]) == ("A", 20, "BLT-1")
    assert {"field": "quantity", "from": "1", "to": "2"} in history[0]["changes"]
    assert {"field": "child", "from": "RIM", "to": "BLT-1"} in history[0]["changes"]
    assert manager.delete(nested + "?reason=not+needed").status_code == 204
    refused(manager.get(own), 404, "NOT_FOUND")
    gone = data_of(manager.get(f"products/{wheel.pk}/history/", {"record": "line"}))[0]
    assert (gone["action"], gone["why"]) == ("deleted", "not needed")
    assert [row["find_number"] for row in data_of(manager.get(revision + "lines/"))] == [10]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"product_number": "BLT-1", "quantity": 0}, "quantity"),
        ({"product_number": "BLT-1", "quantity": "four"}, "quantity"),
        ({"product_number": "BLT-1", "quantity": "1e400"}, "quantity"),
        ({"product_number": "BLT-1", "quantity": 1, "unit_of_measure": "m"}, "unit_of_measure"),
        ({"product_number": "BLT-1", "quantity": 1, "unit_of_measure": "roll"}, "unit_of_measure"),
        (
            {"product_number": "BLT-1", "quantity": "0.5", "unit_of_measure": "dozen", "reference_designators": ["A"]},
            "reference_designators",
        ),
        ({"product_number": "BLT-1", "quantity": 1, "find_number": 10}, "find_number"),
        ({"product_number": "BLT-1", "quantity": 1, "find_number": 0}, "find_number"),
        ({"product_number": "BLT-1", "quantity": 1, "reference_designators": ["A", "A"]}, "reference_designators"),
        ({"product_number": "BLT-1", "quantity": 2, "reference_designators": ["A"]}, "reference_designators"),
        ({"product_number": "BLT-1", "quantity": 1, "line_type": "imaginary"}, "line_type"),
        ({"product_number": "BLT-1", "quantity": 1, "condition": "colour:red and"}, "condition"),
        ({"product_number": "BLT-1", "quantity": 1, "attrition_percent": 901}, "attrition_percent"),
        ({"product_number": "BLT-1", "quantity": 1, "serials": [{"end_item_number": "X", "first": 1}]}, "serials"),
        (
            {"product_number": "BLT-1", "quantity": 1, "serials": [{"end_item": str(uuid.uuid4()), "first": 1}]},
            "serials",
        ),
        ({"product_number": "BLT-1", "quantity": 1, "effective_from": "2026-02-30"}, "effective_from"),
        (
            {"product_number": "BLT-1", "quantity": 1, "effective_from": "2026-02-02", "effective_to": "2026-02-02"},
            "effective_to",
        ),
        ({"product_number": "WHL", "quantity": 1}, "child_id"),
        ({"product_number": "GHOST", "quantity": 1}, "product_number"),
        ({"child_id": str(uuid.uuid4()), "quantity": 1}, "child_id"),
        ({"child_id": str(uuid.uuid4()), "product_number": "BLT-1", "quantity": 1}, "child_id"),
    ],
)
def test_bad_lines_are_named(manager: Api, wheel: Product, body: Any, field: str) -> None:
    before = counts(manager.tenant)
    answer = manager.post(revision_path(manager, wheel) + "lines/", body)
    assert field in refused(answer, 400, "VALIDATION_ERROR")
    assert counts(manager.tenant) == before


def test_a_cycle_is_refused_with_its_path(manager: Api, wheel: Product) -> None:
    with tenant_scope(manager.tenant.pk, atomic=True):
        bike = make_assembly("BIKE", [(wheel, 2)])
        bolt = Product.objects.get(product_number="BLT-1")
    before = counts(manager.tenant)
    answer = manager.post(revision_path(manager, bolt) + "lines/", {"child_id": str(bike.pk), "quantity": 1})
    assert "BLT-1 → BIKE → WHL → BLT-1" in str(refused(answer, 400, "VALIDATION_ERROR"))
    assert counts(manager.tenant) == before
    check = data_of(manager.get("products/check-cycle/", {"parent": "BLT-1", "child": "BIKE"}))
    assert check == {"creates_cycle": True, "path": ["BLT-1", "BIKE", "WHL", "BLT-1"]}
    assert data_of(manager.get("products/check-cycle/", {"parent": "BIKE", "child": "BLT-1"})) == {
        "creates_cycle": False, "path": []}  # fmt: skip
    refused(manager.get("products/check-cycle/", {"parent": "NONE", "child": "BIKE"}), 404, "NOT_FOUND")
    refused(manager.get("products/check-cycle/", {"parent": "BIKE"}), 400, "VALIDATION_ERROR")


def test_a_line_stands_below_its_own_revision_alone(manager: Api, wheel: Product) -> None:
    with tenant_scope(manager.tenant.pk, atomic=True):
        other = make_product("OTHER")
    [line] = data_of(manager.get(revision_path(manager, wheel) + "lines/"))
    refused(manager.get(f"{revision_path(manager, other)}lines/{line['line_id']}/"), 404, "NOT_FOUND")


def test_one_key_adds_one_line(manager: Api, wheel: Product) -> None:
    path = revision_path(manager, wheel) + "lines/"
    answers = [manager.post(path, {"product_number": "BLT-1", "quantity": 1}, Idempotency_Key="k") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(data_of(manager.get(path))) == 2


def test_how_a_line_is_used_and_for_which_units(manager: Api, wheel: Product) -> None:
    revision = revision_path(manager, wheel)
    use = {
        "line_type": "phantom",
        "is_optional": True,
        "condition": "colour:red and not gps:yes",
        "attrition_percent": "2.5",
        "setup_quantity": "3",
        "rounding_multiple": "10",
    }
    units = [{"end_item_number": "WHL", "first": 80}, {"end_item": str(wheel.pk), "first": 1, "last": 50}]
    body = {"product_number": "BLT-1", "quantity": 2, **use, "serials": units}
    line = data_of(manager.post(revision + "lines/", body), 201)
    stored = [
        {"end_item": str(wheel.pk), "first": 1, "last": 50},
        {"end_item": str(wheel.pk), "first": 80, "last": None},
    ]
    assert {name: line[name] for name in use} == use and line["serials"] == stored
    same = manager.patch(f"lines/{line['line_id']}/", {"serials": units})
    assert same["ETag"] == '"1"', "the same units in other words change nothing"
    data_of(manager.patch(f"lines/{line['line_id']}/", {"serials": None, "line_type": "standard"}))
    changes = data_of(manager.get(f"products/{wheel.pk}/history/", {"record": "line"}))[0]["changes"]
    assert {"field": "serials", "from": "WHL: 1–50, 80–", "to": ""} in changes
    own = data_of(manager.patch(revision, {"serials": units[:1]}))
    assert own["serials"] == stored[1:]
    assert refused(manager.patch(revision, {"serials": [*units, *units]}), 400, "VALIDATION_ERROR").keys() == {
        "serials"
    }


def test_quantities_in_other_units(manager: Api, wheel: Product) -> None:
    revision = revision_path(manager, wheel)
    cable = {"product_number": "CABLE", "product_name": "Cable", "unit_of_measure": "m"}
    data_of(manager.post("products/", cable), 201)
    body = {"product_number": "CABLE", "quantity": "250", "unit_of_measure": "cm", "setup_quantity": "10"}
    line = data_of(manager.post(revision + "lines/", body), 201)
    assert (line["quantity"], line["unit_of_measure"], line["setup_quantity"]) == ("2.5", "m", "0.1")
    own = f"lines/{line['line_id']}/"
    assert data_of(manager.patch(own, {"quantity": 1, "unit_of_measure": "ft"}))["quantity"] == "0.3048"
    for wrong, field in (
        ({"quantity": "1", "unit_of_measure": "kg"}, "unit_of_measure"),
        ({"unit_of_measure": "cm"}, "unit_of_measure"),
        ({"quantity": "0.001", "unit_of_measure": "in"}, "quantity"),
    ):
        answer = manager.patch(own, wrong)
        (message,) = refused(answer, 400, "VALIDATION_ERROR")[field]
        assert "CABLE is counted in m" in message
    assert data_of(manager.get(own))["quantity"] == "0.3048"
    dozen = {"product_number": "BLT-1", "quantity": "2", "unit_of_measure": "dozen"}
    line = data_of(manager.post(revision + "lines/", dozen), 201)
    assert (line["quantity"], line["unit_of_measure"]) == ("24", "each")
