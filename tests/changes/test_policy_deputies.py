"""Deputies: on which days, for whose votes, about whose changes, and what of them counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from changes.models import Delegation
from changes.selectors import approvals_waiting_for, approvals_waiting_for_count, delegation_list
from changes.services import (
    approval_rule_add,
    change_submit,
    delegation_add,
    delegation_end,
)
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed
from tests.changes.conftest import Lamp, People, events_of, footprint, fresh, make_draft
from tests.changes.policy import DAY, asked, rule, submitted_by
from tests.conftest import MakeActor
from tests.signing import change_approve


@pytest.fixture
def deputy(make_actor: MakeActor) -> Actor:
    return make_actor("quality_approver", email="deputy@acme.example")


def away(people: People, deputy: Actor, first: dt.date | None = None, days: int = 7) -> Delegation:
    first = first or clock.today()
    assert deputy.user_id is not None
    return delegation_add(
        actor=people.technical,
        deputy_id=deputy.user_id,
        first_day=first,
        last_day=first + days * DAY,
        note="Holidays",
    )


def test_a_deputy_votes_and_it_is_shown(people: People, lamp: Lamp, deputy: Actor) -> None:
    delegation = away(people, deputy)
    change = submitted_by(people, lamp)
    (event,) = events_of("change_submitted")
    assert [(entry["email"], entry.get("deputy_for")) for entry in event.event_data["approvers"]] == [
        ("technical_approver@acme.example", None),
        ("deputy@acme.example", str(people.technical.user_id)),
    ]
    assert approvals_waiting_for_count(deputy.user_id) == approvals_waiting_for_count(people.technical.user_id) == 1
    assert change_approve(actor=deputy, change_id=change.pk, comment="for her").status == "approved"
    vote = fresh(change).round_approvals().get()
    assert (vote.approver_id, vote.decided_by_id, vote.delegation_id) == (
        people.technical.user_id, deputy.user_id, delegation.pk
    )  # fmt: skip
    assert vote.is_deputys and vote.decided_by is not None and vote.signed_name == vote.decided_by.get_full_name()
    assert delegation_end(actor=people.technical, delegation_id=delegation.pk).is_deleted
    assert fresh(change).status == "approved"


def test_a_deputy_whose_own_turn_has_not_come(people: People, lamp: Lamp) -> None:
    """The vote that is waited for is cast, not one's own of a later step."""
    approval_rule_add(actor=people.manager, data={"name": "Boss", "role": "plm_manager", "step": 2})
    away(people, people.manager)
    change = submitted_by(people, lamp)
    assert change_approve(actor=people.manager, change_id=change.pk).status == "submitted"
    assert asked(change) == {"plm_manager"}
    assert change_approve(actor=people.manager, change_id=change.pk).status == "approved"


def test_a_deputy_only_on_the_days(people: People, lamp: Lamp, deputy: Actor) -> None:
    delegation = away(people, deputy, clock.today() + DAY)
    change = submitted_by(people, lamp)
    with pytest.raises(PermissionDenied):
        change_approve(actor=deputy, change_id=change.pk)
    with clock.fixed(clock.now() + DAY):
        assert approvals_waiting_for(deputy.user_id).get().approver_id == people.technical.user_id
        with pytest.raises(PermissionDenied, match="do not stand in"):
            change_approve(actor=deputy, change_id=change.pk, on_behalf_of=people.manager.user_id)
    with clock.fixed(clock.now() + 9 * DAY):
        assert approvals_waiting_for_count(deputy.user_id) == 0
        with pytest.raises(Conflict, match="over already"):
            delegation_end(actor=people.technical, delegation_id=delegation.pk)
    with clock.fixed(clock.now() + 3 * DAY):
        ended = delegation_end(actor=people.technical, delegation_id=delegation.pk)
        assert (ended.is_deleted, ended.last_day) == (False, clock.today() - DAY)
        with pytest.raises(PermissionDenied):
            change_approve(actor=deputy, change_id=change.pk)
    with clock.fixed(clock.now() + 1 * DAY):
        assert change_approve(actor=deputy, change_id=change.pk).status == "approved"


def test_nobody_stands_in_about_their_own_change(people: People, lamp: Lamp, make_actor: MakeActor) -> None:
    author = make_actor("engineer", "quality_approver", email="author@acme.example")
    away(people, author)
    change = change_submit(actor=author, change_id=make_draft(author, lamp).pk)
    assert approvals_waiting_for_count(author.user_id) == 0
    with pytest.raises(PermissionDenied):
        change_approve(actor=author, change_id=change.pk)


def test_one_person_is_no_two_of_a_quorum(people: People, lamp: Lamp, three: list[Actor]) -> None:
    """Who signs for somebody away and for themselves is one of the two that are needed."""
    rule(people, decides="count", quorum=2)
    assert three[1].user_id is not None
    delegation_add(
        actor=people.technical, deputy_id=three[1].user_id, first_day=clock.today(), last_day=clock.today() + DAY
    )
    change = submitted_by(people, lamp)
    change_approve(actor=three[1], change_id=change.pk)
    assert change_approve(actor=three[1], change_id=change.pk).status == "submitted"
    with pytest.raises(Conflict, match="decided already"):
        change_approve(actor=three[1], change_id=change.pk)
    assert change_approve(actor=three[2], change_id=change.pk).status == "approved"


def test_a_delegation_that_makes_no_sense_is_refused(people: People, deputy: Actor) -> None:
    today, before = clock.today(), footprint()
    assert deputy.user_id and people.technical.user_id and people.viewer.user_id
    add: Any = delegation_add  # called with what the table says
    for actor, given, error, match in (
        (people.technical, {"deputy_id": people.technical.user_id}, ValidationFailed, "Name somebody else"),
        (people.technical, {"deputy_id": people.viewer.user_id}, ValidationFailed, "must be somebody who may approve"),
        (people.technical, {"last_day": today - DAY, "first_day": today - DAY}, ValidationFailed, "over already"),
        (people.technical, {"first_day": today + 3 * DAY}, ValidationFailed, "before the first day"),
        (people.manager, {"person_id": people.viewer.user_id}, ValidationFailed, "Only somebody who may approve"),
        (deputy, {"person_id": people.technical.user_id, "deputy_id": people.manager.user_id}, PermissionDenied, "Only they"),
        (people.author, {}, PermissionDenied, "plm.changes.approve"),
    ):  # fmt: skip
        with pytest.raises(error) as refusal:
            add(actor=actor, **{"deputy_id": deputy.user_id, "first_day": today, "last_day": today + DAY, **given})
        assert match in f"{refusal.value} {refusal.value.details}"
    assert footprint() == before
    first = away(people, deputy)
    with pytest.raises(Conflict, match="stands in from"):
        away(people, people.manager, today + 7 * DAY)
    away(people, people.manager, today + 8 * DAY)
    with pytest.raises(PermissionDenied):
        delegation_end(actor=deputy, delegation_id=first.pk)
    assert delegation_end(actor=people.manager, delegation_id=first.pk).is_deleted
    assert delegation_list(person_id=people.technical.user_id).count() == 1
