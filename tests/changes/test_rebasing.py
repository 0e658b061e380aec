"""Two changes of one released revision: when one is released, the other follows, and a person settles the rest."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.models import EngineeringChange, Redline
from changes.selectors import approvals_waiting_for
from changes.services import (
    change_create,
    change_implement,
    change_rebase,
    change_reopen,
    change_submit,
    change_withdraw,
    conflict_settle,
    line_redraw,
    redline_add,
    redline_update,
)
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, PlmError, ValidationFailed
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from products.models import BomLine, Product
from tests.changes.api_calls import Api
from tests.changes.conftest import COMPLETE, Lamp, People, events_of, footprint, fresh
from tests.conftest import MakeActor
from tests.factories import make_line, make_product, release, revision_of
from tests.signing import change_approve

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Draw = Callable[..., EngineeringChange]
Carry = Callable[[EngineeringChange], None]


@pytest.fixture
def draw(people: People, lamp: Lamp) -> Draw:
    """A draft on the lamp: draw(screw={"quantity": 6}, bulb=None) edits one line and removes another."""

    def drawn(title: str = "One", **edits: Any) -> EngineeringChange:
        change = change_create(
            actor=people.author, data={**COMPLETE, "change_title": f"Change {title}"}, affected=[lamp.product.pk]
        )
        lines = {line.find_number: line for line in change.affected.get().base_revision.lines.all()}
        for name, values in edits.items():
            line = lines[getattr(lamp, name).find_number]
            if values is None:
                redline_add(actor=people.author, change_id=change.pk, operation="remove", line_id=line.pk)
            else:
                line_redraw(actor=people.author, change_id=change.pk, line_id=line.pk, values=values)
        return fresh(change)

    return drawn


@pytest.fixture
def carry(people: People, tenant: Tenant) -> Carry:
    """Bring a draft to its release, and let everybody hear of it."""

    def carried(change: EngineeringChange) -> None:
        change_submit(actor=people.author, change_id=change.pk)
        change_approve(actor=people.technical, change_id=change.pk)
        change_implement(actor=people.analyst, change_id=change.pk)
        relay_tenant(tenant.pk)

    return carried


def lines_of(product: Product) -> list[tuple[Any, ...]]:
    rows = revision_of(product).lines.select_related("child").order_by("find_number")
    return [
        (line.find_number, line.child.product_number, line.quantity, tuple(line.reference_designators))
        for line in rows
    ]


def edits_of(change: EngineeringChange) -> list[tuple[Any, ...]]:
    return sorted(
        (row.operation, row.line.find_number if row.line else row.find_number, len(row.conflicts))
        for row in change.redlines.select_related("line")
    )


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_does_not_meet_merges_in_either_order(
    draw: Draw, carry: Carry, lamp: Lamp, order: tuple[int, int]
) -> None:
    two = [
        draw("A", screw={"quantity": Decimal(6)}, bulb={"child_id": lamp.glass.pk}),
        draw("B", screw={"find_number": 25}, cable=None),
    ]
    for at in order:
        carry(fresh(two[at]))
    assert lines_of(lamp.product) == [(10, "LAMP-GLASS", 1, ()), (25, "LAMP-SCREW", 6, ("S1", "S2"))]


def test_what_both_want_is_released_once(people: People, draw: Draw, carry: Carry, lamp: Lamp) -> None:
    first = draw("A", screw={"quantity": Decimal(6)}, bulb=None)
    second = draw("B", screw={"quantity": Decimal(6)}, bulb=None, cable={"quantity": Decimal(2)})
    carry(first)
    assert edits_of(second) == [("quantity", 30, 0)]
    assert second.affected.get().base_revision.label == "B"
    assert fresh(second).history.order_by("-history_date").first().history_change_reason == "rebased: LAMP A → B"
    carry(second)
    assert lines_of(lamp.product) == [(20, "LAMP-SCREW", 6, ("S1", "S2")), (30, "LAMP-CABLE", 2, ())]


@pytest.mark.parametrize("take", ["mine", "theirs", "another"])
def test_a_conflict_waits_for_a_person(people: People, draw: Draw, carry: Carry, lamp: Lamp, take: str) -> None:
    first, second = draw("A", screw={"quantity": Decimal(6)}), draw("B", screw={"quantity": Decimal(8)}, bulb=None)
    carry(first)
    assert edits_of(second) == [("quantity", 20, 1), ("remove", 10, 0)]
    redline = second.redlines.get(operation="quantity")
    (told,) = redline.conflicts
    assert (told["field"], told["base"], told["theirs"], told["mine"]) == ("quantity", "4", "6", "8")
    assert told["by"] == first.change_number
    before = footprint()
    with pytest.raises(Conflict) as held:
        change_submit(actor=people.author, change_id=second.pk)
    (name,) = held.value.details
    assert name.startswith("redlines[") and name.endswith("].quantity")
    assert held.value.details[name] == [f"Quantity: it was 4, {first.change_number} released 6, this change says 8."]
    assert footprint() == before
    if take == "another":
        redline_update(actor=people.author, redline_id=redline.pk, changes={"quantity": Decimal(7)})
    else:
        left = conflict_settle(actor=people.author, redline_id=redline.pk, take=take)
        assert (left is None) == (take == "theirs")
    with pytest.raises(PlmError, match=r"nothing to settle|no such redline"):
        conflict_settle(actor=people.author, redline_id=redline.pk, take="mine")
    carry(fresh(second))
    quantity = {"mine": 8, "theirs": 6, "another": 7}[take]
    assert lines_of(lamp.product) == [
        (20, "LAMP-SCREW", quantity, ("S1", "S2")),
        (30, "LAMP-CABLE", Decimal("1.5"), ()),
    ]


@pytest.mark.parametrize("take", ["mine", "theirs"])
def test_they_removed_what_i_edit(people: People, draw: Draw, carry: Carry, lamp: Lamp, take: str) -> None:
    first = draw("A", screw=None)
    second = draw("B", screw={"quantity": Decimal(8), "find_number": 22}, cable={"quantity": Decimal(3)})
    carry(first)
    held = [row for row in second.redlines.all() if row.conflicts]
    assert len(held) == 1 and held[0].conflicts[0]["field"] == "line"
    with pytest.raises(Conflict, match="removed this line, which this change edits: LAMP-SCREW 8 pack S1, S2"):
        change_submit(actor=people.author, change_id=second.pk)
    conflict_settle(actor=people.author, redline_id=held[0].pk, take=take)
    carry(fresh(second))
    screw = [(22, "LAMP-SCREW", 8, ("S1", "S2"))] if take == "mine" else []
    assert lines_of(lamp.product) == [(10, "LAMP-BULB", 1, ()), *screw, (30, "LAMP-CABLE", 3, ())]


@pytest.mark.parametrize("take", ["mine", "theirs"])
def test_they_edited_what_i_remove(people: People, draw: Draw, carry: Carry, lamp: Lamp, take: str) -> None:
    first, second = draw("A", screw={"quantity": Decimal(6)}), draw("B", screw=None, bulb=None)
    carry(first)
    redline = second.redlines.get(line__find_number=20)
    with pytest.raises(Conflict, match="edited this line, which this change removes: LAMP-SCREW 6 pack"):
        change_submit(actor=people.author, change_id=second.pk)
    conflict_settle(actor=people.author, redline_id=redline.pk, take=take)
    carry(fresh(second))
    screw = [(20, "LAMP-SCREW", 6, ("S1", "S2"))] if take == "theirs" else []
    assert lines_of(lamp.product) == [*screw, (30, "LAMP-CABLE", Decimal("1.5"), ())]


@pytest.mark.parametrize(
    ("theirs", "mine", "fields"),
    [
        ({"quantity": Decimal(6)}, {"quantity": Decimal(8)}, ["quantity"]),
        (None, {"quantity": Decimal(8), "find_number": 22}, ["line"]),
        ({"quantity": Decimal(6)}, None, ["line"]),
    ],
)
def test_what_nobody_settled_stands_open_over_the_next_release(
    people: People, draw: Draw, carry: Carry, theirs: Any, mine: Any, fields: list[str]
) -> None:
    first, second, third = draw("A", screw=theirs), draw("B", screw=mine), draw("C", bulb=None)
    for other in (first, third):
        carry(fresh(other))
        held = [told["field"] for row in second.redlines.all() for told in row.conflicts]
        assert held == fields
    assert second.affected.get().base_revision.label == "C"
    with pytest.raises(Conflict):
        change_submit(actor=people.author, change_id=second.pk)


def test_designators_merge_as_sets(people: People, carry: Carry) -> None:
    """The worked example of docs/changes.md: one board, two notices, drawn at the same time."""
    board, resistor = make_product("BOARD"), make_product("RES-10K")
    make_line(board, resistor, 3, reference_designators=("R1", "R2", "R3"))
    release(resistor)
    base = release(board)
    line = base.lines.get()

    def notice(quantity: int, marks: list[str]) -> EngineeringChange:
        change = change_create(actor=people.author, data=COMPLETE, affected=[board.pk])
        values = {"quantity": Decimal(quantity), "reference_designators": marks}
        line_redraw(actor=people.author, change_id=change.pk, line_id=line.pk, values=values)
        return fresh(change)

    adds, takes = notice(5, ["R1", "R2", "R3", "R10", "R4"]), notice(2, ["R1", "R3"])
    carry(adds)
    carry(fresh(takes))
    assert lines_of(board) == [(10, "RES-10K", 4, ("R1", "R3", "R4", "R10"))]


def test_over_several_revisions(people: People, draw: Draw, carry: Carry, lamp: Lamp, tenant: Tenant) -> None:
    """One that was withdrawn meanwhile, so that nobody rebased it, catches up with three releases at once."""
    sleeper = draw("Z", cable={"quantity": Decimal(9)}, screw={"quantity": Decimal(5)})
    change_submit(actor=people.author, change_id=sleeper.pk)
    change_withdraw(actor=people.author, change_id=sleeper.pk, reason="later")
    for at, edits in enumerate([{"bulb": None}, {"screw": {"find_number": 21}}, {"screw": {"find_number": 22}}]):
        number = 21 if at == 2 else 20
        lamp.screw.find_number = number
        carry(draw(f"N{at}", **edits))
    assert sleeper.affected.get().base_revision.label == "A"
    change_reopen(actor=people.author, change_id=sleeper.pk)
    with pytest.raises(Conflict, match="no longer the current one"):
        change_submit(actor=people.author, change_id=sleeper.pk)
    (done,) = change_rebase(actor=people.author, change_id=sleeper.pk)
    assert (done.from_label, done.to_label, done.conflicts) == ("A", "D", 0)
    assert change_rebase(actor=people.author, change_id=sleeper.pk) == []
    carry(fresh(sleeper))
    assert lines_of(lamp.product) == [(22, "LAMP-SCREW", 5, ("S1", "S2")), (30, "LAMP-CABLE", 9, ())]


def test_votes_for_the_old_content_do_not_count(people: People, draw: Draw, carry: Carry, lamp: Lamp) -> None:
    first, second = draw("A", bulb=None), draw("B", screw={"quantity": Decimal(6)})
    change_submit(actor=people.author, change_id=second.pk)
    change_approve(actor=people.technical, change_id=second.pk)
    carry(first)
    with pytest.raises(Conflict, match="content has changed since it was signed"):
        change_implement(actor=people.analyst, change_id=second.pk)
    change_withdraw(actor=people.author, change_id=second.pk, reason="another base")
    change_reopen(actor=people.author, change_id=second.pk)
    carry(fresh(second))
    assert lines_of(lamp.product) == [
        (20, "LAMP-SCREW", 6, ("S1", "S2")), (30, "LAMP-CABLE", Decimal("1.5"), ())
    ]  # fmt: skip


def test_who_approved_while_others_wait_is_asked_again(
    people: People, draw: Draw, carry: Carry, make_actor: MakeActor
) -> None:
    first, second = draw("A", bulb=None), draw("B", screw={"quantity": Decimal(6)})
    other = make_actor("technical_approver", email="second@acme.example")
    change_submit(actor=people.author, change_id=second.pk)
    change_approve(actor=people.technical, change_id=second.pk, comment="six screws")
    assert not approvals_waiting_for(people.technical.user_id).filter(change=second).exists()
    change_submit(actor=people.author, change_id=first.pk)
    for actor in (people.technical, other):
        change_approve(actor=actor, change_id=first.pk)
    change_implement(actor=people.analyst, change_id=first.pk)
    assert change_rebase(actor=people.author, change_id=second.pk)
    vote = fresh(second).round_approvals().get(approver_id=people.technical.user_id)
    assert (vote.decision, vote.signed_name, vote.content_hash, vote.decided_at) == ("pending", "", "", None)
    assert approvals_waiting_for(people.technical.user_id).filter(change=second).exists()
    said = vote.history.order_by("history_date", "history_id")
    assert [(row.decision, row.comment) for row in said] == [
        ("pending", ""), ("approved", "six screws"), ("pending", "")
    ]  # fmt: skip
    (told,) = events_of("approvals_asked")
    assert (told.entity_id, told.event_data["why"]) == (second.pk, "rebased")
    assert [row["user_id"] for row in told.event_data["approvers"]] == [str(people.technical.user_id)]
    for actor in (other, people.technical):
        change_approve(actor=actor, change_id=second.pk)
    assert change_implement(actor=people.analyst, change_id=second.pk).status == "implemented"


def test_a_conflict_in_what_is_approved_is_not_released(people: People, draw: Draw, carry: Carry) -> None:
    first, second = draw("A", screw={"quantity": Decimal(6)}), draw("B", screw={"quantity": Decimal(8)})
    change_submit(actor=people.author, change_id=second.pk)
    carry(first)
    change_approve(actor=people.technical, change_id=second.pk)  # signed with the conflict in sight
    with pytest.raises(Conflict, match="this change says 8"):
        change_implement(actor=people.analyst, change_id=second.pk)


def test_who_may(people: People, draw: Draw, carry: Carry, make_actor: MakeActor) -> None:
    first, second = draw("A", screw={"quantity": Decimal(6)}), draw("B", screw={"quantity": Decimal(8)})
    carry(first)
    redline = second.redlines.get()
    stranger = make_actor("engineer", email="stranger@acme.example")
    for actor in (people.viewer, stranger):
        with pytest.raises(PermissionDenied):
            change_rebase(actor=actor, change_id=second.pk)
        with pytest.raises(PermissionDenied):
            conflict_settle(actor=actor, redline_id=redline.pk, take="mine")
    with pytest.raises(ValidationFailed):
        conflict_settle(actor=people.author, redline_id=redline.pk, take="both")
    with pytest.raises(Conflict, match="Only an open change"):
        change_rebase(actor=people.manager, change_id=first.pk)
    conflict_settle(actor=people.manager, redline_id=redline.pk, take="mine")
    carry(fresh(second))


def test_additions_stay_and_a_used_find_number_is_said(people: People, draw: Draw, carry: Carry, lamp: Lamp) -> None:
    first, second = draw("A"), draw("B")
    for change, part in ((first, lamp.glass), (second, lamp.socket)):
        redline_add(
            actor=people.author,
            change_id=change.pk,
            operation="add",
            affected_id=change.affected.get().pk,
            values={"child_id": part.pk, "quantity": 1, "find_number": 40},
        )
    carry(first)
    assert edits_of(second) == [("add", 40, 0)]
    with pytest.raises(ValidationFailed, match="Find number 40 is used twice"):
        change_submit(actor=people.author, change_id=second.pk)


def test_by_the_api(people: People, draw: Draw, carry: Carry, tenant: Tenant) -> None:
    first, second = draw("A", screw={"quantity": Decimal(6)}), draw("B", screw={"quantity": Decimal(8)})
    api = Api(User.objects.get(pk=people.author.user_id), tenant)
    change_submit(actor=people.author, change_id=first.pk)
    change_approve(actor=people.technical, change_id=first.pk)
    change_implement(actor=people.analyst, change_id=first.pk)
    data = api.post(f"changes/{second.pk}/rebase/").json()["data"]
    assert data == [{"product_number": "LAMP", "from_revision": "A", "to_revision": "B", "conflicts": 1}]
    assert api.post(f"changes/{second.pk}/rebase/").json()["data"] == []
    (redline,) = api.get(f"changes/{second.pk}/redlines/").json()["data"]
    assert redline["conflicts"][0]["theirs"] == "6"
    path = f"changes/{second.pk}/redlines/{redline['redline_id']}/settle/"
    assert api.post(path, {"take": "both"}).status_code == 400
    assert api.post(path, {"take": "mine"}).json()["data"]["conflicts"] == []
    assert api.post(path, {"take": "mine"}).status_code == 409


def test_on_the_page(people: People, draw: Draw, carry: Carry, lamp: Lamp) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=people.author.user_id))
    first = draw("A", screw={"quantity": Decimal(6)}, bulb=None)
    second = draw("B", screw={"quantity": Decimal(8)}, bulb={"quantity": Decimal(2)})
    change_submit(actor=people.author, change_id=first.pk)
    change_approve(actor=people.technical, change_id=first.pk)
    change_implement(actor=people.analyst, change_id=first.pk)
    page = client.get(second.get_absolute_url()).content.decode()
    assert "A newer revision has been released since this was drawn." in page and "Follow it" in page
    answer = client.post(reverse("changes:change-rebase", args=[second.pk]), follow=True).content.decode()
    assert "LAMP follows revision B; 2 conflicts are left to you." in answer
    for words in ("Keep 8", "Take 6", "Add the line again", "Leave it removed"):
        assert words in answer, words
    gone = next(row for row in second.redlines.all() if row.conflicts and row.conflicts[0]["field"] == "line")
    kept = next(row for row in second.redlines.all() if row.conflicts and row.conflicts[0]["field"] == "quantity")
    for redline, take in ((gone, "theirs"), (kept, "mine")):
        address = reverse("changes:conflict-settle", args=[second.pk, redline.pk])
        answer = client.post(address, {"take": take}, follow=True)
        assert answer.status_code == 200
        again = client.post(address, {"take": take}, follow=True)
        assert again.status_code == 200 and "This is settled already." in again.content.decode()
    assert not any(row.conflicts for row in second.redlines.all())
    assert "Follow it" not in answer.content.decode()
    assert (
        client.post(reverse("changes:conflict-settle", args=[first.pk, kept.pk]), {"take": "mine"}).status_code == 404
    )


def test_both_ways_of_telling_do_it_once(people: People, draw: Draw, carry: Carry, tenant: Tenant) -> None:
    first, second = draw("A", screw={"quantity": Decimal(6)}), draw("B", cable={"quantity": Decimal(8)})
    carry(first)
    relay_tenant(tenant.pk)
    rows = Redline.history.filter(change_id=second.pk, history_change_reason="follows the released line")
    assert rows.count() == 1
    assert Redline.objects.filter(change=second).count() == 1
    assert isinstance(people.author, Actor) and BomLine.objects.exists()
