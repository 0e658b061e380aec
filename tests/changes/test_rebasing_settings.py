"""Two changes of one released revision that say something of effectivity, use and substitutes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.models import EngineeringChange, Redline
from changes.services import (
    change_create,
    change_implement,
    change_problems,
    change_submit,
    conflict_settle,
    line_redraw,
    redline_add,
    redline_update,
)
from plm_project.accounts.models import User
from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from products.models import BomLine, Product
from tests.changes.api_calls import Api
from tests.changes.conftest import COMPLETE, Lamp, People, footprint, fresh
from tests.factories import make_line, make_product, make_substitute, release, revision_of
from tests.signing import change_approve

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MARCH, MAY, JUNE = dt.date(2027, 3, 1), dt.date(2027, 5, 1), dt.date(2027, 6, 1)


class Desk:
    """DESK rev A, released: one foot (4, colour red, glued by hand), for which a cap of rank 1 may be taken."""

    def __init__(self, people: People, lamp: Lamp, tenant: Tenant) -> None:
        self.people, self.tenant = people, tenant
        self.product, self.foot = make_product("DESK"), make_product("FOOT")
        self.cap, self.disc, self.pad = (make_product(name) for name in ("CAP", "DISC", "PAD"))
        line = make_line(self.product, self.foot, 4, custom_attributes={"colour": "red", "glue": "hand"})
        make_substitute(line, self.cap)
        for part in (self.foot, self.cap, self.disc, self.pad, self.product):
            release(part)

    @property
    def line(self) -> BomLine:
        return revision_of(self.product).lines.get()

    def draw(self, **values: Any) -> EngineeringChange:
        """A draft that says these values of the line as it is released now; nothing at all strikes it."""
        change = change_create(actor=self.people.author, data=COMPLETE, affected=[self.product.pk])
        if values:
            line_redraw(actor=self.people.author, change_id=change.pk, line_id=self.line.pk, values=values)
        else:
            redline_add(actor=self.people.author, change_id=change.pk, operation="remove", line_id=self.line.pk)
        return fresh(change)

    def carry(self, change: EngineeringChange) -> None:
        change_submit(actor=self.people.author, change_id=change.pk)
        change_approve(actor=self.people.technical, change_id=change.pk)
        change_implement(actor=self.people.analyst, change_id=change.pk)
        relay_tenant(self.tenant.pk)

    def taken(self, *rows: tuple[Product, int]) -> list[dict[str, Any]]:
        return [{"product_id": product.pk, "rank": rank, "quantity": Decimal(4)} for product, rank in rows]

    def said(self) -> dict[str, Any]:
        line = self.line
        rows = line.substitutes.order_by("rank", "product__product_number")
        return {
            "child": line.child.product_number,
            "days": (line.effective_from, line.effective_to),
            "serials": line.serials,
            "condition": line.condition,
            "attrition": line.attrition_percent,
            "notes": line.notes,
            "own": line.custom_attributes,
            "taken": [(row.product.product_number, row.rank) for row in rows.select_related("product")],
        }


@pytest.fixture
def desk(people: People, lamp: Lamp, tenant: Tenant) -> Desk:
    return Desk(people, lamp, tenant)


def said_by(change: EngineeringChange) -> dict[str, dict[str, Any]]:
    return {row.operation: row.new_values() for row in change.redlines.all()}


def conflicts_of(change: EngineeringChange) -> list[tuple[str, str]]:
    return sorted((told["field"], told.get("key", "")) for row in change.redlines.all() for told in row.conflicts)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_every_field_merges_on_its_own_in_either_order(desk: Desk, order: tuple[int, int]) -> None:
    serials = [{"end_item": str(make_product("BIKE").pk), "first": 7, "last": None}]
    two = [
        desk.draw(
            effective_from=MARCH, condition="colour:red", custom_attributes={"colour": "blue", "glue": "hand"},
            substitutes=desk.taken((desk.cap, 2), (desk.disc, 1)),
        ),
        desk.draw(
            effective_to=JUNE, serials=serials, attrition_percent=Decimal("2.5"), notes="left",
            custom_attributes={"colour": "red", "torque": 4}, substitutes=desk.taken((desk.cap, 1), (desk.pad, 3)),
        ),
    ]  # fmt: skip
    for at in order:
        desk.carry(fresh(two[at]))
    assert revision_of(desk.product).label == "C"
    assert desk.said() == {
        "child": "FOOT",
        "days": (MARCH, JUNE),
        "serials": serials,
        "condition": "colour:red",
        "attrition": Decimal("2.5"),
        "notes": "left",
        "own": {"colour": "blue", "torque": 4},
        "taken": [("DISC", 1), ("CAP", 2), ("PAD", 3)],
    }


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_one_makes_the_part_is_no_substitute(desk: Desk, order: tuple[int, int]) -> None:
    two = [desk.draw(child_id=desk.cap.pk), desk.draw(substitutes=desk.taken((desk.cap, 2), (desk.disc, 1)))]
    for at in order:
        desk.carry(fresh(two[at]))
    assert (desk.said()["child"], desk.said()["taken"]) == ("CAP", [("DISC", 1)])


def test_what_both_want_is_released_once(desk: Desk) -> None:
    assert said_by(desk.draw(effective_to=None, notes="", substitutes=desk.taken((desk.cap, 1)))) == {}
    values: dict[str, Any] = {"effective_to": JUNE, "notes": "left", "substitutes": []}
    first, second = desk.draw(**values), desk.draw(**values, is_optional=True)
    desk.carry(first)
    assert said_by(second) == {"attributes": {"is_optional": True}}
    assert second.redlines.get().before["effective_to"] == "2027-06-01"


@pytest.mark.parametrize("take", ["mine", "theirs"])
def test_each_conflict_is_settled_by_itself(desk: Desk, people: People, take: str) -> None:
    first = desk.draw(
        effective_to=MAY, condition="colour:red", custom_attributes={"colour": "blue", "glue": "hand"},
        substitutes=desk.taken((desk.cap, 2)),
    )  # fmt: skip
    second = desk.draw(
        effective_to=JUNE, condition="colour:blue", notes="left", custom_attributes={"colour": "green", "glue": "hand"},
        substitutes=desk.taken((desk.disc, 1)),
    )  # fmt: skip
    desk.carry(first)
    cap = str(desk.cap.pk)
    assert conflicts_of(second) == [
        ("condition", ""), ("custom_attributes", "colour"), ("effective_to", ""), ("substitutes", cap)
    ]  # fmt: skip
    by = first.change_number
    assert sorted(problem.message for problem in change_problems(fresh(second))) == [
        f"Attribute colour: it was red, {by} released blue, this change says green.",
        f"Condition: it was all options, {by} released colour:red, this change says colour:blue.",
        f"Effective to: it was open, {by} released 2027-05-01, this change says 2027-06-01.",
        f"Substitute CAP: it was 4 each, rank 1, {by} released 4 each, rank 2, this change says nothing.",
    ]
    names = {problem.name.partition(".")[2] for problem in change_problems(fresh(second))}
    assert names == {"condition", "custom_attributes", "effective_to", "substitutes"}
    used = second.redlines.get(operation="attributes")
    before = footprint()
    with pytest.raises(ValidationFailed, match="say which one"):
        conflict_settle(actor=people.author, redline_id=used.pk, take=take)
    with pytest.raises(Conflict, match="nothing to settle"):
        conflict_settle(actor=people.author, redline_id=used.pk, take=take, field="notes")
    with pytest.raises(Conflict):
        change_submit(actor=people.author, change_id=second.pk)
    assert footprint() == before
    for operation, field, key in (
        ("attributes", "condition", ""), ("attributes", "custom_attributes", "colour"), ("effectivity", "", ""),
        ("substitutes", "substitutes", cap),
    ):  # fmt: skip
        row = second.redlines.get(operation=operation)
        left = conflict_settle(actor=people.author, redline_id=row.pk, take=take, field=field, key=key)
        assert (left is None) == (take == "theirs" and operation == "effectivity")
    assert conflicts_of(second) == []
    desk.carry(fresh(second))
    said = desk.said()
    assert said["notes"] == "left"
    if take == "mine":
        assert (said["days"][1], said["condition"], said["own"]["colour"]) == (JUNE, "colour:blue", "green")
        assert said["taken"] == [("DISC", 1)]
    else:
        assert (said["days"][1], said["condition"], said["own"]["colour"]) == (MAY, "colour:red", "blue")
        assert said["taken"] == [("DISC", 1), ("CAP", 2)]


def test_another_value_settles_what_it_is_about_alone(desk: Desk, people: People) -> None:
    first = desk.draw(condition="colour:red", notes="left", line_type="phantom")
    second = desk.draw(condition="colour:blue", notes="right", line_type="reference")
    desk.carry(first)
    row = second.redlines.get()
    said = row.settings["attributes"]
    redline_update(
        actor=people.author, redline_id=row.pk, changes={"attributes": {**said, "condition": "colour:green"}}
    )
    assert conflicts_of(second) == [("line_type", ""), ("notes", "")]
    del said["notes"]
    redline_update(actor=people.author, redline_id=row.pk, changes={"attributes": said})
    assert conflicts_of(second) == [("line_type", "")]
    line_redraw(
        actor=people.author, change_id=second.pk, line_id=row.line_id or desk.line.pk,
        values={"line_type": "consumable"},
    )  # fmt: skip
    assert conflicts_of(second) == []


def test_what_nobody_settled_stands_open_over_the_next_release(desk: Desk) -> None:
    first = desk.draw(effective_to=MAY, substitutes=desk.taken((desk.cap, 2)), custom_attributes={})
    second = desk.draw(
        effective_to=JUNE, substitutes=[], custom_attributes={"colour": "green", "glue": "hand"}
    )  # fmt: skip
    third = desk.draw(notes="third")
    expected = [("custom_attributes", "colour"), ("effective_to", ""), ("substitutes", str(desk.cap.pk))]
    for other in (first, third):
        desk.carry(fresh(other))
        assert conflicts_of(second) == expected
    assert second.affected.get().base_revision.label == "C"
    assert said_by(second)["effectivity"] == {"effective_to": JUNE}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_days_that_do_not_fit_together_are_told_to_who_comes_second(
    desk: Desk, people: People, order: tuple[int, int]
) -> None:
    """Either alone is right: which of the two days is wrong only a person knows."""
    two = [desk.draw(effective_from=JUNE), desk.draw(effective_to=MAY)]
    first, second = (two[at] for at in order)
    desk.carry(first)
    assert conflicts_of(second) == []
    with pytest.raises(ValidationFailed, match="The end must be after the beginning") as refusal:
        change_submit(actor=people.author, change_id=second.pk)
    assert list(refusal.value.details) == ["redlines[0].effective_to"]


@pytest.mark.parametrize("take", ["mine", "theirs"])
def test_a_removed_line_is_added_again_as_a_whole(desk: Desk, people: People, take: str) -> None:
    first = desk.draw()
    second = desk.draw(effective_to=JUNE, attrition_percent=Decimal("2.5"), substitutes=desk.taken((desk.disc, 1)))
    desk.carry(first)
    assert conflicts_of(second) == [("line", "")]
    held = next(row for row in second.redlines.all() if row.conflicts)
    left = conflict_settle(actor=people.author, redline_id=held.pk, take=take)
    if take == "theirs":
        assert left is None and not second.redlines.exists()
        return
    desk.carry(fresh(second))
    said = desk.said()
    assert (said["days"], said["attrition"], said["taken"]) == ((None, JUNE), Decimal("2.5"), [("DISC", 1)])
    assert said["own"] == {"colour": "red", "glue": "hand"}


def test_a_removal_meets_an_edit_of_the_substitutes(desk: Desk, people: People) -> None:
    first, second = desk.draw(substitutes=desk.taken((desk.disc, 1))), desk.draw()
    desk.carry(first)
    assert conflicts_of(second) == [("line", "")]
    conflict_settle(actor=people.author, redline_id=second.redlines.get().pk, take="mine")
    change_submit(actor=people.author, change_id=second.pk)


def test_by_the_api_and_on_the_page(desk: Desk, people: People, tenant: Tenant) -> None:
    serials = [{"end_item": str(desk.product.pk), "first": 7, "last": None}]
    first = desk.draw(serials=serials, substitutes=desk.taken((desk.cap, 2)), notes="left", is_optional=True)
    second = desk.draw(
        serials=[{**serials[0], "first": 9}],
        substitutes=[],
        notes="right",
        condition="colour:red",
        line_type="phantom",
    )
    desk.carry(first)
    client = Client()
    client.force_login(User.objects.get(pk=people.author.user_id))
    page = " ".join(client.get(second.get_absolute_url()).content.decode().split())
    for words in (
        "Keep DESK: 9–", "Take DESK: 7–", "Keep nothing", "Take 4 each, rank 2", "Keep right", "Take left",
        "Serial numbers: it was every unit,", "Substitute CAP: it was 4 each, rank 1,",
    ):  # fmt: skip
        assert words in page, words
    substitutes = second.redlines.get(operation="substitutes")
    address = reverse("changes:conflict-settle", args=[second.pk, substitutes.pk])
    said = {"take": "theirs", "field": "substitutes", "key": str(desk.cap.pk)}
    assert "Taken as released." in client.post(address, said, follow=True).content.decode()
    assert "This is settled already." in client.post(address, said, follow=True).content.decode()
    api = Api(User.objects.get(pk=people.author.user_id), tenant)
    used = second.redlines.get(operation="attributes")
    path = f"changes/{second.pk}/redlines/{used.pk}/"
    (told,) = api.get(path).json()["data"]["conflicts"]
    assert (told["field"], told["theirs"], told["mine"], told["by"]) == ("notes", "left", "right", first.change_number)
    assert api.post(f"{path}settle/", {"take": "theirs", "field": "condition"}).status_code == 409
    left = api.post(f"{path}settle/", {"take": "theirs", "field": "notes"}).json()["data"]
    assert (left["conflicts"], left["attributes"]) == ([], {"condition": "colour:red", "line_type": "phantom"})
    assert not Redline.objects.filter(pk=substitutes.pk).exists()
