"""Redlines of effectivity, attributes and substitutes: what they take, what they say, what comes of them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from changes.content import canonical, content_of
from changes.models import EngineeringChange, Redline
from changes.selectors import change_difference, change_history
from changes.services import (
    affected_add,
    change_create,
    change_gates,
    change_implement,
    change_problems,
    line_redraw,
    product_replace,
    redline_add,
    redline_update,
)
from changes.services.gating import change_release
from plm_project.core.exceptions import Conflict, ValidationFailed
from products.models import BomLine, LineSubstitute, Product, ProductRevision
from tests.changes.conftest import COMPLETE, Lamp, People, approved, events_of, fresh, make_lamp
from tests.factories import make_line, make_product, make_substitute, release, revision_of

MAY, JUNE = dt.date(2027, 5, 1), dt.date(2027, 6, 1)
ATTRIBUTES: dict[str, Any] = {
    "condition": "Colour:RED  and gps:yes",
    "line_type": "consumable",
    "is_optional": True,
    "attrition_percent": "2.5",
    "setup_quantity": Decimal(3),
    "rounding_multiple": "10",
    "notes": "left side",
    "custom_attributes": {"torque": 4},
}


@pytest.fixture
def empty(people: People, lamp: Lamp) -> EngineeringChange:
    return change_create(actor=people.author, data=COMPLETE, affected=[lamp.product.pk])


def draw(people: People, change: EngineeringChange, operation: str, line: Any = None, **values: Any) -> Redline:
    affected = change.affected.first().pk if operation == "add" else None
    return redline_add(
        actor=people.author,
        change_id=change.pk,
        operation=operation,
        line_id=line.pk if line else None,
        affected_id=affected,
        values=values,
    )


def faults(change: EngineeringChange) -> dict[str, str]:
    return {problem.name: problem.message for problem in change_problems(fresh(change))}


def carried_out(people: People, change: EngineeringChange) -> ProductRevision:
    approved(people, fresh(change))
    change_implement(actor=people.analyst, change_id=change.pk)
    revision = change.affected.first().resulting_revision
    assert revision is not None
    return revision


def substitutes_on(line: BomLine) -> list[tuple[str, int, Decimal, str, str]]:
    rows = line.substitutes.select_related("product").order_by("rank", "product__product_number")
    return [(row.product.product_number, row.rank, row.quantity, row.unit_of_measure, row.note) for row in rows]


def bike(first: int, last: int | None = None) -> tuple[Product, list[dict[str, Any]]]:
    item = make_product(f"BIKE-{first}")
    return item, [{"end_item": str(item.pk), "first": first, "last": last}]


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


# --- carried out -------------------------------------------------------------------------------------------------------
def test_the_new_revision_says_it_and_the_old_does_not(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    _item, serials = bike(80)
    draw(people, empty, "effectivity", lamp.screw, effectivity={"effective_from": MAY, "serials": serials})
    draw(people, empty, "attributes", lamp.screw, attributes=ATTRIBUTES)
    draw(
        people, empty, "substitutes", lamp.screw,
        substitutes=[{"product_id": lamp.glass.pk, "quantity": 4, "rank": 2, "note": "tight"}],
    )  # fmt: skip
    added = draw(
        people, empty, "add", child_id=lamp.socket.pk, quantity=2, effectivity={"effective_to": JUNE},
        attributes={"is_optional": True}, substitutes=[{"product_id": lamp.glass.pk}],
    )  # fmt: skip
    new = carried_out(people, empty)
    line = new.lines.get(predecessor_id=lamp.screw.pk)
    assert (line.effective_from, line.effective_to, line.serials) == (MAY, None, serials)
    assert (line.condition, line.line_type, line.is_optional) == ("colour:red and gps:yes", "consumable", True)
    assert (line.attrition_percent, line.setup_quantity, line.rounding_multiple) == (Decimal("2.5"), 3, 10)
    assert (line.notes, line.custom_attributes) == ("left side", {"torque": 4})
    assert (line.quantity, line.find_number, line.reference_designators) == (4, 20, ["S1", "S2"])
    assert substitutes_on(line) == [("LAMP-GLASS", 2, 4, "each", "tight")]
    made = new.lines.get(pk=added.pk)
    assert (made.effective_to, made.is_optional, made.condition) == (JUNE, True, "")
    assert substitutes_on(made) == [("LAMP-GLASS", 1, 2, "each", "")]
    old = BomLine.objects.get(pk=lamp.screw.pk)
    assert (old.effective_from, old.serials, old.condition, old.is_optional) == (None, None, "", False)
    assert substitutes_on(old) == []
    told = events_of("bom_changed")[-1].event_data
    (edited,) = told["changed"]
    assert edited["before"]["substitutes"] == [] and edited["before"]["effective_date"] is None
    assert edited["after"]["effective_date"] == "2027-05-01"
    assert [row["product_number"] for row in edited["after"]["substitutes"]] == ["LAMP-GLASS"]
    assert [row["product_number"] for row in told["added"][0]["substitutes"]] == ["LAMP-GLASS"]


def test_substitutes_are_exchanged_as_a_whole(people: People, lamp: Lamp) -> None:
    new = make_product("NEW")
    kept, other = make_line(new, make_product("CAP"), 2), make_line(new, lamp.bulb.child, 1)
    release(kept.child)
    for line in (kept, other):
        make_substitute(line, lamp.glass)
        make_substitute(line, lamp.socket, rank=2)
    release(new)
    change = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])
    draw(people, change, "substitutes", kept, substitutes=[{"product_id": lamp.socket.pk, "rank": 1, "quantity": 2}])
    revision = carried_out(people, change)
    assert substitutes_on(revision.lines.get(predecessor_id=kept.pk)) == [("LAMP-SOCKET", 1, 2, "each", "")]
    assert [row[0] for row in substitutes_on(revision.lines.get(predecessor_id=other.pk))] == [
        "LAMP-GLASS",
        "LAMP-SOCKET",
    ]
    assert [row[:2] for row in substitutes_on(kept)] == [("LAMP-GLASS", 1), ("LAMP-SOCKET", 2)]
    again = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])
    draw(people, again, "substitutes", revision.lines.get(predecessor_id=other.pk), substitutes=[])
    third = carried_out(people, again)
    assert [substitutes_on(line) for line in third.lines.order_by("find_number")] == [
        [("LAMP-SOCKET", 1, 2, "each", "")],
        [],
    ]


def test_a_product_never_released_is_edited_in_place(people: People, lamp: Lamp) -> None:
    new = make_product("NEW")
    line = make_line(new, lamp.bulb.child, 1)
    for rank, part in enumerate((lamp.glass, lamp.socket, lamp.screw.child), start=1):
        make_substitute(line, part, rank=rank, quantity=Decimal(1))
    stays = line.substitutes.get(product=lamp.glass)
    change = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])
    draw(people, change, "effectivity", line, effectivity={"effective_to": JUNE})
    draw(people, change, "attributes", line, attributes={"notes": "left", "custom_attributes": {"torque": 4}})
    draw(
        people, change, "substitutes", line,
        substitutes=[
            {"product_id": lamp.glass.pk, "rank": 1, "quantity": 1},
            {"product_id": lamp.socket.pk, "rank": 1, "quantity": 1, "note": "dull"},
            {"product_id": lamp.cable.child_id, "rank": 3, "quantity": "0.5"},
        ],
    )  # fmt: skip
    revision = carried_out(people, change)
    assert revision == revision_of(new) and revision.label == "A"
    stored = BomLine.objects.get(pk=line.pk)
    assert (stored.effective_to, stored.notes, stored.custom_attributes) == (JUNE, "left", {"torque": 4})
    assert substitutes_on(stored) == [
        ("LAMP-GLASS", 1, 1, "each", ""),
        ("LAMP-SOCKET", 1, 1, "each", "dull"),
        ("LAMP-CABLE", 3, Decimal("0.5"), "m", ""),
    ]
    assert LineSubstitute.objects.get(pk=stays.pk).version == stays.version  # nobody touched it
    gone = LineSubstitute.all_objects.get(line=line, product=lamp.screw.child)
    assert gone.is_deleted and gone.history.latest().history_change_reason == f"{change.change_number} implemented"


def test_a_line_that_is_only_redlined_elsewhere_keeps_what_it_says(people: People, lamp: Lamp) -> None:
    new = make_product("NEW")
    line = make_line(new, lamp.bulb.child, 1, effective_from=MAY, condition="colour:red", notes="left")
    release(new)
    change = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])
    draw(people, change, "attributes", line, attributes={"notes": ""})
    made = carried_out(people, change).lines.get()
    assert (made.effective_from, made.condition, made.notes) == (MAY, "colour:red", "")


# --- signed, packed, pictured ------------------------------------------------------------------------------------------
def test_it_is_signed_and_what_says_nothing_reads_as_ever(
    people: People, lamp: Lamp, empty: EngineeringChange
) -> None:
    draw(people, empty, "quantity", lamp.screw, quantity=6)
    plain = content_of(fresh(empty))["redlines"][0]
    assert set(plain) == {
        "affected_id", "position", "operation", "line_id", "child_id", "quantity", "unit_of_measure", "find_number",
        "reference_designators", "note",
    }  # fmt: skip
    redline = draw(people, empty, "effectivity", lamp.screw, effectivity={"effective_to": MAY})
    before = canonical(content_of(fresh(empty)))
    assert json.loads(before)["redlines"][1]["settings"] == {"effectivity": {"effective_to": "2027-05-01"}}
    redline_update(actor=people.author, redline_id=redline.pk, changes={"effectivity": {"effective_to": None}})
    after = canonical(content_of(fresh(empty)))
    assert json.loads(after)["redlines"][1]["settings"] == {"effectivity": {"effective_to": None}}
    assert after != before


def test_the_picture_tells_old_and_new(people: People, lamp: Lamp) -> None:
    new = make_product("NEW")
    line = make_line(new, lamp.bulb.child, 1, effective_from=MAY, notes="left", custom_attributes={"torque": 4})
    make_line(new, lamp.cable.child, 1, condition="gps:yes")
    make_substitute(line, lamp.glass)
    release(new)
    change = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])
    draw(people, change, "effectivity", line, effectivity={"effective_from": None, "effective_to": JUNE})
    draw(people, change, "attributes", line, attributes={"notes": "left", "is_optional": True})
    draw(people, change, "substitutes", line, substitutes=[{"product_id": lamp.socket.pk}])

    def told() -> dict[str, tuple[Any, Any]]:
        (row,) = change_difference(fresh(change))[0].changed_rows
        return {found.field: (found.old, found.new) for found in row.changes}

    drawn = told()
    assert drawn.pop("substitutes")[0][0]["product_number"] == "LAMP-GLASS"
    assert drawn == {
        "effective_from": ("2027-05-01", None),
        "effective_to": (None, "2027-06-01"),
        "is_optional": (False, True),
    }
    other = change_difference(fresh(change))[0].rows[1]
    assert (other.kind, other.values["condition"], "effective_to" in other.values) == ("unchanged", "gps:yes", False)
    before = told()
    carried_out(people, change)
    assert told() == before


def test_a_picture_drawn_before_there_were_settings_is_read(
    people: People, lamp: Lamp, empty: EngineeringChange
) -> None:
    redline = draw(people, empty, "quantity", lamp.screw, quantity=6)
    assert set(redline.before) == {
        "line_id", "child_id", "product_number", "product_name", "quantity", "unit_of_measure", "find_number",
        "reference_designators",
    }  # fmt: skip
    draw(people, empty, "effectivity", lamp.screw, effectivity={"effective_to": MAY})
    (row,) = change_difference(fresh(empty))[0].changed_rows
    assert [(found.field, found.old, found.new) for found in row.changes] == [
        ("quantity", "4", "6"),
        ("effective_to", None, "2027-05-01"),
    ]


# --- by the line as a whole --------------------------------------------------------------------------------------------
def test_redrawing_a_line_draws_what_differs(people: People, lamp: Lamp) -> None:
    new = make_product("NEW")
    line = make_line(new, lamp.bulb.child, 1, effective_from=MAY, custom_attributes={"torque": 4})
    make_substitute(line, lamp.glass)
    release(new)
    change = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])

    def redraw(**values: Any) -> dict[str, dict[str, Any]]:
        line_redraw(actor=people.author, change_id=change.pk, line_id=line.pk, values=values)
        return {row.operation: row.new_values() for row in change.redlines.all()}

    same = [{"product_id": lamp.glass.pk, "quantity": 1, "rank": 1}]
    assert redraw(effective_from=MAY, effective_to=None, condition="", notes="", substitutes=same) == {}
    assert redraw(effective_from=None, is_optional=True, quantity=Decimal(1)) == {
        "effectivity": {"effective_from": None},
        "attributes": {"is_optional": True},
    }
    # what is not named keeps its redline; a kind that is named in part keeps the rest of it
    assert redraw(notes="left") == {
        "effectivity": {"effective_from": None},
        "attributes": {"is_optional": True, "notes": "left"},
    }
    assert redraw(effective_from=MAY, is_optional=False, notes="", custom_attributes={"torque": 4}) == {}
    found = redraw(quantity=Decimal(2), substitutes=[*same, {"product_id": lamp.socket.pk}])
    assert [(one.product_number, one.quantity) for one in found["substitutes"]["substitutes"]] == [
        ("LAMP-GLASS", 1),
        ("LAMP-SOCKET", 2),
    ]
    assert found["quantity"] == {"quantity": 2}


def test_replacing_everywhere_keeps_what_the_lines_say(people: People, lamp: Lamp) -> None:
    new = make_product("NEW")
    line = make_line(new, lamp.bulb.child, 1, effective_from=MAY)
    make_substitute(line, lamp.socket)
    release(new)
    done = product_replace(
        actor=people.author, product_id=lamp.bulb.child_id, by_id=lamp.glass.pk,
        revisions={revision_of(new).pk: None}, reason="brighter",
    )  # fmt: skip
    assert done.change is not None
    redline = done.change.redlines.get()
    assert redline.settings is None and redline.before["effective_from"] == "2027-05-01"
    assert [row["product_number"] for row in redline.before["substitutes"]] == ["LAMP-SOCKET"]
    made = carried_out(people, done.change).lines.get()
    assert (made.child_id, made.effective_from, substitutes_on(made)[0][0]) == (lamp.glass.pk, MAY, "LAMP-SOCKET")


def test_several_products_at_once(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    other = make_lamp("OTHER")
    affected_add(actor=people.author, change_id=empty.pk, product_id=other.product.pk)
    for one in (lamp, other):
        draw(people, empty, "substitutes", one.bulb, substitutes=[{"product_id": one.glass.pk}])
    assert faults(empty) == {}
    carried_out(people, empty)
    for one in (lamp, other):
        line = revision_of(one.product).lines.get(predecessor_id=one.bulb.pk)
        assert [row[0] for row in substitutes_on(line)] == [one.glass.product_number]
