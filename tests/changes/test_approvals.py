"""Who has to approve, and how votes count."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from changes.models import Approval, ApprovalRule, EngineeringChange
from changes.selectors import approvals_waiting_for, approvals_waiting_for_count, vote_of
from changes.services import (
    approval_rule_update,
    approval_rules_provide,
    change_reopen,
    change_submit,
    change_withdraw,
)
from plm_project.accounts.services import membership_end
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import Lamp, People, events_of, footprint, fresh, make_draft
from tests.conftest import MakeActor, MakeMember
from tests.signing import change_approve, change_reject

QUIET = {"cost_impact": Decimal(0), "change_type": "design", "priority": "medium", "urgency": "normal"}
CODES = ("technical", "financial", "quality", "management")


@pytest.fixture
def approvers(make_actor: MakeActor, scope: None) -> dict[str, Actor]:
    return {code: make_actor(f"{code}_approver") for code in CODES}


def named(change: EngineeringChange) -> dict[str, list[str]]:
    votes = Approval.objects.filter(change=change, round=fresh(change).round).select_related("approver")
    return {vote.approver.email.partition("@")[0]: sorted(vote.rules) for vote in votes}


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        ({}, {"technical"}),
        ({"cost_impact": Decimal("5000.00")}, {"technical"}),
        ({"cost_impact": Decimal("5000.01")}, {"technical", "financial"}),
        ({"cost_impact": Decimal("-5000.01")}, {"technical", "financial"}),
        ({"cost_impact": Decimal("-5000")}, {"technical"}),
        *(
            ({"change_type": kind}, {"technical", "quality"})
            for kind in ("quality_improvement", "safety", "regulatory")
        ),
        *(
            ({"change_type": kind}, {"technical"})
            for kind in ("design", "cost_reduction", "documentation", "process", "other")
        ),
        ({"priority": "low"}, {"technical"}),
        ({"priority": "high"}, {"technical", "management"}),
        ({"priority": "critical"}, {"technical", "management"}),
        ({"urgency": "urgent"}, {"technical", "management"}),
        (
            {"cost_impact": Decimal(9000), "change_type": "safety", "priority": "high", "urgency": "urgent"},
            {"technical", "financial", "quality", "management"},
        ),
    ],
)
def test_the_four_rules(
    data: dict[str, Any], rules: set[str], people: People, lamp: Lamp, approvers: dict[str, Actor]
) -> None:
    change = make_draft(people.author, lamp, **{**QUIET, **data})
    change_submit(actor=people.author, change_id=change.pk)
    assert named(change) == {f"{code}_approver": [code] for code in rules}
    (event,) = events_of("change_submitted")
    priority = "high" if data.get("priority") in ("high", "critical") else "normal"
    assert event.event_data["notification_priority"] == priority
    assert {entry["user_id"] for entry in event.event_data["approvers"]} == {
        str(approvers[code].user_id) for code in rules
    }


def test_whom_several_rules_name_approves_once(people: People, lamp: Lamp, make_actor: MakeActor) -> None:
    both = make_actor("quality_approver", "management_approver")
    change = make_draft(people.author, lamp, change_type="safety", priority="high")
    change_submit(actor=people.author, change_id=change.pk)
    assert named(change) == {"technical_approver": ["technical"], "quality_approver": ["management", "quality"]}
    change_approve(actor=people.technical, change_id=change.pk)
    assert (fresh(change).status, events_of("change_approved")) == ("submitted", [])
    assert change_approve(actor=both, change_id=change.pk).status == "approved"
    (event,) = events_of("change_approved")
    assert [row["decision"] for row in event.event_data["decisions"]] == ["approved", "approved"]


def test_every_member_with_the_role_is_asked_unless_the_rule_names_its_own(
    people: People, lamp: Lamp, make_actor: MakeActor
) -> None:
    second = make_actor("technical_approver", email="second@acme.example")
    change = make_draft(people.author, lamp)
    change_submit(actor=people.author, change_id=change.pk)
    assert set(named(change)) == {"technical_approver", "second"}
    change_withdraw(actor=people.author, change_id=change.pk)
    change_reopen(actor=people.author, change_id=change.pk)
    rule = ApprovalRule.objects.get(code="technical")
    approval_rule_update(actor=people.manager, rule_id=rule.pk, changes={}, people=[second.user_id])
    change_submit(actor=people.author, change_id=change.pk)
    assert set(named(change)) == {"second"}


def test_no_approver_refuses_and_names_rule_and_role(people: People, lamp: Lamp) -> None:
    change = make_draft(people.author, lamp, change_type="safety")
    before = footprint()
    with pytest.raises(ValidationFailed, match=r"“Quality” finds no approver.*Quality approver"):
        change_submit(actor=people.author, change_id=change.pk)
    assert footprint() == before and fresh(change).status == "draft"


def test_somebody_who_left_is_no_approver(people: People, lamp: Lamp, system: Actor, make_member: MakeMember) -> None:
    _user, member = make_member("technical_approver")
    membership_end(actor=system, member=member, reason="left")
    change = make_draft(people.author, lamp)
    with pytest.raises(ValidationFailed, match="finds no approver"):
        change_submit(actor=people.author, change_id=change.pk)


def test_the_author_does_not_approve_alone(lamp: Lamp, make_actor: MakeActor) -> None:
    author = make_actor("engineer", "technical_approver")
    change = make_draft(author, lamp)
    before = footprint()
    with pytest.raises(ValidationFailed, match="author would be the only approver"):
        change_submit(actor=author, change_id=change.pk)
    assert footprint() == before
    other = make_actor("technical_approver", email="other@acme.example")
    change_submit(actor=author, change_id=change.pk)
    change_approve(actor=author, change_id=change.pk)
    assert fresh(change).status == "submitted"
    assert change_approve(actor=other, change_id=change.pk).status == "approved"


def test_nobody_decides_twice(people: People, lamp: Lamp, make_actor: MakeActor) -> None:
    make_actor("technical_approver", email="second@acme.example")
    change = make_draft(people.author, lamp)
    change_submit(actor=people.author, change_id=change.pk)
    change_approve(actor=people.technical, change_id=change.pk, comment="yes")
    before = footprint()
    for again in (change_approve, change_reject):
        with pytest.raises(Conflict, match="decided already"):
            again(actor=people.technical, change_id=change.pk, comment="again")
    assert footprint() == before
    assert Approval.objects.get(approver_id=people.technical.user_id).comment == "yes"


def test_a_rejection_needs_a_comment_and_decides(people: People, lamp: Lamp, make_actor: MakeActor) -> None:
    make_actor("technical_approver", email="second@acme.example")
    change = make_draft(people.author, lamp)
    change_submit(actor=people.author, change_id=change.pk)
    before = footprint()
    with pytest.raises(ValidationFailed) as refusal:
        change_reject(actor=people.technical, change_id=change.pk, comment="  ")
    assert list(refusal.value.details) == ["comment"] and footprint() == before
    rejected = change_reject(actor=people.technical, change_id=change.pk, comment="Too dear.")
    assert (rejected.status, rejected.history.latest().history_change_reason) == ("rejected", "Too dear.")
    assert events_of("change_rejected")[0].event_data["comment"] == "Too dear."


def test_a_new_round_asks_again_and_keeps_the_old_votes(people: People, lamp: Lamp) -> None:
    change = make_draft(people.author, lamp)
    change_submit(actor=people.author, change_id=change.pk)
    assert approvals_waiting_for_count(people.technical.user_id) == 1
    change_reject(actor=people.technical, change_id=change.pk, comment="Say more.")
    assert approvals_waiting_for_count(people.technical.user_id) == 0
    reopened = change_reopen(actor=people.author, change_id=change.pk)
    assert (reopened.status, reopened.submitted_at, reopened.decided_at) == ("draft", None, None)
    change_submit(actor=people.author, change_id=change.pk)
    assert [vote.change_id for vote in approvals_waiting_for(people.technical.user_id)] == [change.pk]
    assert vote_of(fresh(change), people.technical) is not None and vote_of(fresh(change), people.author) is None
    change_approve(actor=people.technical, change_id=change.pk)
    votes = Approval.objects.filter(change=change).order_by("round").values_list("round", "decision", "comment")
    assert list(votes) == [(1, "rejected", "Say more."), (2, "approved", "")]


def test_the_system_has_no_vote(people: People, lamp: Lamp, system: Actor) -> None:
    change = make_draft(people.author, lamp)
    change_submit(actor=people.author, change_id=change.pk)
    with pytest.raises(PermissionDenied, match="Only a person can sign"):
        change_approve(actor=system, change_id=change.pk)


def test_a_tenant_starts_with_four_rules_of_its_own(tenant: Tenant, other_tenant: Tenant) -> None:
    for one in (tenant, other_tenant):
        with tenant_scope(one.pk):
            approval_rules_provide(Actor.system(one.pk))
            rules = ApprovalRule.objects.values_list("code", "role", "threshold")
            assert list(rules) == [(code, f"{code}_approver", Decimal(5000)) for code in CODES]


def test_rules_are_the_managers(people: People, lamp: Lamp, make_member: MakeMember, other_tenant: Tenant) -> None:
    rule = ApprovalRule.objects.get(code="financial")
    with pytest.raises(PermissionDenied):
        approval_rule_update(actor=people.author, rule_id=rule.pk, changes={"threshold": Decimal(1)})
    with pytest.raises(ValidationFailed) as refusal:
        approval_rule_update(actor=people.manager, rule_id=rule.pk, changes={"role": "viewer"})
    assert refusal.value.details == {"role": ["This role may not approve changes."]}
    with pytest.raises(ValidationFailed):
        approval_rule_update(actor=people.manager, rule_id=rule.pk, changes={"threshold": Decimal(-1)})
    stranger, _member = make_member("financial_approver", tenant=other_tenant)
    with pytest.raises(ValidationFailed, match="Only members"):
        approval_rule_update(actor=people.manager, rule_id=rule.pk, changes={}, people=[stranger.pk])
    changed = approval_rule_update(
        actor=people.manager, rule_id=rule.pk, changes={"threshold": Decimal(100)}, people=[people.manager.user_id]
    )
    assert (changed.threshold, changed.people.count()) == (Decimal(100), 1)
    change = make_draft(people.author, lamp, cost_impact=Decimal("100.01"))
    change_submit(actor=people.author, change_id=change.pk)
    assert named(change) == {"technical_approver": ["technical"], "plm_manager": ["financial"]}
    back = approval_rule_update(actor=people.manager, rule_id=rule.pk, changes={"is_enabled": False}, people=[])
    assert (back.is_enabled, back.people.count()) == (False, 0)


def test_no_comment_is_cut_off(people: People, lamp: Lamp) -> None:
    """A vote keeps 2,000 characters; what stands in the history alone has 500."""
    change = make_draft(people.author, lamp)
    with pytest.raises(ValidationFailed, match="At most 500"):
        change_submit(actor=people.author, change_id=change.pk, comment="x" * 501)
    change_submit(actor=people.author, change_id=change.pk, comment="x" * 500)
    with pytest.raises(ValidationFailed, match="At most 2000"):
        change_approve(actor=people.technical, change_id=change.pk, comment="x" * 2001)
    change_approve(actor=people.technical, change_id=change.pk, comment="y" * 2000)
    assert Approval.objects.get(change=change).comment == "y" * 2000
