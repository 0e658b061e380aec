"""The demo people and engineering changes: who may decide what, and redlines that point at lines that exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.demo.demo_files import AS_OF, CATALOGUES, STORY, UNIT_CODES, Catalogue, Line, in_window

CHANGE_TYPES = {
    "design", "quality_improvement", "safety", "regulatory", "cost_reduction", "documentation", "process", "other",
}  # fmt: skip

PEOPLE = {person["key"]: person for person in STORY["people"]}
CHANGES: list[dict[str, Any]] = STORY["changes"]

each_change = pytest.mark.parametrize("change", CHANGES, ids=[change["key"] for change in CHANGES])


def roles_of(key: str, tenant: str) -> set[str]:
    return {role for m in PEOPLE[key]["memberships"] if m["tenant"] == tenant for role in m["roles"]}


def needed_roles(change: dict[str, Any]) -> set[str]:
    """The approver roles by the four rules, for this change."""
    tenant = next(tenant for tenant in STORY["tenants"] if tenant["slug"] == change["tenant"])
    needed = {"technical_approver"}
    if abs(Decimal(change["cost_impact"])) > Decimal(tenant["financial_threshold"]):
        needed.add("financial_approver")
    if change["change_type"] in {"quality_improvement", "safety", "regulatory"}:
        needed.add("quality_approver")
    if change["priority"] in {"high", "critical"} or change["urgency"] == "urgent":
        needed.add("management_approver")
    return needed


def redlined(lines: list[Line], redline: dict[str, Any]) -> list[Line]:
    """One parent's lines after one redline. A redline that points at no live line is an error."""
    op, find_no, child = redline["op"], redline["find_no"], redline["child"]
    if op == "add":
        assert find_no not in {line.find_no for line in lines}, redline
        quantity, unit = Decimal(redline["quantity"]), redline["uom"]
        marks = tuple(redline.get("refdes", ()))
        return [*lines, Line(redline["parent"], child, find_no, quantity, unit, "", "", marks)]
    hits = [line for line in lines if line.find_no == find_no and line.child == child and line.live()]
    assert len(hits) == 1, f"no such line: {redline}"
    if op == "remove":
        return [line for line in lines if line is not hits[0]]
    edits: dict[str, Any] = {
        "quantity": lambda: {"quantity": Decimal(redline["quantity"])},
        "unit": lambda: {"uom": redline["uom"]},
        "find_number": lambda: {"find_no": redline["new_find_no"]},
        "designators": lambda: {"refdes": tuple(redline["refdes"])},
        "replace": lambda: {"child": redline["new_child"]},
    }
    edited = replace(hits[0], **edits[op]())
    assert edited != hits[0], f"changes nothing: {redline}"
    return [edited if line is hits[0] else line for line in lines]


def applied(catalogue: Catalogue, change: dict[str, Any]) -> Catalogue:
    """The catalogue after a change. Lines that both have designators and changed must still count up."""
    children = dict(catalogue.children)
    for redline in change["redlines"]:
        children[redline["parent"]] = redlined(children[redline["parent"]], redline)
    for parent in change["affected_products"]:
        assert len({line.find_no for line in children[parent]}) == len(children[parent])
        for line in children[parent]:
            assert line.child in catalogue.parts and line.child != parent and line.quantity > 0
            assert not line.refdes or len(line.refdes) == line.quantity, line
    return Catalogue(catalogue.slug, catalogue.parts, [line for lines in children.values() for line in lines])


def walk_changes() -> Iterator[tuple[dict[str, Any], Catalogue]]:
    """Each change with the catalogue after it; only an implemented one stays for those that follow."""
    current = dict(CATALOGUES)
    for change in CHANGES:
        after = applied(current[change["tenant"]], change)
        yield change, after
        if change["final_status"] == "implemented":
            current[change["tenant"]] = after


def test_people() -> None:
    emails = [person["email"] for person in PEOPLE.values()]
    assert len(set(emails)) == len(emails) == len(STORY["people"])
    assert all(re.fullmatch(r"[a-z.]+@(veloform|nordlicht)\.example", email) for email in emails)
    held = {role for key in PEOPLE for role in roles_of(key, "veloform")}
    assert held >= {
        "engineer", "technical_approver", "quality_approver", "financial_approver", "management_approver",
        "plm_manager", "tenant_admin", "viewer",
    }  # fmt: skip
    shown = [key for key, person in PEOPLE.items() if person["show_at_start"]]
    assert [min(roles_of(key, "veloform")) for key in shown] == ["engineer", "quality_approver", "plm_manager"]
    in_both = [key for key in PEOPLE if roles_of(key, "veloform") and roles_of(key, "nordlicht")]
    assert in_both == ["ilse"], "one person sees the tenant switcher, the others prove the isolation"


