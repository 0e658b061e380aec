"""Baselines and comparisons over HTTP."""

from __future__ import annotations

import pytest

from plm_project.tenancy.scope import tenant_scope
from products.models import Baseline, Product
from tests.factories import make_assembly, make_line, make_product
from tests.products.api.conftest import Api, data_of, refused


@pytest.fixture
def lamp(scope: None) -> Product:
    """LAMP → 2 HOLDER → 4 SCREW."""
    return make_assembly("LAMP", [(make_assembly("HOLDER", [(make_product("SCREW"), 4)]), 2)])


def test_one_is_taken_read_asked_compared_and_withdrawn(manager: Api, lamp: Product) -> None:
    path = f"products/{lamp.pk}/"
    body = {"name": "Pilot", "mode": "latest", "options": "motor:e,colour:red", "optional": True}
    answer = manager.post(path + "baselines/", body)
    made = data_of(answer, 201)
    assert (made["name"], made["mode"], made["options"], made["optional"]) == (
        "Pilot", "latest", ["colour:red", "motor:e"], True
    )  # fmt: skip
    assert answer["Location"].endswith(f"/baselines/{made['baseline_id']}/")
    refused(manager.post(path + "baselines/", body), 409, "CONFLICT")
    own = f"baselines/{made['baseline_id']}/"
    with tenant_scope(manager.tenant.pk, atomic=True):
        holder, screw = (Product.objects.get(product_number=number) for number in ("HOLDER", "SCREW"))
        make_line(holder, make_product("NUT"), 4)

    frozen = data_of(manager.get(path + "explosion/", {"baseline": "Pilot"}))
    assert (frozen["rows"], frozen["baseline"], frozen["options"]) == (2, "Pilot", ["colour:red", "motor:e"])
    assert {line["rule"] for line in frozen["lines"]} == {"revision_baseline"}
    first = data_of(manager.get(path + "explosion-start/", {"baseline": made["baseline_id"], "rows": 1}))
    assert first == frozen["lines"][:1]
    for other in ({"as_of": "2026-01-01"}, {"explain": "true"}, {"revision": "A"}):
        refused(manager.get(path + "explosion/", {"baseline": "Pilot", **other}), 400, "VALIDATION_ERROR")
    refused(manager.get(path + "rollup/", {"baseline": "Other"}), 404, "NOT_FOUND")
    found = data_of(manager.get(path + "compare/", {"from_baseline": "Pilot"}))
    assert [(row["parent_number"], row["product_number"]) for row in found["added"]] == [("HOLDER", "NUT")]

    assert [row["name"] for row in data_of(manager.get(path + "baselines/"))] == ["Pilot"]
    [holding] = data_of(manager.get(f"products/{screw.pk}/in-baselines/"))
    assert (holding["product_number"], holding["held_revision"]) == ("LAMP", "A")
    assert data_of(manager.get(own + "verify/")) == {
        "is_intact": True, "checksum": made["checksum"], "found": made["checksum"], "faults": []
    }  # fmt: skip
    refused(manager.post(own + "withdraw/", {}), 400, "VALIDATION_ERROR")
    assert data_of(manager.post(own + "withdraw/", {"reason": "wrong day"}))["withdrawn_reason"] == "wrong day"
    refused(manager.post(own + "withdraw/", {"reason": "again"}), 409, "CONFLICT")
    assert [row["name"] for row in data_of(manager.get("baselines/", {"withdrawn": "true"}))] == ["Pilot"]
    assert data_of(manager.get("baselines/", {"withdrawn": "false", "product_id": str(lamp.pk)})) == []


def test_who_may_not_leaves_none(viewer: Api, lamp: Product) -> None:
    refused(viewer.post(f"products/{lamp.pk}/baselines/", {"name": "Pilot"}), 403, "PERMISSION_DENIED")
    assert not Baseline.objects.exists()


def test_edges_come_when_asked_for(viewer: Api, lamp: Product) -> None:
    screw = Product.objects.get(product_number="SCREW")
    path = f"products/{screw.pk}/where-used/"
    assert "edges" not in data_of(viewer.get(path))
    edges = data_of(viewer.get(path, {"edges": "true"}))["edges"]
    assert [(row["child_number"], row["parent_number"], row["quantity"]) for row in edges] == [
        ("SCREW", "HOLDER", "4"), ("HOLDER", "LAMP", "2")
    ]  # fmt: skip
