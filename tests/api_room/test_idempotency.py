"""A POST sent twice with one key does its work once."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import StreamingHttpResponse
from django.test import Client, RequestFactory
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from plm_project.accounts.models import ApiToken
from plm_project.api.idempotency import Claim, hash_of, perform_once
from plm_project.api.models import IdempotencyRecord
from plm_project.api.parsers import ExactJSONParser
from plm_project.api.tasks import idempotency_expire
from plm_project.core import clock
from plm_project.tenancy.scope import tenant_scope
from tests.api_room.conftest import BASE, Caller, make_caller, token_names


def stored(caller: Caller) -> int:
    with tenant_scope(caller.tenant.pk):
        return IdempotencyRecord.objects.count()


def test_a_repeat_gets_the_first_answer(admin: Any) -> None:
    first = admin.post("tokens/", {"name": "press line"}, Idempotency_Key="k1", X_Request_ID="call-1")
    second = admin.post("tokens/", {"name": "press line"}, Idempotency_Key="k1", X_Request_ID="call-2")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.json()["meta"]["request_id"] == "call-1"
    assert second["X-Request-ID"] == "call-2"
    assert {name: second[name] for name in ("ETag", "Location", "Content-Type")} == {
        name: first[name] for name in ("ETag", "Location", "Content-Type")
    }
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert token_names(admin).count("press line") == 1


def test_spacing_and_key_order_make_no_other_request(admin: Any) -> None:
    admin.post("tokens/structure/", b'{"name": "a", "attributes": {}}', Idempotency_Key="k1")
    again = admin.post("tokens/structure/", b'{"attributes":{},"name":"a"}', Idempotency_Key="k1")
    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("path", "data"), [("tokens/", {"name": "other"}), ("tokens/structure/", {"name": "press line"})]
)
def test_the_key_of_another_request_is_refused(admin: Any, path: str, data: Any) -> None:
    admin.post("tokens/", {"name": "press line"}, Idempotency_Key="k1")
    answer = admin.post(path, data, Idempotency_Key="k1")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "CONFLICT")
    assert "Idempotency-Key" in answer.json()["details"]
    assert "other" not in token_names(admin)


def test_keys_are_the_callers_own(admin: Any, stranger: Any) -> None:
    colleague = make_caller("velo", "colleague@example.com", "tenant_admin")
    for caller, name in ((admin, "a"), (stranger, "a"), (colleague, "b")):
        answer = caller.post("tokens/", {"name": name}, Idempotency_Key="shared")
        assert (answer.status_code, "Idempotent-Replayed" in answer) == (201, False)


@pytest.mark.parametrize("data", [{}, {"name": "of admin@example.com"}])
def test_a_refusal_is_not_kept(admin: Any, data: Any) -> None:
    assert admin.post("tokens/", data, Idempotency_Key="k1").status_code in (400, 409)
    assert stored(admin) == 0
    assert admin.post("tokens/", {"name": "corrected"}, Idempotency_Key="k1").status_code == 201


def test_a_fault_keeps_neither_work_nor_answer(admin: Any) -> None:
    record = admin.get("tokens/").json()["data"][0]
    for action in ("fail", "refused"):
        assert admin.post(f"tokens/{record['id']}/{action}/", Idempotency_Key=action).status_code >= 400
    assert (stored(admin), token_names(admin)) == (0, ["of admin@example.com"])


def test_an_answer_that_cannot_be_stored_undoes_the_work(admin: Any, monkeypatch: Any) -> None:
    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(IdempotencyRecord, "save", full)
    assert admin.post("tokens/", {"name": "lost"}, Idempotency_Key="k1").status_code == 500
    assert "lost" not in token_names(admin)


def test_a_replay_still_needs_the_permission(admin: Any, viewer: Any) -> None:
    assert admin.post("tokens/", {"name": "a"}, Idempotency_Key="k1").status_code == 201
    answer = viewer.post("tokens/", {"name": "a"}, Idempotency_Key="k1")
    assert answer.status_code == 403


@pytest.mark.parametrize("key", ["", "with space", "ümlaut", "x" * 256, "tab\there"])
def test_a_bad_key_is_refused(admin: Any, key: str) -> None:
    answer = admin.post("tokens/", {"name": "a"}, Idempotency_Key=key)
    assert (answer.status_code, set(answer.json()["details"])) == (400, {"Idempotency-Key"})
    assert "a" not in token_names(admin)


def test_the_longest_key(admin: Any) -> None:
    for replayed in (False, True):
        answer = admin.post("tokens/", {"name": "a"}, Idempotency_Key="x" * 255)
        assert ("Idempotent-Replayed" in answer) is replayed


def test_without_a_key_nothing_is_kept(admin: Any) -> None:
    admin.post("tokens/", {"name": "a"})
    admin.patch(f"tokens/{admin.get('tokens/').json()['data'][0]['id']}/", {"name": "b"}, Idempotency_Key="k")
    assert stored(admin) == 0


def test_a_key_lives_for_a_day(admin: Any) -> None:
    admin.post("tokens/", {"name": "a"}, Idempotency_Key="k1")
    with time_machine.travel(clock.now() + dt.timedelta(hours=23, minutes=59), tick=False):
        assert "Idempotent-Replayed" in admin.post("tokens/", {"name": "a"}, Idempotency_Key="k1")
    with time_machine.travel(clock.now() + dt.timedelta(hours=24, minutes=1), tick=False):
        assert admin.post("tokens/", {"name": "b"}, Idempotency_Key="k1").status_code == 201
    assert stored(admin) == 1


def test_expired_answers_are_swept_and_others_kept(admin: Any, stranger: Any) -> None:
    admin.post("tokens/", {"name": "a"}, Idempotency_Key="k1")
    stranger.post("tokens/", {"name": "a"}, Idempotency_Key="k1")
    assert idempotency_expire() == 0
    with time_machine.travel(clock.now() + dt.timedelta(hours=25), tick=False):
        admin.post("tokens/", {"name": "b"}, Idempotency_Key="k2")
        assert idempotency_expire() == 2
    assert (stored(admin), stored(stranger)) == (1, 0)


def test_an_answer_that_streams_cannot_be_kept(admin: Any) -> None:
    claim = Claim(key="k", caller="user:1", method="POST", path="/x", request_hash="")
    with tenant_scope(admin.tenant.pk, atomic=True), pytest.raises(RuntimeError, match="streams"):
        claim.store(StreamingHttpResponse([b"a"]))


def test_without_a_transaction_nothing_is_done(transactional_db: Any) -> None:
    http = RequestFactory().post("/x", content_type="application/json", headers={"Idempotency-Key": "k"})
    request = Request(http, parsers=[ExactJSONParser()])
    with pytest.raises(RuntimeError, match="transaction"):
        perform_once(request, work=lambda: pytest.fail("worked"), render=lambda response: response)


def test_an_uploaded_file_belongs_to_the_request() -> None:
    def hashed(content: bytes, **fields: str) -> str:
        upload = SimpleUploadedFile("bom.csv", content)
        http = RequestFactory().post("/api/x/", {"file": upload, **fields})
        request = Request(http, parsers=[MultiPartParser()])
        digest = hash_of(request)
        assert request.FILES["file"].read() == content  # the handler can still read it
        return digest

    assert hashed(b"a,b") == hashed(b"a,b")
    assert len({hashed(b"a,b"), hashed(b"a,c"), hashed(b"a,b", dry_run="1")}) == 3


# --- two at the same time --------------------------------------------------------------------------------------------
def at_once(caller: Caller, count: int, key: str) -> list[Any]:
    """Send the same POST from ``count`` threads, each with a database connection of its own."""
    barrier = threading.Barrier(count)
    answers: list[Any] = []

    def send() -> None:
        try:
            client = Caller(caller.tenant, caller.user, caller.text, Client(raise_request_exception=False))
            barrier.wait()
            answers.append(client.post("tokens/", {"name": "once"}, Idempotency_Key=key))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.mark.django_db(transaction=True)
def test_simultaneous_posts_do_the_work_once() -> None:
    caller = make_caller("velo", "admin@example.com", "tenant_admin")
    answers = at_once(caller, 6, "k1")
    assert len(answers) == 6
    assert {answer.status_code for answer in answers} <= {201, 409}
    done = [answer for answer in answers if answer.status_code == 201]
    assert len([answer for answer in done if "Idempotent-Replayed" not in answer]) == 1
    assert len({answer.content for answer in done}) == 1
    assert token_names(caller).count("once") == 1
    assert "Idempotent-Replayed" in caller.post("tokens/", {"name": "once"}, Idempotency_Key="k1")


def while_running(caller: Caller, act: Callable[[], Any], *, commit: bool) -> Any:
    """Hold a first call open in another connection, act meanwhile, then let it end."""
    working, finish = threading.Event(), threading.Event()

    def first() -> None:
        def held(*args: Any, **kwargs: Any) -> Any:
            working.set()
            finish.wait(20)
            if not commit:
                raise RuntimeError("killed")
            return original(*args, **kwargs)

        try:
            client = Caller(caller.tenant, caller.user, caller.text, Client(raise_request_exception=False))
            ApiToken.save = held  # type: ignore[method-assign]
            client.post("tokens/", {"name": "once"}, Idempotency_Key="k1")
        finally:
            connection.close()

    original = ApiToken.save
    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert working.wait(20)
        ApiToken.save = original  # type: ignore[method-assign]
        return act()
    finally:
        ApiToken.save = original  # type: ignore[method-assign]
        finish.set()
        thread.join(30)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("commit", [True, False])
def test_a_running_duplicate_is_told_to_wait(commit: bool) -> None:
    caller = make_caller("velo", "admin@example.com", "tenant_admin")
    started = time.monotonic()
    answer = while_running(
        caller, lambda: caller.post("tokens/", {"name": "once"}, Idempotency_Key="k1"), commit=commit
    )
    assert (answer.status_code, answer.json()["error_code"], answer["Retry-After"]) == (409, "CONFLICT", "1")
    assert time.monotonic() - started < 10
    again = caller.post("tokens/", {"name": "once"}, Idempotency_Key="k1")
    assert (again.status_code, "Idempotent-Replayed" in again) == (201, commit)
    assert token_names(caller).count("once") == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_other_keys_do_not_wait() -> None:
    caller = make_caller("velo", "admin@example.com", "tenant_admin")
    answer = while_running(caller, lambda: caller.post("tokens/", {"name": "else"}, Idempotency_Key="k2"), commit=True)
    assert answer.status_code == 201
    assert token_names(caller).count("once") == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_unique_index_stands_behind_the_lock() -> None:
    caller = make_caller("velo", "admin@example.com", "tenant_admin")
    caller.post("tokens/", {"name": "once"}, Idempotency_Key="k1")
    with tenant_scope(caller.tenant.pk, atomic=True):
        record = IdempotencyRecord.objects.get()
        record.pk, record._state.adding = None, True
        with pytest.raises(Exception, match="api_one_answer_per_key"), transaction.atomic():
            record.save(force_insert=True)


def test_stored_answers_are_json(admin: Any) -> None:
    admin.post("tokens/", {"name": "a"}, Idempotency_Key="k1")
    with tenant_scope(admin.tenant.pk):
        record = IdempotencyRecord.objects.get()
    assert json.loads(record.response_body)["data"]["name"] == "a"
    assert (record.method, record.path, record.response_status) == ("POST", BASE + "tokens/", 201)
    assert admin.text not in f"{record.caller}{record.response_body}{record.response_headers}"
