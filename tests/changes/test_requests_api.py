"""Change requests and the policy of changes over REST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from changes.models import ChangePolicy, ChangeRequest, EngineeringChange
from changes.services import approval_rule_add, change_create, request_accept, request_create
from plm_project.accounts.models import User
from plm_project.tenancy.models import Tenant
from tests.changes.api_calls import Api
from tests.changes.conftest import COMPLETE, Lamp, People, footprint, make_draft
from tests.factories import make_product

ASKED: dict[str, Any] = {
    "title": "The lamp flickers",
    "description": "Twelve of fifty flicker when it is cold.",
    "priority": "high",
}
SMALL = [[{"attribute": "cost_impact", "operator": "at most", "values": ["500"]}]]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def api(tenant: Tenant, scope: None) -> Any:
    return lambda actor: Api(User.objects.get(pk=actor.user_id), tenant)


def test_a_viewer_asks_and_edits(people: People, lamp: Lamp, api: Any) -> None:
    viewer = api(people.viewer)
    made = viewer.post("change-requests/", {**ASKED, "products": [str(lamp.product.pk)]})
    assert made.status_code == 201, made.json()
    data = made.json()["data"]
    assert (data["request_number"], data["status"], data["requester"]["email"]) == (
        "CR-000001",
        "open",
        "viewer@acme.example",
    )
    assert [row["product_number"] for row in data["products"]] == ["LAMP"] and data["order"] is None
    page = f"change-requests/{data['request_id']}/"
    assert viewer.get(made.headers["Location"].partition("/plm/")[2]).json()["data"] == data
    stale = viewer.patch(page, {"title": "The lamp buzzes"}, If_Match='"0"')
    assert stale.status_code == 412
    edited = viewer.patch(page, {"title": "The lamp buzzes", "products": []}, If_Match=made.headers["ETag"])
    assert edited.status_code == 200, edited.json()
    assert (edited.json()["data"]["title"], edited.json()["data"]["products"]) == ("The lamp buzzes", [])
    assert api(people.author).patch(page, {"title": "Mine"}).status_code == 403
    bad = viewer.post("change-requests/", {"title": "x", "products": ["nonsense"]})
    assert bad.status_code == 400 and {"title", "description"} <= set(bad.json()["details"])


def test_lists_are_filtered_sorted_and_paged(people: People, lamp: Lamp, api: Any) -> None:
    first = request_create(actor=people.viewer, data={**ASKED, "priority": "low"}, products=[lamp.product.pk])
    second = request_create(actor=people.author, data={**ASKED, "title": "Cheaper cable"})
    order = request_accept(actor=people.analyst, request_id=second.pk).order
    viewer = api(people.viewer)

    def numbers(**query: Any) -> list[str]:
        answer = viewer.get("change-requests/", query)
        assert answer.status_code == 200, answer.json()
        return [row["request_number"][-1] for row in answer.json()["data"]]

    assert numbers() == ["2", "1"]
    assert numbers(q="cable") == ["2"]
    assert numbers(status=["open", "declined"]) == ["1"]
    assert numbers(mine="true") == ["1"]
    assert numbers(requester=str(people.author.user_id)) == ["2"]
    assert numbers(product=str(lamp.product.pk)) == [str(first.request_number)[-1]]
    assert numbers(order=str(order.pk)) == ["2"]
    assert numbers(sort_by="priority") == ["2", "1"] and numbers(sort_by="priority", sort_order="asc") == ["1", "2"]
    assert numbers(page_size=1, page=2) == ["1"]
    assert viewer.get("change-requests/", {"status": "odd"}).status_code == 400


def test_it_is_accepted_and_both_know_each_other(people: People, lamp: Lamp, api: Any) -> None:
    gone = make_product("GONE")
    request = request_create(actor=people.viewer, data=ASKED, products=[lamp.product.pk, gone.pk])
    gone.revisions.update(state="obsolete")
    page, analyst = f"change-requests/{request.pk}/", api(people.analyst)
    assert api(people.viewer).post(f"{page}accept/").status_code == 403
    assert analyst.post(f"{page}accept/", If_Match='"0"').status_code == 412
    answer = analyst.post(f"{page}accept/", {"comment": "We will."})
    assert answer.status_code == 200, answer.json()
    data = answer.json()["data"]
    assert (data["status"], data["answer"], data["order"]["change_number"]) == ("accepted", "We will.", "ECO-000001")
    assert [row["product_number"] for row in data["not_in_order"]] == ["GONE"]
    change = analyst.get(f"changes/{data['order']['change_id']}/").json()["data"]
    assert [(row["request_number"], row["status"]) for row in change["requests"]] == [("CR-000001", "accepted")]
    assert change["reason_for_change"] == ASKED["description"]
    before = footprint()
    assert analyst.post(f"{page}accept/").status_code == 409
    assert footprint() == before
    assert analyst.post(f"{page}unlink/", {}).status_code == 400
    assert analyst.post(f"{page}unlink/", {"comment": "wrong one"}).json()["data"]["status"] == "open"


def test_one_order_answers_several(people: People, lamp: Lamp, api: Any) -> None:
    order = change_create(actor=people.author, data=COMPLETE)
    analyst = api(people.analyst)
    for _each in range(2):
        request = request_create(actor=people.viewer, data=ASKED)
        answer = analyst.post(f"change-requests/{request.pk}/accept/", {"order_id": str(order.pk)})
        assert answer.json()["data"]["order"]["change_id"] == str(order.pk)
    assert EngineeringChange.objects.count() == 1 and ChangeRequest.objects.filter(order=order).count() == 2


def test_declining_asking_again_and_withdrawing(people: People, api: Any) -> None:
    request = request_create(actor=people.viewer, data=ASKED)
    page, viewer, analyst = f"change-requests/{request.pk}/", api(people.viewer), api(people.analyst)
    assert analyst.post(f"{page}decline/", {}).status_code == 400
    assert analyst.post(f"{page}decline/", {"comment": "no"}).json()["data"]["status"] == "declined"
    steps = {row["to"]: row for row in viewer.get(f"{page}transitions/").json()["data"]["transitions"]}
    assert steps["open"]["possible"] and steps["open"]["needs_reason"] and not steps["accepted"]["possible"]
    assert analyst.post(f"{page}reopen/", {"comment": "again"}).status_code == 403
    assert viewer.post(f"{page}reopen/", {"comment": "It got worse."}).json()["data"]["status"] == "open"
    assert viewer.post(f"{page}withdraw/").json()["data"]["status"] == "withdrawn"
    assert viewer.post(f"{page}withdraw/").status_code == 409


def test_the_policy_says_what_is_small(people: People, lamp: Lamp, api: Any) -> None:
    manager, author = api(people.manager), api(people.author)
    kept = manager.get("change-policy/")
    assert kept.json()["data"]["fast_track_conditions"] == [] and kept.json()["data"]["children_released"] is True
    assert author.patch("change-policy/", {"fast_track_conditions": SMALL}).status_code == 403
    bad = manager.patch("change-policy/", {"fast_track_conditions": [[{"attribute": "colour"}]]})
    assert bad.status_code == 400 and "fast_track_conditions" in bad.json()["details"]
    assert manager.patch("change-policy/", {}, If_Match='"0"').status_code == 412
    answer = manager.patch("change-policy/", {"fast_track_conditions": SMALL}, If_Match=kept.headers["ETag"])
    assert answer.status_code == 200, answer.json()
    assert answer.json()["data"]["fast_track_text"] == "cost_impact at most 500"
    rule = {"name": "Boss", "role": "plm_manager", "on_fast_track": False}
    assert manager.post("approval-rules/", rule).json()["data"]["on_fast_track"] is False
    draft = make_draft(people.author, lamp)
    told = author.get(f"changes/{draft.pk}/approvers/").json()["data"]
    assert told["fast_track"] == "cost impact at most 500 EUR"
    assert [row["code"] for row in told["rules"]] == ["technical"] and [row["code"] for row in told["left_out"]] == [
        "boss"
    ]
    change = author.post(f"changes/{draft.pk}/submit/").json()["data"]
    assert change["on_fast_track"] is True
    assert change["fast_track"]["left_out"] == [{"code": "boss", "name": "Boss", "why": "every change"}]
    assert change["fast_track"]["conditions"] == SMALL
    fast = author.get("changes/", {"fast_track": "true"}).json()["data"]
    assert [row["change_id"] for row in fast] == [str(draft.pk)] and fast[0]["on_fast_track"] is True
    assert author.get("changes/", {"fast_track": "false"}).json()["data"] == []
    assert (
        manager.patch("change-policy/", {"fast_track_conditions": None}).json()["data"]["fast_track_conditions"] == []
    )
    assert ChangePolicy.objects.get().fast_track_conditions is None


def test_without_a_fast_track_everything_is_as_it_was(people: People, lamp: Lamp, api: Any) -> None:
    approval_rule_add(actor=people.manager, data={"name": "Boss", "role": "plm_manager", "on_fast_track": False})
    draft = make_draft(people.author, lamp)
    told = api(people.author).get(f"changes/{draft.pk}/approvers/").json()["data"]
    assert told["fast_track"] == "" and told["left_out"] == [] and len(told["rules"]) == 2


def test_its_history_is_told(people: People, api: Any) -> None:
    request = request_create(actor=people.viewer, data=ASKED)
    page, asker = f"change-requests/{request.pk}/", api(people.viewer)
    assert asker.patch(page, {"title": "The lamp flickers badly", "priority": "critical"}).status_code == 200
    assert api(people.analyst).post(f"{page}decline/", {"comment": "It is the grid."}).status_code == 200
    assert asker.post(f"{page}reopen/", {"comment": "It is not."}).status_code == 200
    told = asker.get(f"{page}history/").json()["data"]
    assert [(row["status"], row["edited"]) for row in told] == [
        ("open", []), ("declined", []), ("", ["title", "priority"]), ("open", []),
    ]  # fmt: skip
    assert [row["why"] for row in told[:2]] == ["It is not.", "It is the grid."]
    assert all(row["who"] and row["when"].endswith("Z") for row in told)
