"""The approval policy as a table: which rules apply to which change, how it is written and read, and what is refused."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changes.choices import ChangeType, Priority, Urgency
from changes.models import ApprovalRule
from changes.policy.attributes import PolicyFacts
from changes.policy.conditions import (
    STANDARD,
    ConditionFault,
    alternative_held,
    alternatives_of,
    conditions_check,
    conditions_read,
    conditions_text,
)
from changes.policy.tally import Seat, tally
from changes.services import approval_rule_add, approval_rule_remove, approval_rule_update, change_submit, policy_apply
from plm_project.core import clock
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed
from products.models import Product
from tests.changes.conftest import Lamp, People, footprint, make_draft

LIMIT = Decimal(5000)


def facts(**values: Any) -> PolicyFacts:
    """A quiet change of one manufactured product."""
    told = {
        "change_type": "design",
        "priority": "low",
        "urgency": "normal",
        "cost_impact": Decimal(0),
        "affected_products": Decimal(1),
        "product_type": "manufactured",
        "lifecycle_phase": "active",
        "tag": None,
        "product_number": "LAMP",
        **values,
    }
    sets = {
        name: value if isinstance(value, frozenset) else frozenset() if value is None else frozenset({value})
        for name, value in told.items()
    }
    return PolicyFacts(sets, custom={"material": frozenset({"steel", "brass"})})


def applies(text: str, **values: Any) -> bool:
    return alternative_held(alternatives_of("x", conditions_read(text)), facts(**values), LIMIT) is not None


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("", {}, True),
        ("cost_impact above 100", {"cost_impact": Decimal(100)}, False),
        ("cost_impact above 100", {"cost_impact": Decimal("100.01")}, True),
        ("cost_impact at least 100", {"cost_impact": Decimal(100)}, True),
        ("cost_impact below 100", {"cost_impact": Decimal(100)}, False),
        ("cost_impact at most 100", {"cost_impact": Decimal(100)}, True),
        ("cost_impact above threshold", {"cost_impact": Decimal(5000)}, False),
        ("cost_impact above threshold", {"cost_impact": Decimal(5001)}, True),
        ("affected_products at least 2", {}, False),
        ("affected_products at least 2", {"affected_products": Decimal(2)}, True),
        ("change_type is safety", {}, False),
        ("change_type is not safety", {}, True),
        ("change_type in safety, design", {}, True),
        ("change_type not in safety, design", {}, False),
        ("product_type is purchased", {"product_type": frozenset({"purchased", "manufactured"})}, True),
        ("product_type is not purchased", {"product_type": frozenset({"purchased", "manufactured"})}, False),
        ("tag is ul-listed", {}, False),
        ("tag is not ul-listed", {}, True),
        ("tag is ul-listed", {"tag": frozenset({"ul-listed", "b"})}, True),
        ("attribute.material is brass", {}, True),
        ("attribute.colour is red", {}, False),
        ("attribute.colour is not red", {}, True),
        ("priority is high\nurgency is urgent", {"priority": "high"}, False),
        ("priority is high\nor\nurgency is urgent", {"priority": "high"}, True),
        ("priority is high\nOR\nurgency is urgent\nchange_type is design", {"urgency": "urgent"}, True),
        ("PRIORITY is high".replace("PRIORITY", "priority").replace("is", "IS"), {"priority": "high"}, True),
    ],
)
def test_a_condition_says_what_it_says(text: str, values: dict[str, Any], expected: bool) -> None:
    assert applies(text, **values) is expected


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("colour is red", "there is no attribute colour"),
        ("priority above 3", "priority takes one of"),
        ("priority is gigantic", "priority has no value gigantic"),
        ("cost_impact above much", "much is no number"),
        ("cost_impact above NaN", "NaN is no number"),
        ("cost_impact above 1e-999999", "is no number"),
        ("cost_impact above 1e999999", "is no number"),
        ("tag in " + ", ".join(["a"] * 51), "at most 50 values"),
        ("tag is " + "x" * 201, "at most 50 values of 200"),
        ("affected_products above threshold", "threshold is no number"),
        ("priority", "write an attribute"),
        ("priority in high,", "a value is missing"),
        ("or\npriority is high", "before “or”"),
        ("priority is high\nor", "after the last “or”"),
        ("priority is low\npriority is", "Line 2"),
        ("\n".join(["priority is low"] * 51), "At most 50"),
    ],
)
def test_a_condition_that_cannot_be_read_says_where_and_why(text: str, why: str) -> None:
    with pytest.raises(ConditionFault, match=why):
        conditions_read(text)


@pytest.mark.once
@pytest.mark.parametrize("stored", ["x", [[]], [{}], [[{"attribute": "priority"}]], [["x"]],
                                    [[{"attribute": "priority", "operator": "is", "values": ["low", "high"]}]],
                                    [[{"attribute": 3, "operator": "is", "values": ["low"]}]],
                                    [[{"attribute": "priority", "operator": "is", "values": "low"}]]])  # fmt: skip
def test_conditions_of_another_shape_are_refused(stored: Any) -> None:
    with pytest.raises(ConditionFault):
        conditions_check(stored)


@pytest.mark.once
@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["priority is high", "cost_impact above threshold", "cost_impact below 7.5", "tag in a, b",
                 "change_type not in safety, design", "attribute.material is not brass"]
            ),
            min_size=1,
            max_size=4,
        ),
        max_size=4,
    )
)  # fmt: skip
def test_conditions_are_written_as_they_were_read(groups: list[list[str]]) -> None:
    text = "\nor\n".join("\n".join(group) for group in groups)
    stored = conditions_read(text)
    assert conditions_text(alternatives_of("x", stored)) == text
    assert conditions_check(stored) == stored


@pytest.mark.once
@given(
    st.sampled_from(ChangeType.values), st.sampled_from(Priority.values), st.sampled_from(Urgency.values),
    st.decimals(min_value=-9999, max_value=9999, places=2),
)  # fmt: skip
def test_the_standard_rules_are_those_of_the_specification(
    kind: str, priority: str, urgency: str, cost: Decimal
) -> None:
    found = facts(change_type=kind, priority=priority, urgency=urgency, cost_impact=abs(cost))
    apply = {code for code, when in STANDARD.items() if alternative_held(when, found, LIMIT) is not None}
    expected = {"technical"}
    expected |= {"financial"} if abs(cost) > 5000 else set()
    expected |= {"quality"} if kind in ("quality_improvement", "safety", "regulatory") else set()
    expected |= {"management"} if priority in ("high", "critical") or urgency == "urgent" else set()
    assert apply == expected


# --- the votes of a round ----------------------------------------------------------------------------------------------
@dataclass
class Need:
    """A requirement as the tally sees one."""

    code: str
    weight: str = "required"
    decides: str = "all"
    quorum: int | None = None
    step: int = 1


def seats(votes: str, code: str = "a", signers: str = "") -> list[Seat]:
    """One seat a letter: + approved, - rejected, . pending, c commented."""
    words = {"+": "approved", "-": "rejected", ".": "pending", "c": "commented"}
    return [
        Seat(uuid.uuid4(), uuid.UUID(int=ord(signers[at]) if signers else at), words[letter], frozenset({code}))
        for at, letter in enumerate(votes)
    ]


@pytest.mark.once
@pytest.mark.parametrize(
    ("decides", "quorum", "votes", "state"),
    [
        ("all", None, "++", "met"), ("all", None, "+.", "open"), ("all", None, "+-", "failed"), ("all", None, "", "failed"),
        ("any", None, "..", "open"), ("any", None, "+.", "met"), ("any", None, "-.", "open"), ("any", None, "--", "failed"),
        ("any", None, "-+", "met"), ("majority", None, "++.", "met"), ("majority", None, "+-.", "open"),
        ("majority", None, "--.", "failed"), ("majority", None, "++..", "open"), ("majority", None, "+++.", "met"),
        ("majority", None, "--..", "failed"), ("count", 2, "+..", "open"), ("count", 2, "++.", "met"),
        ("count", 2, "--+", "failed"), ("count", 2, "-+.", "open"), ("count", 3, "++", "failed"),
    ],
)  # fmt: skip
def test_what_a_requirement_makes_of_votes(decides: str, quorum: int | None, votes: str, state: str) -> None:
    found = tally([Need("a", decides=decides, quorum=quorum)], seats(votes))
    assert found.standings["a"].state == state
    assert (found.is_approved, found.is_rejected) == (state == "met", state == "failed")


@pytest.mark.once
def test_who_signs_for_two_counts_once_but_where_all_must() -> None:
    for decides, quorum, state in (("count", 2, "open"), ("majority", None, "open"), ("all", None, "met")):
        found = tally([Need("a", decides=decides, quorum=quorum)], seats("++", signers="xx"))
        assert found.standings["a"].state == state, decides


@pytest.mark.once
def test_steps_come_one_after_the_other_and_the_optional_decides_nothing() -> None:
    needs = [Need("a"), Need("b", step=2), Need("o", weight="optional", step=2), Need("c", weight="comment")]
    first, second, opinion, word = (*seats("."), *seats(".", "b"), *seats(".", "o"), *seats(".", "c"))
    found = tally(needs, [first, second, opinion, word])
    assert (found.step, found.asked) == (1, {first.vote_id, word.vote_id})
    assert {code: one.state for code, one in found.standings.items()} == {
        "a": "open", "b": "later", "o": "later", "c": "open"
    }  # fmt: skip
    found = tally(needs, [*seats("+"), second, opinion, word])
    assert (found.step, found.asked) == (2, {second.vote_id, opinion.vote_id, word.vote_id})
    found = tally(needs, [*seats("+"), *seats("+", "b"), *seats("-", "o"), word])
    assert found.is_approved and not found.is_rejected and found.standings["o"].state == "failed"


@pytest.mark.once
def test_without_anything_required_nothing_is_ever_approved() -> None:
    assert not tally([], []).is_approved
    assert not tally(
        [Need("o", weight="optional"), Need("c", weight="comment")], [*seats("+", "o"), *seats("c", "c")]
    ).is_approved


@pytest.mark.once
@given(
    st.text(alphabet="+-.", min_size=1, max_size=7),
    st.sampled_from(["all", "any", "majority", "count"]),
    st.integers(1, 4),
)
def test_a_requirement_never_turns_back(votes: str, decides: str, quorum: int) -> None:
    """Whatever the open votes say, what is met stays met and what has failed stays failed; and one of the two comes."""
    need = [Need("a", decides=decides, quorum=quorum)]
    before = tally(need, seats(votes)).standings["a"].state
    ends = {tally(need, seats(votes.replace(".", said))).standings["a"].state for said in "+-"}
    if before != "open":
        assert ends == {before}
    else:
        assert ends == {"met", "failed"}


# --- the rules of a tenant -------------------------------------------------------------------------------------------
def codes(policy: Any) -> list[str]:
    return [one.rule.code for one in policy.rules]


def test_a_rule_of_the_tenants_own(people: People, lamp: Lamp) -> None:
    rule = approval_rule_add(
        actor=people.manager,
        data={
            "name": "Purchased parts",
            "conditions": conditions_read("product_type is purchased\nattribute.material in brass, steel"),
            "role": "technical_approver",
        },
    )
    assert (rule.code, rule.label, str(rule)) == ("purchased-parts", "Purchased parts", "Purchased parts")
    draft = make_draft(people.author, lamp)
    assert codes(policy_apply(draft)) == ["technical"]
    Product.objects.filter(pk=lamp.product.pk).update(
        product_type="purchased", custom_attributes={"material": ["brass"]}
    )
    policy = policy_apply(draft)
    assert codes(policy) == ["technical", "purchased-parts"]
    assert policy.rules[1].why == "product type Purchased, material brass"
    assert [entry.rules for entry in policy.named()] == [["technical", "purchased-parts"]]
    again = approval_rule_add(actor=people.manager, data={"name": "Purchased parts", "role": "technical_approver"})
    assert again.code == "purchased-parts-2" and again.conditions == []
    approval_rule_remove(actor=people.manager, rule_id=rule.pk)
    approval_rule_remove(actor=people.manager, rule_id=again.pk, reason="not needed")
    assert codes(policy_apply(draft)) == ["technical"]
    third = approval_rule_add(actor=people.manager, data={"name": "Purchased parts", "role": "technical_approver"})
    assert third.code == "purchased-parts-3"  # votes of former rounds go on naming the ones before


def test_a_rule_holds_on_its_days(people: People, lamp: Lamp) -> None:
    today = clock.today()
    rule = ApprovalRule.objects.get(code="technical")
    day = dt.timedelta(days=1)
    for first, until, applied in (
        (None, None, True), (today, None, True), (today + day, None, False), (None, today, False), (None, today + day, True),
    ):  # fmt: skip
        approval_rule_update(
            actor=people.manager, rule_id=rule.pk, changes={"effective_from": first, "effective_to": until}
        )
        draft = make_draft(people.author, lamp)
        policy = policy_apply(draft)
        assert codes(policy) == (["technical"] if applied else []), (first, until)
        assert policy.faults == (
            () if applied else ("No rule in force asks for an approval: without one nothing is released.",)
        )
        later = policy_apply(draft, today + 2 * day)
        assert codes(later) == (["technical"] if until is None else [])


def test_without_a_required_approver_nothing_is_submitted(people: People, lamp: Lamp) -> None:
    draft = make_draft(people.author, lamp)
    rule = ApprovalRule.objects.get(code="technical")
    for changes in ({"weight": "optional"}, {"weight": "comment"}, {"weight": "required", "is_enabled": False}):
        approval_rule_update(actor=people.manager, rule_id=rule.pk, changes=changes)
        before = footprint()
        with pytest.raises(ValidationFailed, match="without one nothing is released"):
            change_submit(actor=people.author, change_id=draft.pk)
        assert footprint() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"decides": "count"}, "quorum"),
        ({"quorum": 2}, "quorum"),
        ({"remind_days": 1}, "remind_days"),
        ({"deadline_days": 2, "remind_days": 2}, "remind_days"),
        ({"escalation_role": "plm_manager"}, "escalation_role"),
        ({"deadline_days": 2, "escalation_role": "viewer"}, "escalation_role"),
        ({"effective_from": dt.date(2027, 1, 2), "effective_to": dt.date(2027, 1, 2)}, "effective_to"),
        ({"conditions": [[{"attribute": "colour", "operator": "is", "values": ["red"]}]]}, "conditions"),
        ({"step": 0}, "step"),
        ({"code": "mine"}, "code"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(changes: dict[str, Any], field: str, people: People) -> None:
    rule = ApprovalRule.objects.get(code="quality")
    before = footprint()
    with pytest.raises(ValidationFailed) as refusal:
        approval_rule_update(actor=people.manager, rule_id=rule.pk, changes=changes)
    assert list(refusal.value.details) == [field] and footprint() == before


def test_rules_are_added_and_removed_by_who_configures(people: People) -> None:
    before = footprint()
    standard = ApprovalRule.objects.get(code="quality")
    with pytest.raises(PermissionDenied):
        approval_rule_add(actor=people.technical, data={"name": "Mine", "role": "technical_approver"})
    with pytest.raises(PermissionDenied):
        approval_rule_remove(actor=people.technical, rule_id=standard.pk)
    with pytest.raises(Conflict, match="switched off"):
        approval_rule_remove(actor=people.manager, rule_id=standard.pk)
    for data, field in (({"role": "technical_approver"}, "name"), ({"name": "x", "role": "viewer"}, "role")):
        with pytest.raises(ValidationFailed) as refusal:
            approval_rule_add(actor=people.manager, data=data)
        assert list(refusal.value.details) == [field]
    with pytest.raises(ValidationFailed, match="Only members"):
        approval_rule_add(
            actor=people.manager, data={"name": "x", "role": "technical_approver"}, people=[uuid.uuid4()]
        )
    assert footprint() == before
