"""The two contracts of SPEC §7 as written there: names, rules, triggers, answers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from integrations.contracts import digital_twin, manufacturing_bom
from integrations.contracts.base import Subject
from integrations.contracts.judging import answer_fault, payload_faults
from integrations.contracts.manufacturing_bom import BomFacts, LineFacts
from integrations.contracts.registry import contract, contracts, contracts_triggered_by
from integrations.neighbours import WEBHOOK, neighbours
from plm_project.core.exceptions import NotFound
from plm_project.core.ids import uuid7
from plm_project.outbox.registry import event_types, subscribers_of
from products.models import Product
from tests.factories import make_assembly, make_line, make_product

A, B = str(uuid7()), str(uuid7())
LINE = LineFacts(A, B, Decimal("2.50"), "each", 10, "2026-01-01", None)
BOM = BomFacts(A, "LAMP", "B", (LINE,))


def test_a_line_goes_out_under_their_names() -> None:
    payload = manufacturing_bom.to_payload(BOM)
    assert payload == {
        "product_id": A,
        "product_number": "LAMP",
        "revision": "B",
        "lines": [
            {
                "product_id": A,
                "component_id": B,
                "quantity": "2.5",
                "uom": "each",
                "reference_designator": "10",
                "effective_from": "2026-01-01",
                "effective_to": None,
            }
        ],
    }
    assert payload_faults(manufacturing_bom.CONTRACT, payload) == []
    assert manufacturing_bom.validate(BOM) == []


@pytest.mark.parametrize(
    ("changes", "cycle", "code", "where"),
    [
        ({"quantity": Decimal(0)}, (), "quantity_must_be_positive", "lines[0].quantity"),
        ({"unit_of_measure": "furlong-fortnight"}, (), "unit_of_measure_must_be_valid", "lines[0].uom"),
        ({"child_product_id": A}, (), "parent_child_cannot_be_same", "lines[0].component_id"),
        ({}, ("LAMP", "BULB", "LAMP"), "circular_references_not_allowed", "lines"),
    ],
)
def test_each_rule_of_the_bom_contract(
    changes: dict[str, object], cycle: tuple[str, ...], code: str, where: str
) -> None:
    facts = dataclasses.replace(BOM, lines=(dataclasses.replace(LINE, **changes),), cycle=cycle)  # type: ignore[arg-type]
    assert [(fault.code, fault.where) for fault in manufacturing_bom.validate(facts)] == [(code, where)]
    assert code in manufacturing_bom.CONTRACT.validations


@pytest.mark.usefixtures("scope")
def test_the_bom_is_the_product_s_own_lines_as_they_stand() -> None:
    bulb, wire = make_product("BULB"), make_product("WIRE", unit_of_measure="m")
    lamp = make_assembly("LAMP", [(bulb, 1)])
    make_line(lamp, wire, "1.5", effective_from=dt.date(2026, 3, 1))
    facts = manufacturing_bom.gather(Subject(uuid7(), "bom_changed", lamp.pk))
    assert (facts.product_number, facts.revision, facts.cycle) == ("LAMP", "A", ())
    assert [
        (line.child_product_id, line.quantity, line.unit_of_measure, line.effective_date) for line in facts.lines
    ] == [
        (str(bulb.pk), Decimal(1), "each", None),
        (str(wire.pk), Decimal("1.5"), "m", "2026-03-01"),
    ]
    empty = manufacturing_bom.gather(Subject(uuid7(), "product_created", bulb.pk))
    assert manufacturing_bom.to_payload(empty)["lines"] == []


@pytest.mark.usefixtures("scope")
def test_the_twin_goes_out_under_their_names() -> None:
    product: Product = make_product(
        "P-1", product_name="Pump", product_description="Moves water", product_type="kit",
        target_cost=Decimal("12.50"), current_cost=Decimal(11), custom_attributes={"colour": "red"},
    )  # fmt: skip
    payload = digital_twin.to_payload(digital_twin.gather(Subject(uuid7(), "product_created", product.pk)))
    assert payload == {
        "twin_source_id": str(product.pk),
        "twin_name": "Pump",
        "twin_description": "Moves water",
        "twin_category": "kit",
        "twin_status": "concept",
        "twin_properties": {"colour": "red"},
        "cost_model": {"target_cost": "12.5", "actual_cost": "11"},
    }
    assert payload_faults(digital_twin.CONTRACT, payload) == []


def test_answers_are_held_to_their_schema() -> None:
    assert answer_fault(manufacturing_bom.CONTRACT, {"success": True, "bom_id": "B-1"}) == ""
    assert "success" in answer_fault(manufacturing_bom.CONTRACT, {"success": False, "bom_id": "B-1"})
    assert "bom_id" in answer_fault(manufacturing_bom.CONTRACT, {"success": True})
    assert answer_fault(digital_twin.CONTRACT, {"twin_id": "T-1", "more": 1}) == ""
    assert "twin_id" in answer_fault(digital_twin.CONTRACT, {"twin_id": ""})


def test_a_twin_is_not_made_where_the_creator_says_so() -> None:
    created = Subject(uuid7(), "product_created", uuid7(), {"auto_create_digital_twin": False})
    assert not digital_twin.wants(created)
    assert digital_twin.wants(dataclasses.replace(created, data={}))
    assert digital_twin.wants(dataclasses.replace(created, event_type="product_updated"))


def test_the_registry_is_sound() -> None:
    known = {neighbour.key for neighbour in neighbours()}
    assert len(known) == len(neighbours()) == 12
    known.add(WEBHOOK.key)
    assert len({entry.key for entry in contracts()}) == len(contracts())
    for entry in contracts():
        assert entry.neighbour in known
        assert set(entry.triggers) <= event_types(), entry.key
        for schema in (entry.schema, entry.answer_schema):
            Draft202012Validator.check_schema(schema)
        for event_type in entry.triggers:
            assert entry in contracts_triggered_by(event_type)
            assert "integrations.tell" in {one.name for one in subscribers_of(event_type)}
        assert contract(entry.key) is entry
    with pytest.raises(NotFound):
        contract("nothing")


def test_contracts_are_as_the_specification_says() -> None:
    bom, twin = contract("plm_manufacturing_bom_sync"), contract("plm_digital_twin_binding")
    assert (bom.neighbour, bom.method, bom.path, bom.success) == (
        "manufacturing", "POST", "/api/v1/manufacturing/bom/sync", {201},
    )  # fmt: skip
    assert (twin.neighbour, twin.method, twin.path, twin.success) == (
        "digital_twin_marketplace", "POST", "/api/v1/digital-twins", {201},
    )  # fmt: skip
    assert set(twin.triggers) == {
        "product_created", "product_updated", "lifecycle_phase_changed", "cost_updated", "compliance_status_changed",
    }  # fmt: skip
    assert {"product_created", "bom_changed"} <= set(bom.triggers)
