"""The API door of changes, from a draft to a released revision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from changes.models import EngineeringChange
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.api_calls import Api
from tests.changes.conftest import Lamp, footprint, make_lamp
from tests.conftest import MakeMember
from tests.signing import SIGNATURE

MakeApi = Callable[..., Api]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def make_api(make_member: MakeMember, tenant: Tenant) -> MakeApi:
    def make(*roles: str, tenant: Tenant = tenant) -> Api:
        return Api(make_member(*roles, tenant=tenant)[0], tenant)

    return make


@pytest.fixture
def lamp(tenant: Tenant) -> Lamp:
    with tenant_scope(tenant.pk):
        return make_lamp()


@pytest.fixture
def author(make_api: MakeApi) -> Api:
    return make_api("engineer")


@pytest.fixture
def approver(make_api: MakeApi) -> Api:
    return make_api("technical_approver")


@pytest.fixture
def manager(make_api: MakeApi) -> Api:
    return make_api("plm_manager")


@pytest.fixture
def written(tenant: Tenant) -> Callable[[], dict[str, int]]:
    def count() -> dict[str, int]:
        with tenant_scope(tenant.pk):
            return footprint()

    return count


def opened(author: Api, lamp: Lamp, **data: Any) -> dict[str, Any]:
    body = {
        "change_title": "Brighter lamp",
        "reason_for_change": "More light.",
        "affected_products": [str(lamp.product.pk)],
    }
    response = author.post("changes/", {**body, **data})
    assert response.status_code == 201, response.json()
    found: dict[str, Any] = response.json()["data"]
    return found


def complete(author: Api, lamp: Lamp, **data: Any) -> str:
    change = opened(author, lamp, **data)
    drawn = author.post(
        f"changes/{change['change_id']}/redlines/",
        {"operation": "quantity", "line_id": str(lamp.screw.pk), "quantity": "6"},
    )
    assert drawn.status_code == 201, drawn.json()
    return str(change["change_id"])


def test_from_draft_to_revision_b(author: Api, approver: Api, manager: Api, lamp: Lamp) -> None:
    change = opened(author, lamp, priority="low", cost_impact="-120.50")
    path = f"changes/{change['change_id']}/"
    assert (change["change_number"], change["status"], change["cost_impact"]) == ("ECO-000001", "draft", "-120.5")
    assert change["author"]["user_id"] == str(author.user.pk)
    affected = change["affected_products"][0]
    assert (affected["product_number"], affected["base_revision"]) == ("LAMP", "A")

    for body in (
        {"operation": "quantity", "line_id": str(lamp.screw.pk), "quantity": "6", "note": "two more"},
        {"operation": "replace", "line_id": str(lamp.bulb.pk), "child_number": "LAMP-GLASS"},
        {"operation": "add", "affected_id": affected["affected_id"], "child_number": "LAMP-SOCKET", "quantity": 1},
        {"operation": "remove", "line_id": str(lamp.cable.pk)},
    ):
        response = author.post(path + "redlines/", body)
        assert response.status_code == 201, response.json()
        assert author.client.get(response["Location"]).status_code == 200
    assert [row["operation"] for row in author.get(path + "redlines/").json()["data"]] == [
        "quantity", "replace", "add", "remove",
    ]  # fmt: skip
    rows = author.get(path + "difference/").json()["data"][0]["rows"]
    assert [(row["kind"], row["values"]["product_number"]) for row in rows] == [
        ("changed", "LAMP-GLASS"), ("changed", "LAMP-SCREW"), ("removed", "LAMP-CABLE"), ("added", "LAMP-SOCKET"),
    ]  # fmt: skip
    options = author.get(path + "transitions/").json()["data"]
    assert options["problems"] == []
    assert {row["to"]: row["possible"] for row in options["transitions"]}["submitted"] is True

    assert author.post(path + "submit/", {"comment": "please"}).json()["data"]["status"] == "submitted"
    (vote,) = author.get(path + "approvals/").json()["data"]
    assert (vote["approver"]["email"], vote["rules"], vote["decision"]) == (
        approver.user.email, ["technical"], "pending",
    )  # fmt: skip
    assert [row["change_id"] for row in approver.get("changes/", {"mine": "true"}).json()["data"]] == [
        change["change_id"]
    ]
    answer = approver.post(path + "approve/", {"comment": "fine", "signature": SIGNATURE}).json()["data"]
    assert (answer["status"], answer["approvals"][0]["comment"]) == ("approved", "fine")
    done = manager.post(path + "implement/").json()["data"]
    assert (done["status"], done["affected_products"][0]["resulting_revision"]) == ("implemented", "B")
    assert manager.post(path + "close/").json()["data"]["status"] == "closed"

    lines = author.get(f"revisions/{done['affected_products'][0]['resulting_revision_id']}/lines/").json()["data"]
    assert [(row["product_number"], row["quantity"]) for row in lines] == [
        ("LAMP-GLASS", "1"), ("LAMP-SCREW", "6"), ("LAMP-SOCKET", "1"),
    ]  # fmt: skip
    entries = author.get(path + "history/", {"page_size": 100}).json()["data"]
    steps = [
        (change_["from"], change_["to"], entry["who"])
        for entry in reversed(entries)
        for change_ in entry["changes"]
        if entry["record"] == "change" and change_["field"] == "status"
    ]
    assert [step[:2] for step in steps] == [
        ("draft", "submitted"), ("submitted", "approved"), ("approved", "implemented"), ("implemented", "closed"),
    ]  # fmt: skip
    assert approver.user.email in steps[1][2]
    impact = author.get(path + "impact/").json()["data"]
    assert (impact[0]["affected"]["product_number"], impact[0]["direct"]) == ("LAMP", 0)


def test_submitting_names_every_fault_by_field(
    author: Api, approver: Api, lamp: Lamp, written: Callable[[], dict[str, int]]
) -> None:
    change = opened(author, lamp, reason_for_change="")
    path = f"changes/{change['change_id']}/"
    for body in (
        {"operation": "replace", "line_id": str(lamp.screw.pk), "child_id": str(lamp.product.pk)},
        {"operation": "find_number", "line_id": str(lamp.cable.pk), "find_number": 10},
        {"operation": "unit", "line_id": str(lamp.bulb.pk), "unit_of_measure": "kg"},
    ):
        assert author.post(path + "redlines/", body).status_code == 201
    before = written()
    response = author.post(path + "submit/")
    assert response.status_code == 400 and response.json()["error_code"] == "VALIDATION_ERROR"
    assert {
        "reason_for_change",
        "redlines[0].child_id",
        "redlines[1].find_number",
        "redlines[2].unit_of_measure",
    } == set(response.json()["details"])
    assert written() == before


def test_an_edit_with_a_stale_etag_changes_nothing(author: Api, lamp: Lamp) -> None:
    change = opened(author, lamp)
    path = f"changes/{change['change_id']}/"
    etag = author.get(path)["ETag"]
    first = author.patch(path, {"priority": "high"}, If_Match=etag)
    assert first.status_code == 200 and first["ETag"] != etag
    second = author.patch(path, {"priority": "low"}, If_Match=etag)
    assert (second.status_code, second.json()["error_code"]) == (412, "PRECONDITION_FAILED")
    assert author.get(path).json()["data"]["priority"] == "high"
    stale = author.post(path + "redlines/", {"operation": "remove", "line_id": str(lamp.cable.pk)}, If_Match=etag)
    assert stale.status_code == 412 and author.get(path + "redlines/").json()["data"] == []


def test_a_redline_is_edited_and_removed(author: Api, lamp: Lamp) -> None:
    path = f"changes/{complete(author, lamp)}/"
    (redline,) = author.get(path + "redlines/").json()["data"]
    own = f"{path}redlines/{redline['redline_id']}/"
    etag = author.get(own)["ETag"]
    changed = author.patch(own, {"quantity": "8", "note": "eight"}, If_Match=etag)
    assert (changed.json()["data"]["quantity"], changed.json()["data"]["before"]["quantity"]) == ("8", "4")
    assert author.patch(own, {"quantity": "9"}, If_Match=etag).status_code == 412
    assert author.patch(own, {"find_number": 5}).status_code == 400
    assert author.delete(own).status_code == 204
    assert author.get(own).status_code == 404 and author.get(path + "redlines/").json()["data"] == []


def test_an_affected_product_is_added_once_and_removed(author: Api, lamp: Lamp) -> None:
    path = f"changes/{complete(author, lamp)}/"
    again = author.post(path + "affected/", {"product_id": str(lamp.product.pk)})
    assert again.status_code == 409
    added = author.post(path + "affected/", {"product_id": str(lamp.glass.pk)})
    assert (added.status_code, added.json()["data"]["base_revision"]) == (201, "A")
    for row in author.get(path + "affected/").json()["data"]:
        assert author.delete(f"{path}affected/{row['affected_id']}/").status_code == 204
    assert author.get(path + "redlines/").json()["data"] == []


def test_a_post_sent_twice_with_one_key_opens_one_change(author: Api, lamp: Lamp, tenant: Tenant) -> None:
    body = {"change_title": "Once only"}
    first = author.post("changes/", body, Idempotency_Key="k-1")
    second = author.post("changes/", body, Idempotency_Key="k-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotent-Replayed"] == "true"
    assert first.json()["data"]["change_id"] == second.json()["data"]["change_id"]
    with tenant_scope(tenant.pk):
        assert EngineeringChange.objects.count() == 1


def test_implement_sent_twice_releases_once(author: Api, approver: Api, manager: Api, lamp: Lamp) -> None:
    path = f"changes/{complete(author, lamp)}/"
    author.post(path + "submit/")
    approver.post(path + "approve/", {"signature": SIGNATURE})
    assert manager.post(path + "implement/").status_code == 200
    again = manager.post(path + "implement/")
    assert (again.status_code, again.json()["error_code"]) == (409, "CONFLICT")
    labels = [row["revision"] for row in author.get(f"products/{lamp.product.pk}/revisions/").json()["data"]]
    assert labels == ["B", "A"]


@pytest.mark.parametrize(
    ("step", "body", "role"),
    [
        ("submit", {}, "viewer"),
        ("approve", {}, "engineer"),
        ("approve", {"signature": SIGNATURE}, "plm_manager"),
        ("reject", {"comment": "no", "signature": SIGNATURE}, "plm_manager"),
        ("implement", {}, "engineer"),
        ("cancel", {"comment": "no"}, "engineer"),
        ("close", {}, "viewer"),
    ],
)
def test_steps_are_refused_to_others(
    step: str,
    body: dict[str, Any],
    role: str,
    author: Api,
    approver: Api,
    make_api: MakeApi,
    lamp: Lamp,
    written: Callable[[], dict[str, int]],
) -> None:
    path = f"changes/{complete(author, lamp)}/"
    if step in ("approve", "reject"):
        assert author.post(path + "submit/").status_code == 200
    other = author if role == "engineer" else make_api(role)
    before = written()
    response = other.post(f"{path}{step}/", body)
    assert (response.status_code, response.json()["error_code"]) == (403, "PERMISSION_DENIED")
    assert written() == before


@pytest.mark.parametrize("step", ["reject", "cancel"])
def test_some_steps_say_why(step: str, author: Api, approver: Api, manager: Api, lamp: Lamp) -> None:
    path = f"changes/{complete(author, lamp)}/"
    author.post(path + "submit/")
    caller = approver if step == "reject" else manager
    signed = {"signature": SIGNATURE} if step == "reject" else {}
    response = caller.post(f"{path}{step}/", {"comment": " ", **signed})
    assert response.status_code == 400 and "comment" in response.json()["details"]
    assert caller.post(f"{path}{step}/", {"comment": "Too dear.", **signed}).status_code == 200


def test_another_tenant_sees_and_reaches_nothing(
    author: Api, make_api: MakeApi, lamp: Lamp, other_tenant: Tenant
) -> None:
    path = f"changes/{complete(author, lamp)}/"
    (redline,) = author.get(path + "redlines/").json()["data"]
    stranger = make_api("plm_manager", tenant=other_tenant)
    assert stranger.get("changes/").json()["data"] == []
    for address in (path, path + "redlines/", path + "history/", f"{path}redlines/{redline['redline_id']}/"):
        assert stranger.get(address).status_code == 404
    for step in ("submit", "approve", "withdraw", "implement", "reopen", "close"):
        assert stranger.post(f"{path}{step}/").status_code == 404
    assert (
        stranger.post("changes/", {"change_title": "Theirs", "affected_products": [str(lamp.product.pk)]}).status_code
        == 400
    )
    assert stranger.get("changes/").json()["data"] == []


def test_the_list_is_narrowed_and_sorted(author: Api, manager: Api, lamp: Lamp) -> None:
    for title, priority in (("Alpha", "low"), ("Beta", "high"), ("Gamma", "high")):
        opened(author, lamp, change_title=title + " lamp", priority=priority)
    opened(manager, lamp, change_title="Delta lamp", change_type="safety")

    def titles(**query: Any) -> list[str]:
        return [row["change_title"][:-5] for row in author.get("changes/", query).json()["data"]]

    assert titles() == ["Delta", "Gamma", "Beta", "Alpha"]
    assert titles(priority="high", sort_by="change_title", sort_order="asc") == ["Beta", "Gamma"]
    assert titles(q="lamp eco-000002") == ["Beta"]
    assert titles(change_type="safety") == ["Delta"]
    assert titles(author=str(manager.user.pk)) == ["Delta"]
    assert titles(mine="true") == ["Gamma", "Beta", "Alpha"]
    assert titles(status="submitted") == []
    assert titles(product=str(lamp.glass.pk)) == []
    assert author.get("changes/", {"sort_by": "tenant"}).status_code == 400
    assert author.get("changes/", {"status": "odd"}).status_code == 400


def test_a_draft_is_deleted_and_its_number_stays_taken(author: Api, lamp: Lamp) -> None:
    change = opened(author, lamp)
    assert author.delete(f"changes/{change['change_id']}/").status_code == 204
    assert author.get(f"changes/{change['change_id']}/").status_code == 404
    assert opened(author, lamp)["change_number"] == "ECO-000002"


def test_what_happens_with_a_product(author: Api, lamp: Lamp) -> None:
    change = author.post("changes/", {"change_title": "New bulb", "reason_for_change": "The old one is not made."})
    path = f"changes/{change.json()['data']['change_id']}/affected/"
    made = author.post(path, {"product_id": str(lamp.bulb.child_id), "action": "replace"})
    assert made.status_code == 201 and made.json()["data"]["action"] == "replace"
    one = f"{path}{made.json()['data']['affected_id']}/"
    assert author.post(f"{one}redline-uses/").status_code == 409
    units = [{"end_item": str(lamp.product.pk), "first": 5}]
    refused = author.patch(one, {"serials": units})
    assert refused.status_code == 400 and list(refused.json()["details"]) == ["serials"]
    both = author.patch(one, {"no_disposition_reason": "none", "action": "obsolete"})
    assert list(both.json()["details"]) == ["no_disposition_reason"]
    changed = author.patch(one, {"replacement_id": str(lamp.glass.pk), "effective_from": "2031-05-01"})
    data = changed.json()["data"]
    assert (data["replacement_number"], data["effective_from"], data["serials"]) == ("LAMP-GLASS", "2031-05-01", None)
    came = author.post(f"{one}redline-uses/").json()["data"]
    assert [(entry["product_number"], entry["action"]) for entry in came] == [("LAMP", "revise")]
    revised = author.patch(f"{path}{came[0]['affected_id']}/", {"serials": units})
    assert revised.json()["data"]["serials"] == [{"end_item": str(lamp.product.pk), "first": 5, "last": None}]
