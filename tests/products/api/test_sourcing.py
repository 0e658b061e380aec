"""Sourcing through the API: masters, AML with its verdicts, offers, rates, cost by quantity, the report."""

from __future__ import annotations

from typing import Any

import pytest

from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import tenant_scope
from products.models import ApprovedSource, SupplierOffer
from tests.factories import make_line, make_product
from tests.products.api.conftest import Api, MakeApi, data_of, refused


@pytest.fixture
def assembly(manager: Api) -> dict[str, str]:
    """PUMP → 4 SEAL, bought."""
    with tenant_scope(manager.tenant.pk, atomic=True):
        seal = make_product("SEAL", product_type="purchased", current_cost=0)
        pump = make_product("PUMP", current_cost=2)
        make_line(pump, seal, 4)
        return {"seal": str(seal.pk), "pump": str(pump.pk)}


def part_of(api: Api, manufacturer: str, mpn: str) -> str:
    maker = data_of(api.post("manufacturers/", {"code": manufacturer[:4], "name": manufacturer}), 201)
    body = {"manufacturer_id": maker["manufacturer_id"], "mpn": mpn}
    return str(data_of(api.post("manufacturer-parts/", body), 201)["manufacturer_part_id"])


def test_from_a_manufacturer_to_the_cost_of_a_hundred(manager: Api, assembly: dict[str, str]) -> None:
    part = part_of(manager, "Freudenberg", "OR-12")
    source = data_of(manager.post(f"products/{assembly['seal']}/sources/", {"manufacturer_part_id": part}), 201)
    assert (source["status"], source["mpn"], source["is_preferred"]) == ("potential", "OR-12", False)
    options = data_of(manager.get(f"sources/{source['source_id']}/transitions/"))["transitions"]
    assert {option["to"]: option["possible"] for option in options} == {"approved": True, "disqualified": True}
    steps = f"sources/{source['source_id']}/transitions/"
    refused(manager.post(steps, {"to": "disqualified"}), 400, "VALIDATION_ERROR")
    approved = data_of(manager.post(steps, {"to": "approved"}))
    assert approved["status"] == "approved"
    address = f"sources/{source['source_id']}/"
    liked = data_of(manager.patch(address, {"is_preferred": True}, If_Match=f'"{approved["version"]}"'))
    assert liked["is_preferred"]
    refused(manager.patch(address, {"is_preferred": False}, If_Match='"1"'), 412, "PRECONDITION_FAILED")
    shop = data_of(manager.post("suppliers/", {"code": "SHOP", "name": "Seal shop"}), 201)
    body: dict[str, Any] = {
        "supplier_id": shop["supplier_id"], "manufacturer_part_id": part, "currency": "USD", "order_multiple": "50",
        "lead_time_days": 14, "breaks": [{"from_quantity": 1, "unit_price": "0.4"},
                                         {"from_quantity": "200", "unit_price": "0.25"}],
    }  # fmt: skip
    offer = data_of(manager.post(f"products/{assembly['seal']}/offers/", body), 201)
    assert [entry["unit_price"] for entry in offer["breaks"]] == ["0.4", "0.25"]
    cost = f"products/{assembly['pump']}/quantity-cost/"
    lacking = data_of(manager.get(cost))
    assert (lacking["complete"], lacking["missing"][0]["code"], lacking["lines"][0]["cost"]) == (
        False,
        "no_rate",
        None,
    )
    rate = {"currency": "USD", "rate": "0.5", "valid_from": "2020-01-01"}
    data_of(manager.post("exchange-rates/", rate), 201)
    found = data_of(manager.get(cost, {"quantity": ["1", "100"]}))
    assert found["complete"] and found["currency"] == "EUR"
    one, hundred = found["quantities"]
    # 4 needed, 50 bought at 0.40 USD; 2 to assemble
    assert (one["total_cost"], one["excess_cost"], one["lead_time_days"]) == ("12", "9.2", 14)
    assert (hundred["total_cost"], hundred["unit_cost"]) == ("250", "2.5")
    [line] = found["lines"]
    assert (line["needed_quantity"], line["offer"]["bought_quantity"]) == ("4", "50")
    assert data_of(manager.get("reports/single-source/", {"product": "PUMP"}))["single_source"] == 1
    changed = data_of(
        manager.patch(f"offers/{offer['offer_id']}/", {"breaks": [{"from_quantity": 1, "unit_price": 1}]})
    )
    assert [entry["unit_price"] for entry in changed["breaks"]] == ["1"]
    assert manager.delete(f"offers/{offer['offer_id']}/").status_code == 204
    assert data_of(manager.get(cost))["missing"][0]["code"] == "no_offer"
    with tenant_scope(manager.tenant.pk):  # none of it is the product's own cost
        assert "cost_updated" not in set(OutboxEvent.objects.values_list("event_type", flat=True))