def test_the_changes_stand_in_all_states_and_use_all_redlines() -> None:
    states = Counter(change["final_status"] for change in CHANGES if change["tenant"] == "veloform")
    assert states == {
        "implemented": 3, "approved": 1, "submitted": 2, "draft": 1, "rejected": 1, "withdrawn": 1, "cancelled": 1,
    }  # fmt: skip
    assert {redline["op"] for change in CHANGES for redline in change["redlines"]} == {
        "add", "remove", "quantity", "find_number", "designators", "replace",
    }  # fmt: skip
    assert len({change["key"] for change in CHANGES}) == len({change["title"] for change in CHANGES}) == len(CHANGES)


@each_change
def test_change_fields(change: dict[str, Any]) -> None:
    parts = CATALOGUES[change["tenant"]].parts
    assert change["change_type"] in CHANGE_TYPES
    assert change["priority"] in {"low", "medium", "high", "critical"}
    assert change["urgency"] in {"normal", "urgent"}
    Decimal(change["cost_impact"])
    assert all(change[name].strip() for name in ("title", "description", "reason_for_change", "business_impact"))
    assert "engineer" in roles_of(change["author"], change["tenant"])
    assert {redline["parent"] for redline in change["redlines"]} == set(change["affected_products"])
    assert all(parts[number]["lifecycle"] == "released" for number in change["affected_products"])
    for redline in change["redlines"]:
        assert redline["child"] in parts and redline.get("new_child", redline["child"]) in parts
        assert redline.get("uom", "each") in UNIT_CODES.values()


@each_change
def test_change_is_decided_by_the_people_the_rules_name(change: dict[str, Any]) -> None:
    steps = change["steps"]
    assert [step["on"] for step in steps] == sorted(step["on"] for step in steps)
    assert all(step["on"] <= AS_OF and step["by"] in PEOPLE for step in steps)
    approvers = [step["by"] for step in steps if step["action"] == "approve"]
    assert len(set(approvers)) == len(approvers) and change["author"] not in approvers
    needed = needed_roles(change)
    held = [roles_of(key, change["tenant"]) & needed for key in approvers]
    assert all(held), "an approval by somebody whom no rule names"
    complete = needed <= set().union(*held)
    actions = [step["action"] for step in steps if step["action"] != "approve"]
    expected: dict[str, tuple[list[str], bool]] = {
        "draft": ([], False),
        "submitted": (["submit"], False),
        "approved": (["submit"], True),
        "implemented": (["submit", "implement"], True),
        "rejected": (["submit", "reject"], False),
        "withdrawn": (["submit", "withdraw"], False),
        "cancelled": (["cancel"], False),
    }
    assert (actions, complete) == expected[change["final_status"]]
    for step in steps:
        if step["action"] in {"submit", "withdraw"}:
            assert step["by"] == change["author"]
        if step["action"] in {"implement", "cancel"}:
            assert "plm_manager" in roles_of(step["by"], change["tenant"])
        if step["action"] == "reject":
            assert roles_of(step["by"], change["tenant"]) & needed
        if step["action"] != "submit":
            assert step["comment"].strip()


def test_redlines_resolve_and_build_on_what_was_implemented_before() -> None:
    seen = [change["key"] for change, _after in walk_changes()]
    assert seen == [change["key"] for change in CHANGES]
    decided = [change["final_status"] == "implemented" for change in CHANGES if change["tenant"] == "veloform"]
    assert decided == sorted(decided, reverse=True), "the implemented changes come first"
    revised = {p for change in CHANGES if change["final_status"] == "implemented" for p in change["affected_products"]}
    later = {p for change in CHANGES if change["final_status"] != "implemented" for p in change["affected_products"]}
    assert "VF-140-0001" in revised & later


def test_bikes_stay_in_the_window_after_every_change() -> None:
    assert [in_window(after, AS_OF) for change, after in walk_changes() if change["tenant"] == "veloform"] == [[]] * 10
