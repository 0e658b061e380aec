"""The approval policy over REST: rules, deputies, who would be asked, and votes for somebody who is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from changes.models import ApprovalRule
from changes.services import change_submit
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from tests.changes.api_calls import Api
from tests.changes.conftest import Lamp, People, footprint, fresh, make_draft
from tests.conftest import MakeActor
from tests.signing import SIGNATURE

RULE: dict[str, Any] = {
    "name": "Incoming inspection",
    "conditions": [[{"attribute": "priority", "operator": "in", "values": ["low", "medium"]}]],
    "role": "plm_manager",
    "step": 2,
}


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def api(tenant: Tenant, scope: None) -> Any:
    return lambda actor: Api(User.objects.get(pk=actor.user_id), tenant)


def test_rules_are_listed_added_changed_and_taken_away(people: People, api: Any) -> None:
    manager = api(people.manager)
    rows = manager.get("approval-rules/").json()["data"]
    assert [row["code"] for row in rows] == ["technical", "financial", "quality", "management"]
    assert rows[1]["conditions_text"] == "cost_impact above threshold" and rows[1]["threshold"] == "5000"
    made = manager.post("approval-rules/", {**RULE, "people": [str(people.manager.user_id)]})
    assert made.status_code == 201, made.json()
    rule = made.json()["data"]
    assert (rule["code"], rule["conditions"], rule["people"][0]["user_id"]) == (
        "incoming-inspection", RULE["conditions"], str(people.manager.user_id)
    )  # fmt: skip
    path = f"approval-rules/{rule['rule_id']}/"
    changed = manager.patch(path, {"decides": "count", "quorum": 1, "people": []}, If_Match=made["ETag"])
    assert (changed.json()["data"]["quorum"], changed.json()["data"]["people"]) == (1, [])
    assert manager.patch(path, {"step": 3}, If_Match=made["ETag"]).status_code == 412
    for bad, field in (
        ({"quorum": None}, "quorum"),
        ({"conditions": [[{"attribute": "colour", "operator": "is", "values": ["red"]}]]}, "conditions"),
        ({"conditions": "always"}, "conditions"),
        ({"step": 21}, "step"),
        ({"role": "viewer"}, "role"),
    ):
        answer = manager.patch(path, bad)
        assert answer.status_code == 400 and field in answer.json()["details"], bad
    assert manager.delete(path).status_code == 204 and manager.get(path).status_code == 404
    technical = ApprovalRule.objects.get(code="technical")
    assert manager.delete(f"approval-rules/{technical.pk}/").status_code == 409


def test_who_would_be_asked_and_why_without_submitting(people: People, lamp: Lamp, api: Any) -> None:
    api(people.manager).post("approval-rules/", RULE)
    draft = make_draft(people.author, lamp, cost_impact="-6000")
    viewer, before = api(people.viewer), footprint()
    told = viewer.get(f"changes/{draft.pk}/approvers/").json()["data"]
    assert [(row["code"], row["why"], row["step"], len(row["people"])) for row in told["rules"]] == [
        ("technical", "every change", 1, 1),
        ("financial", "cost impact above 5000 EUR", 1, 0),
        ("incoming-inspection", "priority Medium", 2, 1),
    ]
    assert told["faults"] == ["The rule “Financial” finds no approver: nobody has the role Financial approver."]
    assert footprint() == before


def test_requirements_say_what_is_still_needed(people: People, lamp: Lamp, api: Any) -> None:
    api(people.manager).post("approval-rules/", RULE)
    change = change_submit(actor=people.author, change_id=make_draft(people.author, lamp).pk)
    path = f"changes/{change.pk}/"

    def states() -> list[tuple[str, str, int, int]]:
        rows = api(people.viewer).get(path).json()["data"]["requirements"]
        return [(row["name"], row["state"], row["approved"], row["needed"]) for row in rows]

    assert states() == [("Technical", "open", 0, 1), ("Incoming inspection", "later", 0, 1)]
    early = api(people.manager).post(f"{path}approve/", {"signature": SIGNATURE})
    assert early.status_code == 409 and "Technical comes first" in early.json()["error"]
    assert api(people.technical).post(f"{path}approve/", {"signature": SIGNATURE}).status_code == 200
    assert states() == [("Technical", "met", 1, 1), ("Incoming inspection", "open", 0, 1)]
    assert api(people.manager).post(f"{path}comment/", {"signature": SIGNATURE, "comment": "x"}).status_code == 409
    assert api(people.manager).post(f"{path}approve/", {"signature": SIGNATURE}).json()["data"]["status"] == "approved"


def test_a_deputy_by_the_api(people: People, lamp: Lamp, api: Any, make_actor: MakeActor) -> None:
    deputy: Actor = make_actor("quality_approver", email="deputy@acme.example")
    today = clock.today()
    days = {"first_day": str(today), "last_day": str(today + dt.timedelta(days=3)), "note": "Fair"}
    owner = api(people.technical)
    made = owner.post("delegations/", {"deputy_id": str(deputy.user_id), **days})
    assert made.status_code == 201, made.json()
    row = made.json()["data"]
    assert (row["person"]["user_id"], row["deputy"]["user_id"], row["note"]) == (
        str(people.technical.user_id), str(deputy.user_id), "Fair"
    )  # fmt: skip
    again = owner.post("delegations/", {"deputy_id": str(people.manager.user_id), **days})
    assert again.status_code == 409 and "stands in from" in again.json()["error"]
    listed = api(people.viewer).get("delegations/", {"deputy": str(deputy.user_id)}).json()["data"]
    assert [one["delegation_id"] for one in listed] == [row["delegation_id"]]
    change = change_submit(actor=people.author, change_id=make_draft(people.author, lamp).pk)
    path = f"changes/{change.pk}/approve/"
    wrong = api(deputy).post(path, {"signature": SIGNATURE, "on_behalf_of": str(people.manager.user_id)})
    assert wrong.status_code == 403
    done = api(deputy).post(path, {"signature": SIGNATURE, "on_behalf_of": str(people.technical.user_id)})
    vote = done.json()["data"]["approvals"][0]
    assert (vote["approver"]["user_id"], vote["decided_by"]["user_id"]) == (
        str(people.technical.user_id), str(deputy.user_id)
    )  # fmt: skip
    assert owner.delete(f"delegations/{row['delegation_id']}/").status_code == 204
    assert fresh(change).status == "approved"