def test_bad_input_names_its_field_and_writes_nothing(
    make_api: MakeApi, manager: Api, engineer: Api, assembly: dict[str, str], stranger: Api
) -> None:
    part = part_of(engineer, "Freudenberg", "OR-12")
    sources = f"products/{assembly['seal']}/sources/"
    source = data_of(engineer.post(sources, {"manufacturer_part_id": part}), 201)
    theirs = part_of(stranger, "Other", "X-1")
    shop = data_of(engineer.post("suppliers/", {"code": "SHOP", "name": "Seal shop"}), 201)
    good = {"supplier_id": shop["supplier_id"], "currency": "EUR", "breaks": [{"from_quantity": 1, "unit_price": 1}]}
    offers = f"products/{assembly['seal']}/offers/"
    steps = f"sources/{source['source_id']}/transitions/"
    twice = [{"from_quantity": 1, "unit_price": 1}, {"from_quantity": "1.0", "unit_price": 2}]
    rates = make_api("financial_approver")
    with tenant_scope(engineer.tenant.pk):
        before = ApprovedSource.history.count(), SupplierOffer.history.count()
    for answer, status, code, field in (
        (engineer.post(sources, {"manufacturer_part_id": part}), 409, "CONFLICT", "manufacturer_part_id"),
        (engineer.post(sources, {"manufacturer_part_id": theirs}), 400, "VALIDATION_ERROR", "manufacturer_part_id"),
        (engineer.post("manufacturers/", {"code": "frEU", "name": "Other"}), 409, "CONFLICT", "code"),
        (engineer.post("manufacturers/", {"code": "XX", "name": "FREUDENBERG"}), 409, "CONFLICT", "name"),
        (engineer.post(offers, {**good, "breaks": twice}), 400, "VALIDATION_ERROR", "breaks"),
        (engineer.post(offers, {**good, "breaks": []}), 400, "VALIDATION_ERROR", "breaks"),
        (engineer.post(offers, {**good, "currency": "euro"}), 400, "VALIDATION_ERROR", "currency"),
        (engineer.post(offers, {**good, "valid_from": "2026-02-01", "valid_to": "2026-02-01"}), 400,
         "VALIDATION_ERROR", "valid_to"),
        (engineer.post(offers, {**good, "manufacturer_part_id": theirs}), 400, "VALIDATION_ERROR",
         "manufacturer_part_id"),
        (engineer.patch(f"sources/{source['source_id']}/", {"is_preferred": True}), 400, "VALIDATION_ERROR",
         "is_preferred"),
        (engineer.post(steps, {"to": "bought"}), 400, "VALIDATION_ERROR", "to"),
        (engineer.post(steps, {"to": "approved"}), 403, "PERMISSION_DENIED", None),
        (engineer.post("exchange-rates/", {}), 403, "PERMISSION_DENIED", None),
        (rates.post("exchange-rates/", {"currency": "EUR", "rate": 1, "valid_from": "2026-01-01"}), 400,
         "VALIDATION_ERROR", "currency"),
        (engineer.get(f"products/{assembly['pump']}/quantity-cost/?quantity=0"), 400, "VALIDATION_ERROR", "quantity[0]"),
        (engineer.delete(f"manufacturers/{data_of(engineer.get('manufacturers/'))[0]['manufacturer_id']}/"), 409,
         "CONFLICT", None),
    ):  # fmt: skip
        details = refused(answer, status, code)
        assert field is None or field in details, (field, details)
    with tenant_scope(engineer.tenant.pk):
        assert (ApprovedSource.history.count(), SupplierOffer.history.count()) == before
    assert engineer.delete(f"sources/{source['source_id']}/").status_code == 204


def test_a_verdict_is_kept(manager: Api, engineer: Api, assembly: dict[str, str]) -> None:
    part = part_of(manager, "Freudenberg", "OR-12")
    source = data_of(manager.post(f"products/{assembly['seal']}/sources/", {"manufacturer_part_id": part}), 201)
    steps = f"sources/{source['source_id']}/transitions/"
    bad = data_of(manager.post(steps, {"to": "disqualified", "reason": "Leaks at 8 bar."}))
    assert (bad["status"], bad["status_reason"]) == ("disqualified", "Leaks at 8 bar.")
    refused(manager.post(steps, {"to": "approved"}), 409, "CONFLICT")
    refused(engineer.delete(f"sources/{source['source_id']}/"), 403, "PERMISSION_DENIED")
    data_of(manager.post(steps, {"to": "potential", "reason": "New compound."}))
    data_of(manager.patch(f"manufacturer-parts/{part}/", {"lifecycle": "obsolete"}))
    refused(manager.post(steps, {"to": "approved"}), 409, "CONFLICT")
