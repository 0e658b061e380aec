"""Products through HTTP: create, read, change, delete."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from compliance.selectors import product_references
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import tenant_scope
from products.extensions import register_reference_provider, unregister_reference_provider
from products.models import Product
from tests.factories import make_assembly, make_line, make_product, release
from tests.products.api.conftest import Api, counts, data_of, refused

BOLT = {"product_number": "BLT-1", "product_name": "Bolt M5", "product_type": "purchased"}


def events(api: Api) -> list[str]:
    with tenant_scope(api.tenant.pk):
        return list(OutboxEvent.objects.order_by("id").values_list("event_type", flat=True))


def test_create_with_every_field(engineer: Api) -> None:
    answer = engineer.post(
        "products/",
        {
            **BOLT,
            "product_description": "Zinc",
            "status": "on_hold",
            "target_cost": "0.1",
            "current_cost": 0.3,
            "mass_kg": "0.002500",
            "unit_of_measure": "Stk.",
            "custom_attributes": {"torque": 4.5, "coated": True},
            "tags": ["steel", "m5"],
            "revision": "A",
            "auto_create_digital_twin": False,
        },
    )
    found = data_of(answer, 201)
    assert found | {"created_at": "", "updated_at": ""} == {
        **BOLT,
        "product_id": found["product_id"],
        "product_description": "Zinc",
        "lifecycle_phase": "concept",
        "revision": "A",
        "status": "on_hold",
        "target_cost": "0.1",
        "current_cost": "0.3",
        "mass_kg": "0.0025",
        "unit_of_measure": "each",
        "manufacturing_status": "",
        "digital_twin_id": "",
        "custom_attributes": {"torque": 4.5, "coated": True},
        "tags": ["steel", "m5"],
        "compliance_records": [],
        "document_references": [],
        "replaced_by": None,
        "created_at": "",
        "updated_at": "",
        "version": 1,
    }
    assert uuid.UUID(found["product_id"]).version == 7
    assert answer["ETag"] == '"1"'
    assert data_of(engineer.get(answer["Location"].removeprefix("/api/v1/plm/"))) == found
    assert events(engineer) == ["product_created"]
    with tenant_scope(engineer.tenant.pk):
        assert OutboxEvent.objects.get().event_data["auto_create_digital_twin"] is False


def test_create_with_structure(engineer: Api) -> None:
    bolt = data_of(engineer.post("products/", BOLT), 201)
    structure = [
        {"child_id": bolt["product_id"], "quantity": "4", "reference_designators": ["B1", "B2", "B3", "B4"]},
        {"product_number": "BLT-1", "quantity": 0.5, "unit_of_measure": "EA", "find_number": 30},
    ]
    wheel = data_of(
        engineer.post("products/", {"product_number": "WHL", "product_name": "Wheel", "structure": structure}), 201
    )
    lines = data_of(engineer.get(f"products/{wheel['product_id']}/explosion/", {"mode": "latest"}))["lines"]
    assert [(line["find_number"], line["quantity"], line["unit_of_measure"]) for line in lines] == [
        (10, "4", "each"),
        (30, "0.5", "each"),
    ]
    assert events(engineer) == ["product_created", "product_created", "bom_changed"]


@pytest.mark.parametrize(
    ("third", "field"),
    [
        ({"product_number": "NONE", "quantity": 1}, "structure[2].product_number"),
        ({"child_id": str(uuid.uuid4()), "quantity": 1}, "structure[2].child_id"),
        ({"product_number": "BLT-1", "quantity": 0}, "structure[2].quantity"),
        ({"product_number": "BLT-1", "quantity": "-1"}, "structure[2].quantity"),
        ({"product_number": "BLT-1", "quantity": "NaN"}, "structure[2].quantity"),
        ({"product_number": "BLT-1", "quantity": "0.0000001"}, "structure[2].quantity"),
        ({"product_number": "BLT-1", "quantity": 1, "unit_of_measure": "kg"}, "structure[2].unit_of_measure"),
        ({"product_number": "BLT-1", "quantity": 1, "unit_of_measure": "furlong"}, "structure[2].unit_of_measure"),
        ({"quantity": 1}, "structure[2].child_id"),
        ({"product_number": "BLT-1"}, "structure[2].quantity"),
        ({"product_number": "BLT-1", "quantity": 1, "colour": "red"}, "structure[2].colour"),
        ({"product_number": "BLT-1", "quantity": 1, "find_number": 10}, "find_number"),
    ],
)
def test_a_bad_third_line_leaves_nothing(engineer: Api, third: Any, field: str) -> None:
    data_of(engineer.post("products/", BOLT), 201)
    before = counts(engineer.tenant)
    good = [{"product_number": "BLT-1", "quantity": 1}, {"product_number": "BLT-1", "quantity": 2}]
    answer = engineer.post(
        "products/", {"product_number": "WHL", "product_name": "Wheel", "structure": [*good, third]}
    )
    assert field in refused(answer, 400, "VALIDATION_ERROR")
    assert counts(engineer.tenant) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"product_number": "AB"}, "product_number"),
        ({"product_number": "X" * 51}, "product_number"),
        ({"product_number": "A\tB\nC"}, "product_number"),
        ({"product_name": "ab"}, "product_name"),
        ({"product_name": "x" * 201}, "product_name"),
        ({"product_description": "x" * 2001}, "product_description"),
        ({"product_type": "spaceship"}, "product_type"),
        ({"lifecycle_phase": "adolescence"}, "lifecycle_phase"),
        ({"target_cost": -1}, "target_cost"),
        ({"current_cost": "0.00001"}, "current_cost"),
        ({"current_cost": "Infinity"}, "current_cost"),
        ({"current_cost": True}, "current_cost"),
        ({"mass_kg": "-0.1"}, "mass_kg"),
        ({"unit_of_measure": "parsec"}, "unit_of_measure"),
        ({"custom_attributes": ["a"]}, "custom_attributes"),
        ({"custom_attributes": {"a": "x" * 70_000}}, "custom_attributes"),
        ({"structure": [{}] * 5_001}, "structure"),
        ({"tags": "steel"}, "tags"),
        ({"tags": [""]}, "tags[0]"),
        ({"tags": ["x" * 51]}, "tags[0]"),
        ({"revision": "C"}, "revision"),
        ({"replaced_by": str(uuid.uuid4())}, "replaced_by"),
        ({"digital_twin_id": "T-1"}, "digital_twin_id"),
        ({"tenant": "globex"}, "tenant"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_written(engineer: Api, change: Any, field: str) -> None:
    before = counts(engineer.tenant)
    assert field in refused(engineer.post("products/", {**BOLT, **change}), 400, "VALIDATION_ERROR")
    assert counts(engineer.tenant) == before


@pytest.mark.parametrize("body", [b'{"target_cost": NaN}', b'{"target_cost": Infinity}', b"[]", b"nonsense", b""])
def test_bodies_that_are_no_object_of_numbers(engineer: Api, body: bytes) -> None:
    answer = engineer.client.generic("POST", "/api/v1/plm/products/", body, content_type="application/json")
    refused(answer, 400, "VALIDATION_ERROR")
    assert counts(engineer.tenant)["products"] == 0


def test_a_number_is_taken_for_ever(engineer: Api, manager: Api) -> None:
    product = data_of(engineer.post("products/", BOLT), 201)
    assert manager.delete(f"products/{product['product_id']}/").status_code == 204
    before = counts(engineer.tenant)
    assert "product_number" in refused(engineer.post("products/", BOLT), 409, "CONFLICT")
    assert counts(engineer.tenant) == before


def test_the_same_number_in_another_tenant_is_another_product(engineer: Api, stranger: Api) -> None:
    ours = data_of(engineer.post("products/", BOLT), 201)
    theirs = data_of(stranger.post("products/", BOLT), 201)
    assert ours["product_id"] != theirs["product_id"]
    assert [row["product_id"] for row in data_of(stranger.get("products/"))] == [theirs["product_id"]]


def test_another_phase_at_creation_needs_the_release_permission(engineer: Api, manager: Api) -> None:
    refused(engineer.post("products/", {**BOLT, "lifecycle_phase": "active"}), 403, "PERMISSION_DENIED")
    assert counts(engineer.tenant)["products"] == 0
    found = data_of(manager.post("products/", {**BOLT, "lifecycle_phase": "active"}), 201)
    assert found["lifecycle_phase"] == "active"


def test_one_key_creates_once(engineer: Api) -> None:
    first = engineer.post("products/", BOLT, Idempotency_Key="k1")
    second = engineer.post("products/", BOLT, Idempotency_Key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert (counts(engineer.tenant)["products"], events(engineer)) == (1, ["product_created"])
    other = {**BOLT, "product_number": "BLT-2"}
    assert engineer.post("products/", other, Idempotency_Key="k1").status_code == 409


def test_change(engineer: Api) -> None:
    product = data_of(engineer.post("products/", BOLT), 201)
    path = f"products/{product['product_id']}/"
    answer = engineer.patch(path, {"current_cost": "1.25", "tags": ["x"], "reason": "new price"}, If_Match='"1"')
    assert data_of(answer) | {"updated_at": ""} == {
        **product, "current_cost": "1.25", "tags": ["x"], "version": 2, "updated_at": ""}  # fmt: skip
    assert answer["ETag"] == '"2"'
    assert events(engineer) == ["product_created", "product_updated", "cost_updated"]
    history = data_of(engineer.get(path + "history/"))
    assert history[0]["why"] == "new price"
    assert {"field": "current_cost", "from": "0", "to": "1.25"} in history[0]["changes"]


def test_changing_nothing_writes_nothing(engineer: Api) -> None:
    product = data_of(engineer.post("products/", BOLT), 201)
    before = counts(engineer.tenant)
    same = data_of(engineer.patch(f"products/{product['product_id']}/", {"product_name": BOLT["product_name"]}))
    assert (same, counts(engineer.tenant)) == (product, before)


@pytest.mark.parametrize(
    "change", [{"product_number": "NEW-1"}, {"lifecycle_phase": "design"}, {"revision": "B"}, {"version": 9}, {"x": 1}]
)
def test_what_has_its_own_way_is_not_patched(engineer: Api, change: Any) -> None:
    product = data_of(engineer.post("products/", BOLT), 201)
    before = counts(engineer.tenant)
    answer = engineer.patch(f"products/{product['product_id']}/", change)
    assert set(change) <= set(refused(answer, 400, "VALIDATION_ERROR"))
    assert counts(engineer.tenant) == before


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_stale_edit_is_refused(manager: Api, method: str) -> None:
    product = data_of(manager.post("products/", BOLT), 201)
    path = f"products/{product['product_id']}/"
    data_of(manager.patch(path, {"product_name": "Bolt M5 x 20"}))
    before = counts(manager.tenant)
    refused(manager.call(method, path, {"product_name": "Late"}, If_Match='"1"'), 412, "PRECONDITION_FAILED")
    assert counts(manager.tenant) == before
    assert data_of(manager.get(path))["product_name"] == "Bolt M5 x 20"


def test_delete(manager: Api) -> None:
    product = data_of(manager.post("products/", BOLT), 201)
    path = f"products/{product['product_id']}/"
    assert manager.delete(path + "?reason=typed+twice").status_code == 204
    refused(manager.get(path), 404, "NOT_FOUND")
    assert data_of(manager.get("products/")) == []
    with tenant_scope(manager.tenant.pk):
        row = Product.all_objects.get(pk=product["product_id"])
        assert (row.is_deleted, row.history.first().history_change_reason) == (True, "typed twice")


def test_what_is_used_or_released_stays(manager: Api) -> None:
    with tenant_scope(manager.tenant.pk, atomic=True):
        bolt = make_product("BLT-1")
        wheel = make_assembly("WHL", [(bolt, 4)])
        release(wheel)
    before = counts(manager.tenant)
    refused(manager.delete(f"products/{bolt.pk}/"), 409, "CONFLICT")
    refused(manager.delete(f"products/{wheel.pk}/"), 409, "CONFLICT")
    refused(manager.patch(f"products/{bolt.pk}/", {"unit_of_measure": "kg"}), 409, "CONFLICT")
    assert counts(manager.tenant) == before


def test_other_contexts_fill_the_references(engineer: Api) -> None:
    products = [data_of(engineer.post("products/", {**BOLT, "product_number": f"B-{n}"}), 201) for n in range(3)]
    asked: list[Any] = []

    def records(product_ids: Any) -> Any:
        asked.append(set(product_ids))
        return {product_ids[0]: [{"regulation": "RoHS", "status": "compliant"}]}

    unregister_reference_provider("compliance_records")
    register_reference_provider("compliance_records", records)
    try:
        rows = data_of(engineer.get("products/"))
        one = data_of(engineer.get(f"products/{products[0]['product_id']}/"))
        with pytest.raises(ValueError, match="already"):
            register_reference_provider("compliance_records", lambda _ids: {})
    finally:
        unregister_reference_provider("compliance_records")
        register_reference_provider("compliance_records", product_references)
    assert [row["compliance_records"] for row in rows] == [[{"regulation": "RoHS", "status": "compliant"}], [], []]
    assert one["compliance_records"] == [{"regulation": "RoHS", "status": "compliant"}]
    assert asked[0] == {uuid.UUID(product["product_id"]) for product in products}
    assert len(asked) == 2
    with pytest.raises(ValueError, match="is not a reference"):
        register_reference_provider("anything", records)


def test_both_forms_of_the_address(engineer: Api) -> None:
    product = data_of(engineer.post("products", BOLT), 201)
    assert data_of(engineer.get(f"products/{product['product_id']}")) == product
    refused(engineer.get("products/no-id/"), 404, "NOT_FOUND")
    refused(engineer.get(f"products/{uuid.uuid4()}/"), 404, "NOT_FOUND")
    refused(engineer.call("PUT", f"products/{product['product_id']}/", BOLT), 405, "VALIDATION_ERROR")


def test_a_used_product_shows_where(engineer: Api) -> None:
    with tenant_scope(engineer.tenant.pk, atomic=True):
        bolt, wheel, bike = make_product("BLT-1"), make_product("WHL"), make_product("BIKE")
        make_line(wheel, bolt, 4)
        make_line(bike, wheel, 2)
    found = data_of(engineer.get(f"products/{bolt.pk}/where-used/", {"mode": "latest"}))
    assert {name: found[name] for name in ("product", "direct", "ancestors", "roots")} == {
        "product": "BLT-1", "direct": 1, "ancestors": 2, "roots": 1}  # fmt: skip
    assert [(line["level"], line["product_number"], line["quantity"]) for line in found["lines"]] == [
        (1, "WHL", "4"), (2, "BIKE", "8")]  # fmt: skip
    near = data_of(engineer.get(f"products/{bolt.pk}/where-used/", {"mode": "latest", "depth": 1}))
    assert [line["product_number"] for line in near["lines"]] == ["WHL"]
