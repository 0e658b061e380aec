"""The policy at work: quorums, order, comments, separation of duties, deadlines and who is told."""

from __future__ import annotations

import datetime as dt

import pytest

from changes import services
from changes.models import Approval, ApprovalRule
from changes.selectors import approvals_waiting_for_count
from changes.services import (
    approval_rule_add,
    approvals_chase,
    change_implement,
    change_submit,
)
from changes.tasks import chase_approvals
from collaboration.models import Notice
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed
from plm_project.outbox.relay import relay_tenant
from tests.changes.conftest import Lamp, People, events_of, footprint, fresh, make_draft
from tests.changes.policy import DAY, asked, rule, submitted_by
from tests.conftest import MakeActor
from tests.signing import SIGNED, change_approve, change_reject


def test_any_of_them_is_enough(people: People, lamp: Lamp, three: list[Actor]) -> None:
    rule(people, decides="any")
    change = submitted_by(people, lamp)
    change_reject(actor=three[0], change_id=change.pk, comment="not for me")
    assert fresh(change).status == "submitted" and events_of("change_rejected") == []
    assert change_approve(actor=three[1], change_id=change.pk).status == "approved"
    assert change_implement(actor=people.analyst, change_id=change.pk).status == "implemented"


def test_two_of_three(people: People, lamp: Lamp, three: list[Actor]) -> None:
    rule(people, decides="count", quorum=2)
    change = submitted_by(people, lamp)
    change_approve(actor=three[0], change_id=change.pk)
    change_reject(actor=three[1], change_id=change.pk, comment="no")
    assert fresh(change).status == "submitted" and asked(change) == {"third"}
    assert change_reject(actor=three[2], change_id=change.pk, comment="no").status == "rejected"
    assert len(events_of("change_rejected")) == 1


def test_too_few_people_refuse_the_submission(people: People, lamp: Lamp, three: list[Actor]) -> None:
    rule(people, decides="count", quorum=4)
    change, before = make_draft(people.author, lamp), footprint()
    with pytest.raises(ValidationFailed, match="needs 4 approvals and finds 3 people"):
        change_submit(actor=people.author, change_id=change.pk)
    assert footprint()["changes.Approval"] == before["changes.Approval"]


def test_more_than_half_and_nobody_is_asked_in_vain(people: People, lamp: Lamp, three: list[Actor]) -> None:
    rule(people, decides="majority")
    approval_rule_add(actor=people.manager, data={"name": "Boss", "role": "plm_manager", "step": 2})
    change = submitted_by(people, lamp)
    change_approve(actor=three[0], change_id=change.pk)
    change_approve(actor=three[1], change_id=change.pk)
    assert asked(change) == {"plm_manager"}
    assert approvals_waiting_for_count(three[2].user_id) == 0
    change_approve(actor=three[2], change_id=change.pk)  # not needed, and still allowed
    assert change_approve(actor=people.manager, change_id=change.pk).status == "approved"


def test_one_step_after_the_other(people: People, lamp: Lamp) -> None:
    approval_rule_add(actor=people.manager, data={"name": "Boss", "role": "plm_manager", "step": 2})
    change = submitted_by(people, lamp)
    (event,) = events_of("change_submitted")
    assert [entry["email"] for entry in event.event_data["approvers"]] == ["technical_approver@acme.example"]
    assert asked(change) == {"technical_approver"} and approvals_waiting_for_count(people.manager.user_id) == 0
    before = footprint()
    with pytest.raises(Conflict, match="not your turn yet: Technical comes first"):
        change_approve(actor=people.manager, change_id=change.pk)
    assert footprint() == before
    change_approve(actor=people.technical, change_id=change.pk)
    (told,) = events_of("approvals_asked")
    assert (told.event_data["why"], [entry["rules"] for entry in told.event_data["approvers"]]) == ("step", [["boss"]])
    assert asked(change) == {"plm_manager"}
    assert change_approve(actor=people.manager, change_id=change.pk).status == "approved"


def test_who_is_named_in_two_steps_decides_once_and_first(people: People, lamp: Lamp) -> None:
    approval_rule_add(actor=people.manager, data={"name": "Again", "role": "technical_approver", "step": 2})
    change = submitted_by(people, lamp)
    assert change_approve(actor=people.technical, change_id=change.pk).status == "approved"


