"""Redlines of effectivity, attributes and substitutes: what they take."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from changes.models import EngineeringChange
from changes.selectors import change_history
from changes.services import (
    change_create,
    change_gates,
    redline_add,
    redline_update,
)
from changes.services.gating import change_release
from plm_project.core.exceptions import Conflict, ValidationFailed
from products.models import BomLine, Product
from tests.changes.conftest import COMPLETE, Lamp, People, fresh
from tests.changes.setting_redlines import ATTRIBUTES, JUNE, MAY, bike, draw, faults
from tests.factories import make_line, make_product


# --- what a redline takes ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("operation", "values", "field"),
    [
        ("effectivity", {}, "effectivity"),
        ("effectivity", {"effectivity": {}}, "effectivity"),
        ("effectivity", {"effectivity": ["2027-05-01"]}, "effectivity"),
        ("effectivity", {"effectivity": {"until": "2027-05-01"}}, "until"),
        ("effectivity", {"effectivity": {"condition": "a:b"}}, "condition"),
        ("effectivity", {"effectivity": {"effective_from": "May"}}, "effective_from"),
        ("effectivity", {"effectivity": {"effective_from": JUNE, "effective_to": MAY}}, "effective_to"),
        ("effectivity", {"effectivity": {"serials": "BIKE-1: 5"}}, "serials"),
        ("effectivity", {"effectivity": {"serials": [{"end_item": str(uuid.uuid4()), "first": 5}]}}, "serials"),
        ("effectivity", {"attributes": {"notes": "x"}}, "attributes"),
        ("quantity", {"quantity": 5, "effectivity": {"effective_to": MAY}}, "effectivity"),
        ("attributes", {"attributes": {}}, "attributes"),
        ("attributes", {"attributes": {"find_number": 5}}, "find_number"),
        ("attributes", {"attributes": {"condition": "red"}}, "condition"),
        ("attributes", {"attributes": {"line_type": "odd"}}, "line_type"),
        ("attributes", {"attributes": {"is_optional": None}}, "is_optional"),
        ("attributes", {"attributes": {"notes": None}}, "notes"),
        ("attributes", {"attributes": {"attrition_percent": "901"}}, "attrition_percent"),
        ("attributes", {"attributes": {"setup_quantity": -1}}, "setup_quantity"),
        ("attributes", {"attributes": {"rounding_multiple": "many"}}, "rounding_multiple"),
        ("attributes", {"attributes": {"custom_attributes": ["torque"]}}, "custom_attributes"),
        ("substitutes", {}, "substitutes"),
        ("substitutes", {"substitutes": "LAMP-GLASS"}, "substitutes"),
        ("substitutes", {"substitutes": [{"quantity": 1}]}, "substitutes[0].product_id"),
        ("substitutes", {"substitutes": [{"product_id": uuid.uuid4()}]}, "substitutes[0].product_id"),
    ],
)
def test_what_makes_no_sense_is_refused(
    operation: str, values: dict[str, Any], field: str, people: People, lamp: Lamp, empty: EngineeringChange,
    refused: Callable[..., Any],
) -> None:  # fmt: skip
    refusal = refused(
        ValidationFailed, redline_add,
        actor=people.author, change_id=empty.pk, operation=operation, line_id=lamp.screw.pk, values=values,
    )  # fmt: skip
    assert list(refusal.details) == [field]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"quantity": "many"}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"rank": 0}, "rank"),
        ({"rank": "first"}, "rank"),
        ({"unit_of_measure": "m", "quantity": 2}, "unit_of_measure"),
        ({"reference_designators": ["G1", "G1"]}, "reference_designators"),
        ({"reference_designators": ["G1", "G2"], "quantity": 1}, "reference_designators"),
        ({"note": "x" * 501}, "note"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_substitute_is_judged_as_on_the_line_itself(
    values: dict[str, Any], field: str, people: People, lamp: Lamp, empty: EngineeringChange,
    refused: Callable[..., Any],
) -> None:  # fmt: skip
    rows = [{"product_id": lamp.socket.pk}, {"product_id": lamp.glass.pk, **values}]
    refusal = refused(
        ValidationFailed, redline_add,
        actor=people.author, change_id=empty.pk, operation="substitutes", line_id=lamp.bulb.pk,
        values={"substitutes": rows},
    )  # fmt: skip
    assert list(refusal.details) == [f"substitutes[1].{field}"]


def test_a_product_is_a_substitute_once(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    with pytest.raises(ValidationFailed, match="LAMP-GLASS stands here twice"):
        draw(people, empty, "substitutes", lamp.bulb, substitutes=[{"product_id": lamp.glass.pk}] * 2)
    assert not empty.redlines.exists()


def test_each_kind_stands_on_a_line_once(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    draw(people, empty, "effectivity", lamp.screw, effectivity={"effective_to": MAY})
    draw(people, empty, "attributes", lamp.screw, attributes={"notes": "x"})
    for operation, values in (("effectivity", {"effectivity": {"effective_to": JUNE}}), ("remove", {})):
        with pytest.raises(Conflict):
            draw(people, empty, operation, lamp.screw, **values)
    assert empty.redlines.count() == 2


def test_values_are_kept_as_the_line_has_them(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    _item, serials = bike(7)
    named = draw(
        people, empty, "effectivity", lamp.screw,
        effectivity={"effective_from": "2027-05-01", "effective_to": None, "serials": serials},
    )  # fmt: skip
    assert named.settings == {
        "effectivity": {"effective_from": "2027-05-01", "effective_to": None, "serials": serials}
    }
    assert named.new_values() == {"effective_from": MAY, "effective_to": None, "serials": serials}
    used = draw(people, empty, "attributes", lamp.screw, attributes=ATTRIBUTES)
    assert used.settings["attributes"]["attrition_percent"] == "2.5"
    assert used.new_values() == {
        "condition": "colour:red and gps:yes",
        "line_type": "consumable",
        "is_optional": True,
        "attrition_percent": Decimal("2.5"),
        "setup_quantity": Decimal(3),
        "rounding_multiple": Decimal(10),
        "notes": "left side",
        "custom_attributes": {"torque": 4},
    }
    # each as a whole: what is not named any more is left alone
    redline_update(actor=people.author, redline_id=used.pk, changes={"attributes": {"notes": "right side"}})
    assert fresh(empty).redlines.get(pk=used.pk).new_values() == {"notes": "right side"}
    told = [
        (entry.changes[0].field, entry.changes[0].before, entry.changes[0].after)
        for entry in change_history(empty)
        if entry.record_id == used.pk and entry.changes
    ]
    assert told[0] == ("condition", "colour:red and gps:yes", None)


def test_a_substitute_takes_the_lines_quantity_or_is_converted(
    people: People, lamp: Lamp, empty: EngineeringChange
) -> None:
    rope = make_product("ROPE", unit_of_measure="m")
    redline = draw(
        people, empty, "substitutes", lamp.cable,
        substitutes=[{"product_id": str(rope.pk)}, {"product_id": lamp.glass.pk, "quantity": "2", "rank": "2"}],
    )  # fmt: skip
    first, second = redline.new_values()["substitutes"]
    assert (first.product_number, first.quantity, first.unit_of_measure, first.rank) == (
        "ROPE",
        Decimal("1.5"),
        "m",
        1,
    )
    assert (second.product_number, second.quantity, second.unit_of_measure) == ("LAMP-GLASS", 2, "each")
    redline_update(
        actor=people.author,
        redline_id=redline.pk,
        changes={"substitutes": [{"product_id": rope.pk, "quantity": "80", "unit_of_measure": "cm"}]},
    )
    (only,) = fresh(empty).redlines.get().new_values()["substitutes"]
    assert (only.quantity, only.unit_of_measure) == (Decimal("0.8"), "m")


# --- judged together ---------------------------------------------------------------------------------------------------
def test_days_and_units_part_find_numbers(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    draw(people, empty, "effectivity", lamp.screw, effectivity={"effective_to": MAY})
    other = draw(people, empty, "add", child_id=lamp.glass.pk, quantity=4, find_number=20)
    assert faults(empty) == {"redlines[1].find_number": "Find number 20 is used twice at the same time."}
    redline_update(actor=people.author, redline_id=other.pk, changes={"effectivity": {"effective_from": MAY}})
    assert faults(empty) == {}
    _item, serials = bike(1, 5)
    redline_update(actor=people.author, redline_id=other.pk, changes={"effectivity": {"serials": serials}})
    assert list(faults(empty)) == ["redlines[1].find_number"]


def test_days_of_two_redlines_must_fit(people: People, lamp: Lamp) -> None:
    """The line itself is open; one redline says the end, and what the base says has moved on meanwhile."""
    new = make_product("NEW")
    line = make_line(new, lamp.glass, 1)
    change = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])
    draw(people, change, "effectivity", line, effectivity={"effective_to": MAY})
    assert faults(change) == {}
    BomLine.objects.filter(pk=line.pk).update(effective_from=JUNE)
    assert faults(change) == {"redlines[0].effective_to": "The end must be after the beginning."}
    with pytest.raises(ValidationFailed):
        draw(people, change, "effectivity", make_line(new, lamp.socket, 1, effective_from=JUNE),
             effectivity={"effective_to": MAY})  # fmt: skip


def test_the_part_itself_is_no_substitute(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    draw(people, empty, "substitutes", lamp.bulb, substitutes=[{"product_id": lamp.glass.pk}])
    assert faults(empty) == {}
    draw(people, empty, "replace", lamp.bulb, child_id=lamp.glass.pk)
    assert faults(empty) == {"redlines[0].substitutes[0].product_id": "A part is no substitute for itself."}


def test_a_substitute_makes_no_cycle(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    street = make_product("STREET")
    make_line(street, lamp.product, 1)
    draw(people, empty, "substitutes", lamp.bulb, substitutes=[{"product_id": street.pk}])
    (name, message), = faults(empty).items()  # fmt: skip
    assert name == "redlines[0].substitutes" and "LAMP → STREET → LAMP" in message


def test_gates_see_what_may_be_taken(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    draw(people, empty, "substitutes", lamp.bulb, substitutes=[{"product_id": lamp.glass.pk}])
    draw(people, empty, "effectivity", lamp.cable, effectivity={"effective_to": "2020-01-01"})
    draw(people, empty, "attributes", lamp.screw, attributes={"line_type": "reference"})
    (planned,) = change_release(fresh(empty)).products
    numbers = dict(Product.objects.values_list("pk", "product_number"))
    assert [numbers[line.child_id] for line in planned.lines] == ["LAMP-BULB", "LAMP-GLASS"]
    unreleased = make_product("RAW")
    redline_update(
        actor=people.author,
        redline_id=empty.redlines.get(operation="substitutes").pk,
        changes={"substitutes": [{"product_id": unreleased.pk}]},
    )
    (held,) = [found.message for result in change_gates(fresh(empty)) for found in result.findings]
    assert "RAW" in held
