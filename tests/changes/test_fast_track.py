"""The fast track: which change is small, who is left out, what is kept, and that nothing slips through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changes.choices import RuleWeight
from changes.models import ApprovalRule, ChangePolicy, EngineeringChange, FastTrack
from changes.packages.contents import package_entries
from changes.policy.conditions import conditions_read
from changes.selectors import change_list
from changes.services import (
    approval_rule_add,
    approval_rule_update,
    change_create,
    change_implement,
    change_policy_update,
    change_rebase,
    change_reopen,
    change_submit,
    change_update,
    change_withdraw,
    policy_apply,
    redline_add,
)
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed
from plm_project.outbox.relay import relay_tenant
from products.models import Product
from tests.changes.conftest import COMPLETE, Lamp, People, approved, events_of, footprint, fresh, make_draft, make_lamp
from tests.changes.policy import asked, submitted_by
from tests.changes.policy import rule as technical
from tests.signing import change_approve, change_reject

SMALL = "affected_products at most 1\ncost_impact at most 500"


def fast_track(people: People, text: str = SMALL) -> ChangePolicy:
    policy = ChangePolicy.objects.get()
    return change_policy_update(
        actor=people.manager, policy_id=policy.pk, changes={"fast_track_conditions": conditions_read(text)}
    )


def boss(people: People, **data: Any) -> ApprovalRule:
    """A rule that small changes are spared."""
    return approval_rule_add(
        actor=people.manager, data={"name": "Boss", "role": "plm_manager", "on_fast_track": False, **data}
    )


def codes(rules: Any) -> list[str]:
    return [one.rule.code for one in rules]


# --- which change is small -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("small", "data", "is_fast"),
    [
        (None, {}, False),
        ("", {}, False),
        (SMALL, {"cost_impact": 500}, True),
        (SMALL, {"cost_impact": -500}, True),
        (SMALL, {"cost_impact": "500.01"}, False),
        ("change_type is documentation", {}, False),
        ("change_type is documentation\nor\npriority in low, medium", {}, True),
        ("redlines at most 2", {}, True),
        ("redlines at most 1", {}, False),
        ("action is revise", {}, True),
        ("action is not obsolete", {}, True),
        ("action in obsolete, replace", {}, False),
        ("released_before is yes", {}, True),
        ("released_before is not yes", {}, False),
        ("product_number is LAMP", {}, True),
        ("tag is safety", {}, False),
        ("tag is not safety", {}, True),
    ],
)
def test_what_is_small(people: People, lamp: Lamp, small: str | None, data: dict[str, Any], is_fast: bool) -> None:
    if small is not None:
        fast_track(people, small)
    boss(people)
    draft = make_draft(people.author, lamp, **data)
    policy = policy_apply(draft)
    assert bool(policy.fast_track) is is_fast
    assert codes(policy.rules) == (["technical"] if is_fast else ["technical", "boss"])
    assert codes(policy.left_out) == (["boss"] if is_fast else [])
    change = change_submit(actor=people.author, change_id=draft.pk)
    assert asked(change) == ({"technical_approver"} if is_fast else {"technical_approver", "plm_manager"})
    assert FastTrack.objects.exists() is is_fast
    assert list(change_list(fast_track=True)) == ([change] if is_fast else [])
    assert list(change_list(fast_track=False)) == ([] if is_fast else [change])


def test_it_is_off_until_somebody_says_what_is_small(people: People, lamp: Lamp) -> None:
    boss(people)
    assert ChangePolicy.objects.get().fast_track_conditions is None
    assert codes(policy_apply(make_draft(people.author, lamp)).rules) == ["technical", "boss"]
    fast_track(people)
    before = footprint()
    policy = fast_track(people, "")
    assert policy.fast_track_conditions is None and footprint() != before
    fresh_policy = fast_track(people, "")
    assert fresh_policy.version == policy.version, "no condition is none, and not another one"


def test_a_rule_that_does_not_apply_is_not_told_as_left_out(people: People, lamp: Lamp) -> None:
    fast_track(people)
    boss(people, conditions=conditions_read("priority is critical"))
    assert policy_apply(make_draft(people.author, lamp)).left_out == ()


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (
            [[{"attribute": "cost_impact", "operator": "below", "values": ["threshold"]}]],
            "stands for the amount of a rule",
        ),
        ([[{"attribute": "colour", "operator": "is", "values": ["red"]}]], "there is no attribute colour"),
        ([[]], "Give a list of alternatives"),
        ("small", "Give a list of alternatives"),
    ],
)
def test_conditions_that_cannot_be_read(people: People, refused: Callable[..., Any], stored: Any, why: str) -> None:
    policy = ChangePolicy.objects.get()
    refusal = refused(
        ValidationFailed, change_policy_update, actor=people.manager, policy_id=policy.pk,
        changes={"fast_track_conditions": stored},
    )  # fmt: skip
    assert why in refusal.details["fast_track_conditions"][0]


def test_who_says_what_is_small(people: People, refused: Callable[..., Any]) -> None:
    policy = ChangePolicy.objects.get()
    small = {"fast_track_conditions": conditions_read(SMALL)}
    for actor in (people.author, people.analyst, people.technical):
        refused(PermissionDenied, change_policy_update, actor=actor, policy_id=policy.pk, changes=small)
        rule = ApprovalRule.objects.get(code="technical")
        refused(PermissionDenied, approval_rule_update, actor=actor, rule_id=rule.pk, changes={"on_fast_track": False})


# --- never without an approval -------------------------------------------------------------------------------------------
def test_a_fast_track_that_asks_nobody_submits_nothing(
    people: People, lamp: Lamp, refused: Callable[..., Any]
) -> None:
    fast_track(people)
    technical(people, on_fast_track=False)
    draft = make_draft(people.author, lamp)
    refusal = refused(ValidationFailed, change_submit, actor=people.author, change_id=draft.pk)
    assert "without one nothing is released" in refusal.message
    opinion = {"name": "Opinion", "role": "plm_manager"}
    for weight in (RuleWeight.OPTIONAL, RuleWeight.COMMENT):
        approval_rule_add(actor=people.manager, data={**opinion, "weight": weight})
        refused(ValidationFailed, change_submit, actor=people.author, change_id=draft.pk)
    assert fresh(draft).status == "draft"
    change_update(actor=people.author, change_id=draft.pk, changes={"cost_impact": 501})
    assert change_submit(actor=people.author, change_id=draft.pk).status == "submitted", "the normal way is open"


def test_the_author_alone_is_not_enough_on_the_fast_track(
    people: People, lamp: Lamp, refused: Callable[..., Any]
) -> None:
    fast_track(people)
    boss(people, on_fast_track=True)
    technical(people, on_fast_track=False)
    draft = make_draft(people.manager, lamp)
    refusal = refused(ValidationFailed, change_submit, actor=people.manager, change_id=draft.pk)
    assert "only approver" in refusal.message


RULES = st.lists(
    st.fixed_dictionaries(
        {
            "weight": st.sampled_from(RuleWeight.values),
            "on_fast_track": st.booleans(),
            "is_enabled": st.booleans(),
            "role": st.sampled_from(["technical_approver", "plm_manager"]),
            "conditions": st.sampled_from(
                ["", "priority is critical", "cost_impact above 100", "released_before is yes", "redlines at least 2"]
            ).map(conditions_read),
        }
    ),
    max_size=4,
)
CONDITIONS = st.lists(
    st.lists(
        st.sampled_from(
            ["affected_products at most 1", "cost_impact at most 100", "priority is medium", "tag is not big",
             "redlines below 2", "released_before is no"]
        ),
        min_size=1, max_size=2,
    ).map("\n".join),
    max_size=2,
).map("\nor\n".join)  # fmt: skip


FIRST = st.fixed_dictionaries({"weight": st.sampled_from(RuleWeight.values), "on_fast_track": st.booleans()})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RULES, CONDITIONS, st.sampled_from([0, 50, 101]), FIRST)
def test_nothing_is_ever_approved_without_a_required_approval(
    people: People, lamp: Lamp, rules: list[dict[str, Any]], small: str, cost: int, first: dict[str, Any]
) -> None:
    """Whatever the rules and the fast track say: what is submitted waits for at least one required approval by somebody
    else than its author, and without it stays unapproved whoever votes.
    """
    with transaction.atomic():
        fast_track(people, small)
        technical(people, **first)
        for number, data in enumerate(rules):
            approval_rule_add(actor=people.manager, data={"name": f"Rule {number}", **data})
        draft = make_draft(people.author, lamp, cost_impact=cost)
        try:
            change_submit(actor=people.author, change_id=draft.pk)
        except ValidationFailed:
            assert fresh(draft).status == "draft" and not draft.requirements.exists()
        else:
            _nobody_slips_through(people, fresh(draft))
        transaction.set_rollback(True)


def _nobody_slips_through(people: People, change: EngineeringChange) -> None:
    needed = {one.code for one in change.round_requirements() if one.weight == RuleWeight.REQUIRED}
    assert needed
    voters = {people.technical.user_id: people.technical, people.manager.user_id: people.manager}
    required = [vote for vote in change.round_votes() if needed & set(vote.rules)]
    assert required and all(vote.approver_id in voters for vote in required)
    for vote in change.round_votes():
        if vote in required[1:] and fresh(change).status == "submitted":
            change_approve(actor=voters[vote.approver_id], change_id=change.pk)
    assert fresh(change).status == "submitted", "the last required approval is missing"
    assert events_of("change_approved") == []
    change_approve(actor=voters[required[0].approver_id], change_id=change.pk)
    assert fresh(change).status == "approved"


# --- what is kept ----------------------------------------------------------------------------------------------------------
def test_a_round_keeps_why_and_who_was_left_out(people: People, lamp: Lamp) -> None:
    fast_track(people)
    rule = boss(people)
    change = submitted_by(people, lamp)
    (event,) = events_of("change_submitted")
    assert event.event_data["fast_track"] == {
        "why": "affected products at most 1, cost impact at most 500 EUR",
        "left_out": ["boss"],
    }
    fast_track(people, "priority is critical")
    approval_rule_update(actor=people.manager, rule_id=rule.pk, changes={"on_fast_track": True})
    kept = fresh(change).round_fast_track()
    assert kept is not None and kept.left_out == [{"code": "boss", "name": "Boss", "why": "every change"}]
    change_approve(actor=people.technical, change_id=change.pk)
    assert fresh(change).status == "approved", "what was submitted goes by the policy of that day"
    change_implement(actor=people.manager, change_id=change.pk)
    (entry,) = [one for one in package_entries(fresh(change)) if one.name == "change.json"]
    assert entry.content is not None and b'"fast_track": [' in entry.content and b'"code": "boss"' in entry.content


def test_a_package_without_a_fast_track_says_nothing_of_it(people: People, draft: EngineeringChange) -> None:
    """So that a package sealed before there was one makes the same bytes."""
    approved(people, draft)
    change_implement(actor=people.manager, change_id=draft.pk)
    (entry,) = [one for one in package_entries(fresh(draft)) if one.name == "change.json"]
    assert entry.content is not None and b"fast_track" not in entry.content


def test_every_submission_decides_anew(people: People, lamp: Lamp) -> None:
    fast_track(people)
    boss(people)
    change = submitted_by(people, lamp)
    change_withdraw(actor=people.author, change_id=change.pk)
    change_reopen(actor=people.author, change_id=change.pk)
    assert list(change_list(fast_track=True)) == [], "a draft is submitted anew"
    change_update(actor=people.author, change_id=change.pk, changes={"cost_impact": 9000})
    approval_rule_update(
        actor=people.manager, rule_id=ApprovalRule.objects.get(code="financial").pk, changes={"is_enabled": False}
    )
    change_submit(actor=people.author, change_id=change.pk)
    assert fresh(change).round_fast_track() is None and asked(change) == {"technical_approver", "plm_manager"}
    assert [one.round for one in change.fast_tracks.all()] == [1], "the first round stays readable"
    assert list(change_list(fast_track=False)) == [change]


# --- what grows after it was submitted ---------------------------------------------------------------------------------------
def test_a_change_that_no_longer_fits_is_neither_approved_nor_released(people: People, lamp: Lamp) -> None:
    """Its products may change while it is submitted: what was small then is not any more."""
    fast_track(people, "tag is not safety")
    boss(people)
    first, second = submitted_by(people, lamp), submitted_by(people, make_lamp("OTHER"))
    change_approve(actor=people.technical, change_id=second.pk)
    Product.objects.filter(product_number__in=["LAMP", "OTHER"]).update(tags=["safety"])
    before = footprint()
    with pytest.raises(Conflict, match="no longer fits"):
        change_approve(actor=people.technical, change_id=first.pk)
    with pytest.raises(Conflict, match="no longer fits"):
        change_implement(actor=people.manager, change_id=second.pk)
    assert footprint() == before
    assert (fresh(first).status, fresh(second).status) == ("submitted", "approved")
    change_withdraw(actor=people.author, change_id=second.pk)
    change_reopen(actor=people.author, change_id=second.pk)
    change_submit(actor=people.author, change_id=second.pk)
    assert asked(second) == {"technical_approver", "plm_manager"}
    with pytest.raises(ValidationFailed):
        change_reject(actor=people.technical, change_id=first.pk, comment="")
    change_reject(actor=people.technical, change_id=first.pk, comment="grown")
    assert fresh(first).status == "rejected", "a no is heard all the same"


def test_a_rebase_that_makes_it_larger_does_not_slip_through(people: People, lamp: Lamp) -> None:
    """Redlines are counted: another change takes one of ours into its release, or leaves more to draw."""
    fast_track(people, "redlines at least 2")
    boss(people)
    small = submitted_by(people, lamp)
    other = make_draft_of(people.analyst, lamp)
    fast_track(people, "")
    change_submit(actor=people.analyst, change_id=other.pk)
    for voter in (people.technical, people.manager):
        change_approve(actor=voter, change_id=other.pk)
    change_implement(actor=people.manager, change_id=other.pk)
    change_rebase(actor=Actor.system(people.author.tenant_id, "tests"), change_id=small.pk)
    assert small.redlines.count() == 1, "one of the two is released already"
    with pytest.raises(Conflict, match="no longer fits"):
        change_approve(actor=people.technical, change_id=small.pk)
    assert fresh(small).status == "submitted" and fresh(small).round_votes()[0].decision == "pending"


def make_draft_of(actor: Actor, lamp: Lamp) -> EngineeringChange:
    """A change that makes the screws six, as the draft of the other does."""
    change = change_create(actor=actor, data=COMPLETE, affected=[lamp.product.pk])
    redline_add(actor=actor, change_id=change.pk, operation="quantity", line_id=lamp.screw.pk, values={"quantity": 6})
    return change


def test_a_rebase_that_leaves_it_small_goes_on(people: People, lamp: Lamp) -> None:
    fast_track(people, "redlines at most 2\nreleased_before is yes")
    small = submitted_by(people, lamp)
    other = make_draft_of(people.analyst, lamp)
    change_submit(actor=people.analyst, change_id=other.pk)
    change_approve(actor=people.technical, change_id=other.pk)
    change_implement(actor=people.manager, change_id=other.pk)
    relay_tenant(people.author.tenant_id)
    assert small.redlines.count() == 1
    change_approve(actor=people.technical, change_id=small.pk)
    assert change_implement(actor=people.manager, change_id=small.pk).status == "implemented"