def test_a_comment_is_asked_for_and_waited_for_by_nobody(people: People, lamp: Lamp) -> None:
    approval_rule_add(actor=people.manager, data={"name": "Opinion", "role": "plm_manager", "weight": "comment"})
    change = submitted_by(people, lamp)
    assert asked(change) == {"technical_approver", "plm_manager"}
    for vote in (change_approve, change_reject):
        with pytest.raises(Conflict, match="asked for a comment"):
            vote(actor=people.manager, change_id=change.pk, comment="x")
    with pytest.raises(Conflict, match="asked for a decision"):
        services.change_comment(actor=people.technical, change_id=change.pk, signature=SIGNED, comment="hm")
    with pytest.raises(ValidationFailed, match="Say what you think"):
        services.change_comment(actor=people.manager, change_id=change.pk, signature=SIGNED, comment=" ")
    services.change_comment(actor=people.manager, change_id=change.pk, signature=SIGNED, comment="Mind the glass.")
    vote = fresh(change).round_approvals().get(approver_id=people.manager.user_id)
    assert (vote.decision, vote.meaning, vote.comment) == ("commented", "review", "Mind the glass.")
    assert fresh(change).status == "submitted"
    assert change_approve(actor=people.technical, change_id=change.pk).status == "approved"


def test_an_optional_no_is_heard_and_stops_nothing(people: People, lamp: Lamp) -> None:
    approval_rule_add(actor=people.manager, data={"name": "Heard", "role": "plm_manager", "weight": "optional"})
    change = submitted_by(people, lamp)
    assert change_reject(actor=people.manager, change_id=change.pk, comment="I would not").status == "submitted"
    assert change_approve(actor=people.technical, change_id=change.pk).status == "approved"


def test_an_optional_rule_without_people_holds_nothing_up(people: People, lamp: Lamp) -> None:
    approval_rule_add(actor=people.manager, data={"name": "Heard", "role": "quality_approver", "weight": "optional"})
    change = submitted_by(people, lamp)
    assert change_approve(actor=people.technical, change_id=change.pk).status == "approved"


def test_separation_of_duties(lamp: Lamp, people: People, make_actor: MakeActor) -> None:
    author = make_actor("engineer", "technical_approver", email="author@acme.example")
    rule(people, bars_author=True)
    change = change_submit(actor=author, change_id=make_draft(author, lamp).pk)
    assert asked(change) == {"technical_approver"}
    with pytest.raises(PermissionDenied, match="not one of the approvers"):
        change_approve(actor=author, change_id=change.pk)
    rule(people, bars_author=True)
    approver_id = people.technical.user_id
    ApprovalRule.objects.get(code="technical").people.create(tenant_id=author.tenant_id, user_id=author.user_id)
    other = make_draft(author, lamp)
    with pytest.raises(ValidationFailed, match="finds only the author"):
        change_submit(actor=author, change_id=other.pk)
    assert approver_id != author.user_id


def test_who_decided_leaves_the_release_to_somebody_else(people: People, lamp: Lamp, make_actor: MakeActor) -> None:
    both = make_actor("plm_manager", "technical_approver", email="both@acme.example")
    rule(people, bars_release=True, decides="any")
    change = submitted_by(people, lamp)
    change_approve(actor=both, change_id=change.pk)
    before = footprint()
    with pytest.raises(PermissionDenied, match="somebody else must release it"):
        change_implement(actor=both, change_id=change.pk)
    assert footprint() == before
    assert change_implement(actor=people.analyst, change_id=change.pk).status == "implemented"


def test_a_later_policy_leaves_what_is_submitted(people: People, lamp: Lamp, three: list[Actor]) -> None:
    change = submitted_by(people, lamp)
    rule(people, decides="any", name="Engineering")
    change_approve(actor=three[0], change_id=change.pk)
    assert fresh(change).status == "submitted"
    (kept,) = change.requirements.all()
    assert (kept.label, kept.decides, kept.why) == ("Technical", "all", "every change")


def test_a_round_from_before_requirements_were_kept(people: People, lamp: Lamp, three: list[Actor]) -> None:
    """Rounds of an older version know their rules by the votes alone."""
    change = submitted_by(people, lamp)
    change.requirements.all().delete()
    for at, actor in enumerate(three):
        assert fresh(change).status == "submitted", at
        change_approve(actor=actor, change_id=change.pk)
    assert fresh(change).status == "approved"
    assert change_implement(actor=people.analyst, change_id=change.pk).status == "implemented"


# --- deadlines -----------------------------------------------------------------------------------------------------------
def chase(people: People) -> tuple[int, int]:
    done = approvals_chase(actor=Actor.system(people.manager.tenant_id, "tests"))
    return done.reminded, done.escalated


