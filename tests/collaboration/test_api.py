"""Sessions over REST: the envelope is the house's, the rules are the services'."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from plm_project.accounts.services import token_issue
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import footprint
from tests.collaboration.conftest import Cast, chat, events_of, key, log_of, make_room
from tests.factories import make_product, system_actor

BASE = "/api/v1/plm/collaborate/"
Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def inside(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


@pytest.fixture
def call(cast: Cast) -> Call:
    """``call("host", "post", "…/start/", {…})`` → the answer; by token for integrations alone, so by session here."""
    clients: dict[str, Client] = {}

    def make(part: str, method: str, path: str, data: Any = None, **headers: str) -> Any:
        if part not in clients:
            clients[part] = Client()
            clients[part].force_login(cast.users[part], backend="django.contrib.auth.backends.ModelBackend")
        body = {} if method == "get" else {"data": data or {}, "content_type": "application/json"}
        return getattr(clients[part], method)(BASE + path, **body, headers=headers or None)

    return make


def test_a_session_over_the_api(cast: Cast, call: Call) -> None:
    product = make_product("HOUSING")
    answer = call(
        "host",
        "post",
        "",
        {
            "title": "Housing review",
            "features": ["whiteboard", "voice"],
            "participants": [{"user_id": str(key(cast.editor))}, {"user_id": str(key(cast.viewer)), "role": "viewer"}],
            "products": [str(product.pk)],
        },
    )
    assert answer.status_code == 201
    made = answer.json()["data"]
    assert answer.headers["Location"] == f"{BASE}{made['session_id']}/"
    assert made["socket"] == f"/ws/collaboration/{made['session_id']}/"
    assert [(entry["name"], entry["role"]) for entry in made["participants"]] == [
        ("Host", "host"),
        ("Editor", "editor"),
        ("Viewer", "viewer"),
    ]
    assert made["products"][0]["product_number"] == "HOUSING" and made["features"] == ["voice", "whiteboard"]
    one = f"{made['session_id']}/"

    stale = call("host", "patch", one, {"title": "Another"}, **{"If-Match": '"99"'})
    assert stale.status_code == 412
    edited = call("host", "patch", one, {"title": "Another"}, **{"If-Match": answer.headers["ETag"]})
    assert edited.json()["data"]["title"] == "Another" and edited.headers["ETag"] != answer.headers["ETag"]

    early = call("editor", "post", one + "updates/", {"update": chat("hello")})
    assert (early.status_code, early.json()["error_code"]) == (409, "CONFLICT")
    assert call("host", "post", one + "start/").json()["data"]["status"] == "active"
    steps = call("host", "get", one + "transitions/").json()["data"]
    assert [step["to"] for step in steps["transitions"] if step["possible"]] == ["ended"]

    first = call("editor", "post", one + "updates/", {"update": chat("hello"), "request": "r1"})
    again = call("editor", "post", one + "updates/", {"update": chat("hello"), "request": "r1"})
    assert first.status_code == again.status_code == 201
    assert first.json()["data"] == again.json()["data"] and first.json()["data"]["sequence"] == 1
    pin = {"kind": "item_add", "id": str(uuid.uuid4()), "type": "pin", "x": 1, "y": 2}
    assert call("host", "post", one + "updates/", {"update": pin}).status_code == 201
    assert call("host", "post", one + "updates/", {"update": {"zoom": 0.1}}).json()["data"]["update"] == {"zoom": 0.1}
    board = call("viewer", "get", one + "board/").json()["data"]
    assert [(item["id"], item["x"], item["text"]) for item in board] == [(pin["id"], 1, "")]
    log = call("viewer", "get", one + "updates/?after=1&order=desc&page_size=1").json()
    assert (log["data"][0]["sequence"], log["pagination"]["total_count"]) == (3, 2)
    assert [row["sequence"] for row in call("viewer", "get", one + "updates/?before=3&kind=chat").json()["data"]] == [
        1
    ]
    assert call("viewer", "get", one + "updates/?kind=nonsense").status_code == 400

    person = f"{one}participants/{key(cast.editor)}/"
    assert call("host", "patch", person, {"role": "viewer"}).json()["data"]["role"] == "viewer"
    assert call("editor", "post", one + "updates/", {"update": chat("no")}).status_code == 403
    assert call("host", "delete", person).status_code == 204
    assert call("editor", "get", one).status_code == 404
    assert call("viewer", "post", one + "leave/").status_code == 204
    assert call("host", "post", one + "leave/").status_code == 409
    assert call("host", "delete", f"{one}products/{product.pk}/").status_code == 204
    assert call("host", "post", one + "products/", {"product_id": str(uuid.uuid4())}).status_code == 400
    assert call("host", "delete", one).status_code == 409
    ended = call("host", "post", one + "end/", {"reason": "decided"}).json()["data"]
    assert (ended["status"], ended["end_reason"], ended["last_sequence"]) == ("ended", "decided", 3)
    (event,) = events_of("collaboration_ended")
    assert event.event_data["update_counts"] == {"chat": 1, "item_add": 1, "other": 1}


def test_refused_means_nothing_happened(cast: Cast, call: Call) -> None:
    session = make_room(cast)
    before, one = footprint(), f"{session.pk}/"
    for part, method, path, data, status in (
        ("stranger", "get", one, None, 404),
        ("stranger", "post", one + "updates/", {"update": chat("hello")}, 404),
        ("stranger", "get", f"{one}participants/{key(cast.editor)}/", None, 404),
        ("viewer", "post", one + "updates/", {"update": chat("hello")}, 403),
        ("editor", "post", one + "end/", {}, 403),
        ("editor", "post", one + "participants/", {"user_id": str(key(cast.stranger))}, 403),
        ("editor", "post", one + "updates/", {"update": {"kind": "chat", "text": " "}}, 400),
        ("editor", "post", one + "updates/", {"update": {"kind": "paint"}}, 400),
        ("editor", "post", one + "updates/", {"update": {"x": "y" * 17_000}}, 400),
        ("editor", "post", one + "updates/", {"update": []}, 400),
        ("host", "post", one + "participants/", {"user_id": str(key(cast.editor))}, 409),
        ("host", "post", one + "participants/", {"user_id": str(uuid.uuid4())}, 400),
        ("host", "post", one + "start/", {}, 409),
        ("host", "patch", one, {"title": "ab"}, 400),
        ("viewer", "post", "", {"title": "A session"}, 403),
    ):
        answer = call(part, method, path, data)
        assert answer.status_code == status, (part, method, path, answer.content)
    assert footprint() == before and log_of(session) == []


def test_a_fixed_number_of_questions(cast: Cast, call: Call, django_assert_max_num_queries: Any) -> None:
    session = make_room(cast)
    for number in range(5):
        make_room(cast, active=False, title=f"Room {number}")
        call("host", "post", f"{session.pk}/updates/", {"update": chat(f"{number}")})
    for path, most in (("", 16), (f"{session.pk}/", 18), (f"{session.pk}/updates/", 20), (f"{session.pk}/board/", 20)):
        with django_assert_max_num_queries(most):
            assert call("host", "get", path).status_code == 200


def test_an_integration_takes_part_by_token(cast: Cast, tenant: Tenant) -> None:
    session = make_room(cast)
    _token, text = token_issue(actor=system_actor(), user=cast.users["editor"], name="script")
    client = Client(headers={"Authorization": f"Bearer {text}"})
    path = f"{BASE}{session.pk}/updates/"
    answer = client.post(path, {"update": chat("from a script")}, content_type="application/json")
    assert answer.status_code == 201 and log_of(session) == [(1, chat("from a script"))]
