"""Redlines of effectivity, attributes and substitutes: what comes of them, and how they are told."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from changes.content import canonical, content_of
from changes.models import EngineeringChange
from changes.selectors import change_difference
from changes.services import (
    affected_add,
    change_create,
    line_redraw,
    product_replace,
    redline_update,
)
from products.models import BomLine, LineSubstitute
from tests.changes.conftest import COMPLETE, Lamp, People, events_of, fresh, make_lamp
from tests.changes.setting_redlines import ATTRIBUTES, JUNE, MAY, bike, carried_out, draw, faults, substitutes_on
from tests.factories import make_line, make_product, make_substitute, release, revision_of


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