def test_a_reminder_then_somebody_above(people: People, lamp: Lamp, make_actor: MakeActor) -> None:
    rule(people, deadline_days=5, remind_days=2, escalation_role="plm_manager")
    change = submitted_by(people, lamp)
    start, vote = clock.now(), fresh(change).round_approvals().get()
    assert vote.due_at is not None and abs(vote.due_at - start - 5 * DAY) < dt.timedelta(minutes=1)
    assert chase(people) == (0, 0)
    with clock.fixed(start + 3 * DAY + dt.timedelta(hours=1)):
        assert [chase(people), chase(people)] == [(1, 0), (0, 0)]
        (told,) = events_of("approvals_asked")
        assert told.event_data["why"] == "reminder"
        with pytest.raises(PermissionDenied):
            change_approve(actor=people.manager, change_id=change.pk)
    with clock.fixed(start + 5 * DAY + dt.timedelta(hours=1)):
        assert [chase(people), chase(people)] == [(0, 1), (0, 0)]
        told = events_of("approvals_asked")[-1]
        assert told.event_data["why"] == "escalation"
        assert {entry["email"] for entry in told.event_data["approvers"]} == {
            "technical_approver@acme.example", "plm_manager@acme.example"
        }  # fmt: skip
        assert asked(change) == {"technical_approver", "plm_manager"}
        assert change_approve(actor=people.manager, change_id=change.pk).status == "approved"
    decided = fresh(change).round_approvals().get(approver_id=people.manager.user_id)
    assert (decided.rules, decided.stand_in_rules) == ([], ["technical"])


def test_the_late_one_may_still_decide(people: People, lamp: Lamp) -> None:
    rule(people, deadline_days=1, escalation_role="plm_manager")
    change = submitted_by(people, lamp)
    with clock.fixed(clock.now() + 2 * DAY):
        assert chase(people) == (0, 1)
        assert change_approve(actor=people.technical, change_id=change.pk).status == "approved"
        assert chase(people) == (0, 0)


def test_the_author_is_not_called_to_stand_in(people: People, lamp: Lamp, make_actor: MakeActor) -> None:
    rule(people, deadline_days=1, escalation_role="plm_manager")
    change = change_submit(actor=people.manager, change_id=make_draft(people.manager, lamp).pk)
    with clock.fixed(clock.now() + 2 * DAY):
        assert chase(people) == (0, 1)
        assert asked(change) == {"technical_approver"}


def test_the_clock_of_a_later_step_begins_with_it(people: People, lamp: Lamp) -> None:
    approval_rule_add(
        actor=people.manager, data={"name": "Boss", "role": "plm_manager", "step": 2, "deadline_days": 3}
    )
    change = submitted_by(people, lamp)
    vote = fresh(change).round_approvals().get(approver_id=people.manager.user_id)
    assert (vote.is_asked, vote.due_at) == (False, None)
    with clock.fixed(clock.now() + 10 * DAY):
        change_approve(actor=people.technical, change_id=change.pk)
        vote = fresh(change).round_approvals().get(approver_id=people.manager.user_id)
        assert vote.is_asked and vote.due_at is not None and vote.due_at > clock.now() + 2 * DAY
        assert chase(people) == (0, 0)


def test_the_schedule_chases_every_tenant(people: People, lamp: Lamp) -> None:
    rule(people, deadline_days=2, remind_days=1)
    submitted_by(people, lamp)
    with clock.fixed(clock.now() + DAY + dt.timedelta(hours=1)):
        assert chase_approvals.apply().get() == 1
        assert chase_approvals.apply().get() == 0
    assert Approval.objects.filter(reminded_at__isnull=False).count() == 1


def test_whoever_is_asked_later_is_told(people: People, lamp: Lamp) -> None:
    approval_rule_add(
        actor=people.manager,
        data={"name": "Boss", "role": "plm_manager", "step": 2, "deadline_days": 3, "remind_days": 1},
    )
    change = submitted_by(people, lamp)
    relay_tenant(people.manager.tenant_id)
    told = Notice.objects.filter(subject_id=change.pk, kind="approval_needed")
    assert [row.recipient_id for row in told] == [people.technical.user_id]
    change_approve(actor=people.technical, change_id=change.pk)
    relay_tenant(people.manager.tenant_id)
    assert [row.facts.get("why") for row in told.filter(recipient_id=people.manager.user_id)] == ["step"]
    with clock.fixed(clock.now() + 2 * DAY + dt.timedelta(hours=1)):
        assert chase(people) == (1, 0)
        relay_tenant(people.manager.tenant_id)
    assert {row.facts.get("why") for row in told.filter(recipient_id=people.manager.user_id)} == {"step", "reminder"}
