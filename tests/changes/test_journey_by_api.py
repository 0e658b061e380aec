"""From a file to revision B and its difference from A, through the API alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from plm_project.tenancy.models import Tenant
from tests.changes.api_calls import BASE, Api
from tests.conftest import MakeMember
from tests.signing import SIGNATURE

BOM = b"Part Number,Description,Qty,UoM\nRIM-1,Rim,1,EA\nSPK-1,Spoke,32,pcs\nNIP-1,Nipple,32,EA\n"


def data_of(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.json()
    return response.json()["data"]


@pytest.fixture
def people(make_member: MakeMember, tenant: Tenant) -> dict[str, Api]:
    roles = ("engineer", "technical_approver", "plm_manager")
    return {role: Api(make_member(role)[0], tenant) for role in roles}


def carried(people: dict[str, Api], change: str) -> Any:
    """Submit, approve and implement a change, and return what came of its products."""
    engineer, approver, manager = people.values()
    assert data_of(engineer.post(change + "submit/"))["status"] == "submitted"
    vote = {"comment": "good", "signature": SIGNATURE}
    assert data_of(approver.post(change + "approve/", vote))["status"] == "approved"
    return data_of(manager.post(change + "implement/"))["affected_products"]


def test_from_a_file_to_revision_b(people: dict[str, Api]) -> None:
    engineer, _approver, manager = people.values()
    upload = {"file": SimpleUploadedFile("wheel.csv", BOM, content_type="text/csv"), "parent": "WHL-9"}
    imported = data_of(engineer.client.post(f"{BASE}products/import/", upload, format="multipart"))
    assert (imported["lines_created"], imported["products_created"]) == (3, 4)
    [wheel] = data_of(engineer.get("products/", {"q": "WHL-9"}))
    product = f"products/{wheel['product_id']}/"
    [first] = data_of(engineer.get(product + "revisions/"))
    alone = manager.post(f"revisions/{first['revision_id']}/transitions/", {"to": "released", "reason": "first"})
    assert alone.status_code == 409 and "NIP-1, RIM-1, SPK-1" in alone.json()["error"]
    draft = {"change_title": "First release", "reason_for_change": "New", "affected_products": [wheel["product_id"]]}
    change = f"changes/{data_of(engineer.post('changes/', draft), 201)['change_id']}/"
    missing = data_of(engineer.get(change + "missing-parts/"))
    assert [row["product_number"] for row in missing] == ["NIP-1", "RIM-1", "SPK-1"]
    added = data_of(engineer.post(change + "missing-parts/"))
    assert [row["product_number"] for row in added] == ["NIP-1", "RIM-1", "SPK-1"]
    results = carried(people, change)
    assert [row["resulting_revision"] for row in results] == ["A", "A", "A", "A"]

    lines = data_of(engineer.get(f"revisions/{first['revision_id']}/lines/"))
    by_number = {line["product_number"]: line["line_id"] for line in lines}
    draft = {"change_title": "Fewer spokes", "reason_for_change": "Mass", "affected_products": [wheel["product_id"]]}
    change = f"changes/{data_of(engineer.post('changes/', draft), 201)['change_id']}/"
    for number in ("SPK-1", "NIP-1"):
        redline = {"operation": "quantity", "line_id": by_number[number], "quantity": "28"}
        data_of(engineer.post(change + "redlines/", redline), 201)
    assert data_of(engineer.get(change + "missing-parts/")) == []
    assert [row["resulting_revision"] for row in carried(people, change)] == ["B"]

    assert data_of(engineer.get(product))["revision"] == "B"
    compared = data_of(engineer.get(product + "compare/", {"from": "A", "to": "B", "levels": "1"}))
    assert (compared["added"], compared["removed"]) == ([], [])
    assert {(row["product_number"], row["field"], row["from"], row["to"]) for row in compared["changed"]} == {
        ("SPK-1", "quantity", "32", "28"), ("NIP-1", "quantity", "32", "28")}  # fmt: skip
