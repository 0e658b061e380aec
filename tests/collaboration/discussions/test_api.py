"""The discussion over REST."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from changes.models import EngineeringChange
from plm_project.accounts.models import User
from tests.changes.conftest import Lamp, People, footprint, make_draft, make_lamp
from tests.collaboration.discussions.conftest import begin

BASE = "/api/v1/plm/discussions/"
Call = Callable[..., Any]


@pytest.fixture
def call(people: People) -> Call:
    def make(part: str, method: str, path: str, data: Any = None, **headers: str) -> Any:
        client = Client()
        client.force_login(User.objects.get(pk=getattr(people, part).user_id))
        body = {} if method == "get" else {"data": data or {}, "content_type": "application/json"}
        return getattr(client, method)(BASE + path, **body, headers=headers or None)

    return make


def test_a_thread_over_the_api(people: People, lamp: Lamp, draft: EngineeringChange, call: Call) -> None:
    given = {"change_id": str(draft.pk), "line_id": str(lamp.screw.pk), "text": "Is six enough?"}
    answer = call("technical", "post", "", given)
    assert answer.status_code == 201, answer.content
    made = answer.json()["data"]
    path = f"{made['thread_id']}/"
    assert answer.headers["Location"] == BASE + path and answer.headers["ETag"]
    assert made["about"] == "LAMP-SCREW in LAMP, find 20, quantity 6 pack, S1, S2" and made["is_blocking"]
    assert made["said"]["quantity"] == "6" and made["now"] == made["said"] and not made["is_outdated"]
    assert [row["text"] for row in made["comments"]] == ["Is six enough?"]
    said = call("author", "post", f"{path}comments/", {"text": "Yes."})
    assert said.status_code == 201
    comment = said.json()["data"]
    own = f"comments/{comment['comment_id']}/"
    assert said.headers["Location"] == BASE + own
    stale = {"If-Match": answer.headers["ETag"]}
    assert call("technical", "post", f"{path}resolve/", **stale).status_code == 412
    assert call("technical", "patch", own, {"text": "No."}).status_code == 403
    edited = call("author", "patch", own, {"text": "Yes, twice."}, **{"If-Match": said.headers["ETag"]})
    assert edited.status_code == 200 and edited.json()["data"]["edited_at"]
    versions = call("viewer", "get", f"{own}versions/").json()["data"]
    assert [entry["text"] for entry in versions] == ["Yes, twice.", comment["text"]]
    assert versions[0]["when"] > versions[1]["when"]
    assert call("author", "patch", own, {"text": "Late"}, **{"If-Match": said.headers["ETag"]}).status_code == 412
    assert call("author", "delete", own).status_code == 204 and call("author", "get", own).status_code == 404
    read = call("viewer", "get", path).json()["data"]
    assert [(row["text"], row["is_removed"]) for row in read["comments"]] == [("Is six enough?", False), ("", True)]
    resolved = call("technical", "post", f"{path}resolve/")
    assert resolved.status_code == 200 and resolved.json()["data"]["state"] == "resolved"
    assert call("technical", "post", f"{path}resolve/").json()["error_code"] == "CONFLICT"
    assert call("author", "post", f"{path}reopen/").json()["data"]["state"] == "open"


def test_the_list_is_filtered_and_paged(people: People, lamp: Lamp, draft: EngineeringChange, call: Call) -> None:
    other = make_draft(people.author, make_lamp("OTHER"))
    line = begin(people.technical, draft, line_id=lamp.screw.pk)
    begin(people.technical, draft, is_blocking=False)
    begin(people.technical, other)

    def found(query: str) -> list[str]:
        answer = call("viewer", "get", query)
        assert answer.status_code == 200, answer.content
        return [row["thread_id"] for row in answer.json()["data"]]

    assert len(found("")) == 3 and len(found(f"?change={draft.pk}")) == 2
    assert found(f"?change={draft.pk}&anchor=line") == [str(line.pk)] == found(f"?line={lamp.screw.pk}")
    assert found("?state=resolved") == [] and len(found("?is_blocking=false")) == 1
    assert found(f"?affected={draft.affected.get().pk}") == [str(line.pk)]
    paged = call("viewer", "get", "?page=2&page_size=2").json()
    assert len(paged["data"]) == 1 and paged["pagination"]["total_count"] == 3
    assert call("viewer", "get", "?state=lost").status_code == 400


def test_refusals_leave_nothing(people: People, lamp: Lamp, draft: EngineeringChange, call: Call) -> None:
    thread = begin(people.technical, draft)
    before = footprint()
    for part, path, data, status in (
        ("viewer", "", {"change_id": str(draft.pk), "text": "x"}, 403),
        ("author", "", {"change_id": str(uuid.uuid4()), "text": "x"}, 404),
        ("author", "", {"change_id": str(draft.pk), "text": " "}, 400),
        ("author", "", {"change_id": str(draft.pk), "text": "x", "line_id": str(uuid.uuid4())}, 400),
        ("author", f"{thread.pk}/comments/", {}, 400),
        ("author", f"{uuid.uuid4()}/comments/", {"text": "x"}, 404),
        ("author", f"{thread.pk}/reopen/", {}, 409),
    ):
        assert call(part, "post", path, data).status_code == status, (path, data)
    assert footprint() == before
