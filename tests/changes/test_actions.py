"""What a change does with a product: release, revise, make obsolete, replace, add, remove; each from its day, for its units."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from changes.content import content_hash, content_of
from changes.models import ChangePolicy, EngineeringChange
from changes.selectors import change_history
from changes.services import (
    affected_add,
    affected_update,
    change_create,
    change_gates,
    change_implement,
    change_policy_update,
    change_problems,
    redline_add,
    uses_redline,
)
from plm_project.core import clock
from plm_project.core.exceptions import Conflict, ValidationFailed
from products.models import BomLine, Product, ProductRevision
from products.services import revision_create
from tests.changes.conftest import COMPLETE, Lamp, People, approved, events_of, fresh
from tests.factories import make_line, make_product, release

pytestmark = pytest.mark.django_db


def draft_of(people: People, *products: Product, **data: Any) -> EngineeringChange:
    return change_create(actor=people.author, data={**COMPLETE, **data}, affected=[one.pk for one in products])


def add(people: People, change: EngineeringChange, product: Product, **values: Any) -> Any:
    return affected_add(actor=people.author, change_id=change.pk, product_id=product.pk, values=values)


def told(change: EngineeringChange) -> dict[str, str]:
    return {problem.name: problem.message for problem in change_problems(fresh(change))}


def implemented(people: People, change: EngineeringChange) -> EngineeringChange:
    approved(people, change)
    return change_implement(actor=people.analyst, change_id=change.pk)


def test_the_action_follows_from_the_revision_a_product_starts_from(people: People, lamp: Lamp) -> None:
    new = make_product("NEW")
    change = draft_of(people, lamp.product, new)
    assert [entry.action for entry in change.affected.all()] == ["revise", "release"]


def test_what_was_released_in_place_stays_a_release(people: People) -> None:
    new = make_product("NEW")
    done = implemented(people, draft_of(people, new))
    assert done.affected.get().action == "release"


@pytest.mark.parametrize("action", ["revise", "add", "remove"])
def test_what_was_never_released_is_released_first(people: People, action: str, scope: None) -> None:
    change = draft_of(people, make_product("OTHER"))
    with pytest.raises(ValidationFailed) as refusal:
        add(people, change, make_product("NEW"), action=action)
    assert refusal.value.details == {"action": ["NEW was never released: release it."]}
    assert change.affected.count() == 1


def test_a_released_revision_is_not_released_again(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    with pytest.raises(ValidationFailed) as refusal:
        add(people, change, lamp.product, action="release")
    assert list(refusal.value.details) == ["action"]


def test_an_action_takes_its_own_values_alone(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    with pytest.raises(ValidationFailed) as refusal:
        add(people, change, lamp.product, action="revise", replacement_id=lamp.glass.pk)
    assert list(refusal.value.details) == ["replacement_id"]
    with pytest.raises(ValidationFailed) as refusal:
        add(people, change, lamp.glass, action="add", effective_from=clock.today())
    assert list(refusal.value.details) == ["effective_from"]
    assert not change.affected.exists()


def test_another_action_drops_what_only_the_former_took(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    entry = add(people, change, lamp.bulb.child, action="obsolete", replacement_id=lamp.glass.pk)
    changed = affected_update(actor=people.author, affected_id=entry.pk, changes={"action": "revise"})
    assert (changed.action, changed.replacement_id) == ("revise", None)


def test_redlines_keep_a_product_from_going_out_of_use(people: People, draft: EngineeringChange) -> None:
    entry = draft.affected.get()
    with pytest.raises(Conflict, match="has redlines"):
        affected_update(actor=people.author, affected_id=entry.pk, changes={"action": "obsolete"})
    assert draft.affected.get().action == "revise"


def test_what_gets_no_revision_takes_no_redlines(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    add(people, change, lamp.product, action="obsolete")
    with pytest.raises(Conflict, match="gets no revision"):
        redline_add(actor=people.author, change_id=change.pk, operation="remove", line_id=lamp.screw.pk)
    assert not change.redlines.exists()


def test_a_product_does_not_replace_itself(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    with pytest.raises(ValidationFailed) as refusal:
        add(people, change, lamp.glass, action="replace", replacement_id=lamp.glass.pk)
    assert refusal.value.details["replacement_id"] == ["A product cannot replace itself."]


# --- obsolete --------------------------------------------------------------------------------------------------------
def test_what_is_used_nowhere_goes_without_a_replacement(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    entry = add(people, change, lamp.product, action="obsolete")
    done = implemented(people, change)
    product = Product.objects.get(pk=lamp.product.pk)
    revision = ProductRevision.objects.get(pk=lamp.base.pk)
    assert (product.lifecycle_phase, revision.state, revision.effective_to) == ("obsolete", "obsolete", clock.today())
    assert done.affected.get(pk=entry.pk).resulting_revision_id is None
    assert [event.event_data["to"] for event in events_of("lifecycle_phase_changed")] == ["obsolete"]
    facts = events_of("change_implemented")[-1].event_data["affected_products"]
    assert [(one["product_number"], one["action"]) for one in facts] == [("LAMP", "obsolete")]


def test_what_is_still_used_needs_its_replacement(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    entry = add(people, change, lamp.bulb.child, action="obsolete")
    text = "LAMP-BULB is still used in LAMP: name its replacement, or take it out there."
    assert told(change) == {"affected[0].replacement": text}
    affected_update(actor=people.author, affected_id=entry.pk, changes={"replacement_id": lamp.glass.pk})
    assert told(change) == {}
    implemented(people, change)
    bulb = Product.objects.get(pk=lamp.bulb.child_id)
    assert (bulb.lifecycle_phase, bulb.replaced_by_id) == ("obsolete", lamp.glass.pk)


def test_a_use_that_the_same_change_ends_is_none(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    add(people, change, lamp.bulb.child, action="obsolete")
    redline_add(actor=people.author, change_id=change.pk, operation="remove", line_id=lamp.bulb.pk)
    assert told(change) == {}


def test_a_use_that_the_same_change_begins_is_one(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    entry = change.affected.get()
    add(people, change, lamp.socket, action="obsolete")
    redline_add(
        actor=people.author,
        change_id=change.pk,
        operation="add",
        affected_id=entry.pk,
        values={"child_id": lamp.socket.pk, "quantity": 1},
    )
    assert list(told(change)) == ["affected[1].replacement"]


def test_two_that_go_out_of_use_together_do_not_hold_each_other(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    add(people, change, lamp.product, action="obsolete")
    add(people, change, lamp.bulb.child, action="obsolete")
    assert told(change) == {}


def test_a_use_that_comes_after_the_approval_holds_the_release(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    add(people, change, lamp.socket, action="obsolete")
    approved(people, change)
    release_with = make_product("TORCH")
    make_line(release_with, lamp.socket, 1)
    with pytest.raises(ValidationFailed, match="LAMP-SOCKET is still used in TORCH"):
        change_implement(actor=people.analyst, change_id=change.pk)
    assert Product.objects.get(pk=lamp.socket.pk).lifecycle_phase != "obsolete"
    assert fresh(change).status == "approved"


def test_a_replacement_must_be_usable(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    new = make_product("NEW-BULB")
    entry = add(people, change, lamp.bulb.child, action="obsolete", replacement_id=new.pk)
    text = "The replacement NEW-BULB is not released, and not in this change."
    assert told(change) == {"affected[0].replacement": text}
    add(people, change, new)
    assert told(change) == {}
    affected_update(actor=people.author, affected_id=entry.pk, changes={"replacement_id": lamp.glass.pk})
    add(people, change, lamp.glass, action="obsolete")
    assert told(change) == {"affected[0].replacement": "The replacement LAMP-GLASS goes out of use itself."}


def test_one_whose_next_revision_is_under_way_stays(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    add(people, change, lamp.product, action="obsolete")
    revision_create(actor=people.author, product_id=lamp.product.pk)
    assert told(change) == {"affected[0].base_revision": "Revision B of LAMP is in work already."}


# --- replace ---------------------------------------------------------------------------------------------------------
def test_what_is_replaced_stands_nowhere_any_more(people: People, lamp: Lamp) -> None:
    other = make_product("TORCH")
    make_line(other, lamp.bulb.child, 2)
    release(other)
    change = draft_of(people)
    entry = add(people, change, lamp.bulb.child, action="replace")
    assert told(change) == {"affected[0].replacement": "Name what replaces LAMP-BULB."}
    affected_update(actor=people.author, affected_id=entry.pk, changes={"replacement_id": lamp.glass.pk})
    assert told(change) == {"affected[0].replacement": "LAMP-BULB still stands in LAMP, TORCH: redline it there."}

    came = uses_redline(actor=people.author, affected_id=entry.pk)
    assert sorted(one.product.product_number for one in came) == ["LAMP", "TORCH"]
    assert told(change) == {}
    assert uses_redline(actor=people.author, affected_id=entry.pk) == []
    assert change.redlines.count() == 2

    implemented(people, change)
    assert not BomLine.objects.filter(child=lamp.bulb.child, parent_revision__state="released").exists()
    now = BomLine.objects.filter(child=lamp.glass, parent_revision__state="released")
    assert sorted(now.values_list("parent_revision__product__product_number", "quantity")) == [
        ("LAMP", 1),
        ("TORCH", 2),
    ]


def test_what_is_redlined_by_hand_is_left_as_it_is(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    redline_add(actor=people.author, change_id=change.pk, operation="remove", line_id=lamp.bulb.pk)
    entry = add(people, change, lamp.bulb.child, action="replace", replacement_id=lamp.glass.pk)
    assert uses_redline(actor=people.author, affected_id=entry.pk) == []
    assert [redline.operation for redline in change.redlines.all()] == ["remove"]


def test_only_what_is_replaced_is_redlined_where_it_is_used(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    entry = add(people, change, lamp.bulb.child, action="obsolete", replacement_id=lamp.glass.pk)
    with pytest.raises(Conflict):
        uses_redline(actor=people.author, affected_id=entry.pk)
    assert not change.redlines.exists()


# --- add and remove --------------------------------------------------------------------------------------------------
def test_what_comes_in_or_goes_is_redlined(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    add(people, change, lamp.glass, action="add")
    add(people, change, lamp.bulb.child, action="remove")
    redline_add(actor=people.author, change_id=change.pk, operation="quantity", line_id=lamp.screw.pk,
                values={"quantity": 6})  # fmt: skip
    assert told(change) == {
        "affected[1].action": "No redline adds LAMP-GLASS.",
        "affected[2].action": "No redline takes LAMP-BULB out.",
    }
    redline_add(actor=people.author, change_id=change.pk, operation="replace", line_id=lamp.bulb.pk,
                values={"child_id": lamp.glass.pk})  # fmt: skip
    assert told(change) == {}
    done = implemented(people, change)
    assert [entry.resulting_revision and entry.resulting_revision.label for entry in done.affected.all()] == [
        "B", None, None,
    ]  # fmt: skip
    assert Product.objects.get(pk=lamp.glass.pk).lifecycle_phase != "obsolete"


def test_placing_alone_changes_nothing(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    add(people, change, lamp.glass, action="add")
    assert "affected" in told(change)


# --- effectivity -----------------------------------------------------------------------------------------------------
def test_each_product_has_its_own_day(people: People, lamp: Lamp) -> None:
    soon, later = clock.today() + dt.timedelta(days=10), clock.today() + dt.timedelta(days=40)
    other = make_product("TORCH")
    line = make_line(other, lamp.socket, 1)
    release(other)
    change = draft_of(people, lamp.product, other, effective_from=soon)
    for one in (lamp.screw, line):
        redline_add(actor=people.author, change_id=change.pk, operation="quantity", line_id=one.pk,
                    values={"quantity": 9})  # fmt: skip
    entry = change.affected.get(product=other)
    affected_update(actor=people.author, affected_id=entry.pk, changes={"effective_from": later})
    done = implemented(people, change)
    began = {row.product.product_number: row.resulting_revision.effective_from for row in done.affected.all()}
    assert began == {"LAMP": soon, "TORCH": later}
    before = ProductRevision.objects.get(pk=line.parent_revision_id)
    assert before.effective_to == later


def test_a_day_before_the_base_is_told_at_once(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    redline_add(actor=people.author, change_id=change.pk, operation="remove", line_id=lamp.bulb.pk)
    early = lamp.base.effective_from - dt.timedelta(days=1)
    affected_update(actor=people.author, affected_id=change.affected.get().pk, changes={"effective_from": early})
    assert list(told(change)) == ["affected[0].effective_from"]


def test_a_revision_for_some_units_leaves_the_former_to_the_others(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    redline_add(actor=people.author, change_id=change.pk, operation="remove", line_id=lamp.bulb.pk)
    entry = change.affected.get()
    units = [{"end_item": str(lamp.product.pk), "first": 100, "last": None}]
    affected_update(actor=people.author, affected_id=entry.pk, changes={"serials": units})
    done = implemented(people, change)
    made = done.affected.get().resulting_revision
    assert made is not None and made.serials == units
    assert ProductRevision.objects.get(pk=lamp.base.pk).effective_to is None


def test_units_of_an_unknown_end_item_are_refused(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    units = [{"end_item": "00000000-0000-7000-8000-000000000000", "first": 1, "last": 2}]
    entry = change.affected.get()
    with pytest.raises(ValidationFailed) as refusal:
        affected_update(actor=people.author, affected_id=entry.pk, changes={"serials": units})
    assert refusal.value.details == {"serials": ["There is no such end item."]}
    assert change.affected.get().serials is None


def test_an_obsolete_product_ends_on_its_day(people: People, lamp: Lamp) -> None:
    day = clock.today() + dt.timedelta(days=30)
    change = draft_of(people)
    add(people, change, lamp.product, action="obsolete", effective_from=day)
    implemented(people, change)
    assert ProductRevision.objects.get(pk=lamp.base.pk).effective_to == day


# --- what others see of it -------------------------------------------------------------------------------------------
def test_what_happens_is_signed(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    redline_add(actor=people.author, change_id=change.pk, operation="remove", line_id=lamp.bulb.pk)
    plain = content_hash(fresh(change))
    assert "actions" not in content_of(fresh(change))
    entry = add(people, change, lamp.bulb.child, action="obsolete")
    obsolete = content_hash(fresh(change))
    affected_update(actor=people.author, affected_id=entry.pk, changes={"replacement_id": lamp.glass.pk})
    assert len({plain, obsolete, content_hash(fresh(change))}) == 3


def test_the_history_tells_it_in_words(people: People, lamp: Lamp) -> None:
    change = draft_of(people, lamp.product)
    entry = change.affected.get()
    units = [{"end_item": str(lamp.product.pk), "first": 100, "last": None}]
    affected_update(actor=people.author, affected_id=entry.pk, changes={"serials": units})
    affected_update(
        actor=people.author, affected_id=entry.pk, changes={"action": "obsolete", "replacement_id": lamp.glass.pk}
    )
    changed = [found for one in change_history(change) if one.record == "affected_product" for found in one.changes]
    told = [(found.field, found.before, found.after) for found in changed]
    assert sorted(told, key=str) == [
        ("chosen_action", "", "obsolete"), ("replacement", None, "LAMP-GLASS"),
        ("serials", None, units), ("serials", units, None),
    ]  # fmt: skip


def test_the_gate_names_what_replaces_an_obsolete_part(people: People, lamp: Lamp) -> None:
    change = draft_of(people)
    add(people, change, lamp.bulb.child, action="obsolete", replacement_id=lamp.glass.pk)
    implemented(people, change)
    other = draft_of(people, lamp.product)
    redline_add(actor=people.author, change_id=other.pk, operation="quantity", line_id=lamp.screw.pk,
                values={"quantity": 5})  # fmt: skip
    held = [finding.message for result in change_gates(fresh(other)) for finding in result.findings]
    assert held == ["LAMP-BULB is obsolete; LAMP-GLASS replaces it."]


def test_what_comes_in_needs_no_decision_on_existing_parts(people: People, lamp: Lamp) -> None:
    policy = ChangePolicy.objects.get()
    change_policy_update(actor=people.manager, policy_id=policy.pk, changes={"dispositions_required": True})
    change = draft_of(people, lamp.product)
    add(people, change, lamp.glass, action="add")
    add(people, change, lamp.bulb.child, action="remove")
    redline_add(actor=people.author, change_id=change.pk, operation="replace", line_id=lamp.bulb.pk,
                values={"child_id": lamp.glass.pk})  # fmt: skip
    assert sorted(told(change)) == ["affected[0].dispositions", "affected[2].dispositions"]
