"""Refusals: one envelope, stable codes, nothing internal, nothing left behind."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core import exceptions as core
from django.db import IntegrityError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import UnreadablePostError
from django.test import Client, RequestFactory
from django_fsm import TransitionNotAllowed
from rest_framework import exceptions as drf
from rest_framework.exceptions import ErrorDetail

from plm_project.api.errors import flattened, refusal_of
from plm_project.api.views import error_answer, is_api
from plm_project.core.exceptions import PlmError
from tests.api_room.conftest import BASE, token_names


def assert_error(answer: Any, status: int, code: str) -> Any:
    body = answer.json()
    assert (answer.status_code, body["error_code"]) == (status, code)
    assert list(body) == ["success", "error", "details", "error_code", "meta"]
    assert body["success"] is False
    assert body["error"]
    assert isinstance(body["details"], dict)
    assert set(body["meta"]) == {"request_id", "timestamp"}
    assert body["meta"]["request_id"] == answer["X-Request-ID"]
    assert dt.datetime.fromisoformat(body["meta"]["timestamp"]).tzinfo is not None
    return body


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("not_found", 404, "NOT_FOUND"),
        ("http404", 404, "NOT_FOUND"),
        ("conflict", 409, "CONFLICT"),
        ("stale", 412, "PRECONDITION_FAILED"),
        ("rate", 429, "RATE_LIMITED"),
        ("invalid", 400, "VALIDATION_ERROR"),
        ("denied", 403, "PERMISSION_DENIED"),
        ("unique", 409, "CONFLICT"),
        ("locked", 409, "CONFLICT"),
        ("check", 500, "INTERNAL_ERROR"),
        ("scope", 500, "INTERNAL_ERROR"),
        ("crash", 500, "INTERNAL_ERROR"),
    ],
)
def test_every_code(admin: Any, fault: str, status: int, code: str) -> None:
    answer = admin.get(f"tokens/faults/{fault}/")
    assert_error(answer, status, code)
    assert "internal" not in answer.content.decode().lower().replace("internal_error", "")
    assert "constraint" not in answer.content.decode()


def test_a_field_error_names_its_field(admin: Any) -> None:
    assert admin.get("tokens/faults/invalid/").json()["details"] == {"name": ["Too odd."]}


def test_a_fault_is_logged_with_its_traceback_and_id(admin: Any, caplog: Any) -> None:
    admin.get("tokens/faults/crash/", X_Request_ID="call-7")
    faults = [
        record for record in caplog.records if record.levelname == "ERROR" and record.name.endswith("api.errors")
    ]
    assert len(faults) == 1
    assert faults[0].msg["exc_info"].args == ("internal",)
    assert faults[0].msg["request_id"] == "call-7"


def test_a_fault_reaches_the_error_tracker_signal(admin: Any) -> None:
    admin.client.raise_request_exception = True
    with pytest.raises(KeyError):
        admin.get("tokens/faults/crash/")


# --- who asks --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic dTpw", "Bearer"])
def test_401_for_nobody_and_for_wrong_tokens(admin: Any, header: str | None) -> None:
    answer = Client().get(BASE + "tokens/", headers={"Authorization": header} if header else {})
    assert_error(answer, 401, "AUTHENTICATION_REQUIRED")
    assert answer["WWW-Authenticate"] == 'Bearer realm="plm"'


def test_403_without_the_permission_and_nothing_happened(admin: Any, viewer: Any) -> None:
    before = token_names(admin)
    answer = viewer.post("tokens/", {"name": "mine"})
    assert_error(answer, 403, "PERMISSION_DENIED")
    assert "WWW-Authenticate" not in answer
    assert token_names(admin) == before


def test_403_for_an_action_nobody_declared(admin: Any, caplog: Any) -> None:
    assert_error(admin.get("tokens/undeclared/"), 403, "PERMISSION_DENIED")
    assert "no permission declared" in str([record.msg for record in caplog.records])


def test_403_for_a_method_nobody_declared(admin: Any) -> None:
    assert admin.get("method/").json()["data"] == {"user": "admin@example.com", "actor": "token"}
    assert_error(admin.delete("method/"), 403, "PERMISSION_DENIED")


def test_another_tenants_record_is_not_found(admin: Any, stranger: Any) -> None:
    record = admin.get("tokens/").json()["data"][0]
    for method in ("GET", "PATCH", "DELETE"):
        answer = stranger.call(method, f"tokens/{record['id']}/", {"name": "stolen"})
        assert_error(answer, 404, "NOT_FOUND")
    assert token_names(admin) == ["of admin@example.com"]


def test_another_tenant_in_the_header_is_refused(admin: Any, stranger: Any) -> None:
    assert_error(admin.get("tokens/", X_Tenant_ID="other"), 403, "PERMISSION_DENIED")


# --- sessions --------------------------------------------------------------------------------------------------------
def test_a_session_reads_freely_but_writes_only_with_the_csrf_token(admin: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(BASE + "method/").json()["data"]["actor"] == "user"
    body = json.dumps({"name": "by session"})
    refused = client.post(BASE + "tokens/", body, content_type="application/json")
    assert_error(refused, 403, "PERMISSION_DENIED")
    assert "by session" not in token_names(admin)
    client.get(BASE + "docs/")
    key = client.cookies["csrftoken"].value
    done = client.post(BASE + "tokens/", body, content_type="application/json", headers={"X-CSRFToken": key})
    assert done.status_code == 201


def test_a_token_needs_no_csrf_token(admin: Any) -> None:
    admin.client = Client(enforce_csrf_checks=True)
    assert admin.post("tokens/", {"name": "by token"}).status_code == 201


# --- addresses and methods -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["tokens/not-an-id/", "tokens/0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c11", "nothing", ""])
def test_404_is_the_envelope(admin: Any, path: str) -> None:
    assert_error(admin.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_unknown_addresses_answer_alike_for_everybody(db: Any, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, "/api/v9/what/ever")
    assert_error(answer, 404, "NOT_FOUND")


@pytest.mark.parametrize(("method", "path"), [("PUT", "tokens/"), ("DELETE", "tokens"), ("OPTIONS", "tokens/")])
def test_405_keeps_its_status(admin: Any, method: str, path: str) -> None:
    answer = admin.call(method, path)
    assert_error(answer, 405, "VALIDATION_ERROR")
    assert "POST" in answer["Allow"]


def test_405_is_told_to_callers_alone(db: Any) -> None:
    assert Client().put(BASE + "tokens/").status_code == 401


def test_head_is_read_like_get(admin: Any) -> None:
    for path in ("tokens/", "method/"):
        answer = admin.call("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["tokens/", "tokens"])
def test_with_and_without_the_slash(admin: Any, path: str) -> None:
    assert admin.get(path).status_code == 200
    assert admin.post(path, {"name": "x"}).status_code == 201
    assert admin.get(path + ("/" if path.endswith("/") else "//")).status_code == 404


# --- bodies ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1,]",
        b"\xff\xfe",
        b'{"name": NaN}',
        b'{"name": "a\\u0000b"}',
        b'{"na\\ud800me": 1}',
        b'{"name": "x", "attributes": {"list": ["\\udc00"]}}',
        b'{"name": 1e99999}',
        b"[" * 20_000 + b"]" * 20_000,
        b"",
    ],
)
def test_malformed_json(admin: Any, body: bytes) -> None:
    assert_error(admin.post("tokens/structure/", body), 400, "VALIDATION_ERROR")


def test_415_for_another_media_type(admin: Any) -> None:
    headers = {"Authorization": f"Bearer {admin.text}"}
    answer = admin.client.post(BASE + "tokens/", "name=x", content_type="text/csv", headers=headers)
    assert_error(answer, 415, "VALIDATION_ERROR")


def test_413_for_a_body_too_large(admin: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = admin.post("tokens/", {"name": "x" * 2000})
    assert_error(answer, 413, "VALIDATION_ERROR")
    assert token_names(admin) == ["of admin@example.com"]


def test_unknown_and_read_only_fields_are_named(admin: Any) -> None:
    body = assert_error(admin.post("tokens/", {"colour": "red", "version": 9}), 400, "VALIDATION_ERROR")
    assert set(body["details"]) == {"colour", "version", "name"}
    assert token_names(admin) == ["of admin@example.com"]


def test_nested_errors_have_their_path(admin: Any) -> None:
    lines = [{"part": "A", "quantity": "1"}, {"part": "B", "quantity": "x"}, {"part": "C", "quantity": -1, "odd": 1}]
    body = admin.post("tokens/structure/", {"name": "top", "structure": lines}).json()
    assert set(body["details"]) == {"structure[1].quantity", "structure[2].quantity", "structure[2].odd"}


@pytest.mark.parametrize("levels", [60, 900, 100_000])
def test_a_body_nested_without_end(admin: Any, levels: int) -> None:
    deep = b'{"name": "n", "attributes": ' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"
    body = assert_error(admin.post("tokens/structure/", deep), 400, "VALIDATION_ERROR")
    assert "nested" in body["error"]


def test_a_body_that_is_no_object(admin: Any) -> None:
    body = assert_error(admin.post("tokens/structure/", [1]), 400, "VALIDATION_ERROR")
    assert set(body["details"]) == {"non_field_errors"}
    assert body["error"] == body["details"]["non_field_errors"][0]


def test_numbers_come_back_as_they_went_in(admin: Any) -> None:
    sent = (
        b'{"name": "n", "structure": [{"part": "A", "quantity": 123456789012.123456789012345}],'
        b' "attributes": {"ratio": 0.25, "list": [1, 1.5]}}'
    )
    data = admin.post("tokens/structure/", sent).json()["data"]
    assert data["structure"][0]["quantity"] == "123456789012.123456789012345"
    assert data["attributes"] == {"ratio": 0.25, "list": [1, 1.5]}


def test_a_bad_filter_value(admin: Any) -> None:
    body = assert_error(admin.get("tokens/?expires_before=soon"), 400, "VALIDATION_ERROR")
    assert set(body["details"]) == {"expires_before"}


# --- nothing is left behind ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("action", "status"), [("refused", 400), ("fail", 500)])
def test_a_refused_call_leaves_nothing_behind(admin: Any, action: str, status: int) -> None:
    record = admin.get("tokens/").json()["data"][0]
    answer = admin.post(f"tokens/{record['id']}/{action}/")
    assert answer.status_code == status
    assert "hunter2" not in answer.content.decode()
    assert token_names(admin) == ["of admin@example.com"]
    assert admin.get(f"tokens/{record['id']}/").json()["data"]["version"] == record["version"]


# --- the builder -----------------------------------------------------------------------------------------------------
def test_flattened_paths() -> None:
    why = ErrorDetail("wrong")
    nested = {
        "name": [why, why],
        "lines": [{}, {"quantity": [why], "marks": {2: [why]}}, {"non_field_errors": [why]}],
        "non_field_errors": [why],
    }
    assert flattened(nested) == {
        "name": ["wrong", "wrong"],
        "lines[1].quantity": ["wrong"],
        "lines[1].marks[2]": ["wrong"],
        "lines[2]": ["wrong"],
        "non_field_errors": ["wrong"],
    }
    assert flattened([why]) == {"non_field_errors": ["wrong"]}
    assert flattened([{}, {"a": [why]}]) == {"[1].a": ["wrong"]}


def test_djangos_own_handlers_answer_the_envelope() -> None:
    request = RequestFactory().get("/api/v1/plm/x")
    assert is_api(request)
    assert not is_api(RequestFactory().get("/products/"))
    assert error_answer(request).status_code == 500
    body = json.loads(error_answer(request, KeyError("internal")).content)
    assert (body["error_code"], "internal" in body["error"]) == ("INTERNAL_ERROR", False)


def caused_by(error: Exception, sqlstate: str) -> Exception:
    error.__cause__ = type("Driver", (Exception,), {"sqlstate": sqlstate})()
    return error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (drf.PermissionDenied(), 403, "PERMISSION_DENIED"),
        (drf.NotFound("internal"), 404, "NOT_FOUND"),
        (drf.NotAuthenticated(), 401, "AUTHENTICATION_REQUIRED"),
        (drf.AuthenticationFailed("internal"), 401, "AUTHENTICATION_REQUIRED"),
        (drf.Throttled(7), 429, "RATE_LIMITED"),
        (drf.Throttled(), 429, "RATE_LIMITED"),
        (core.PermissionDenied("internal"), 403, "PERMISSION_DENIED"),
        (core.SuspiciousOperation("internal"), 400, "VALIDATION_ERROR"),
        (core.RequestDataTooBig("internal"), 413, "VALIDATION_ERROR"),
        (UnreadablePostError("internal"), 400, "VALIDATION_ERROR"),
        (TransitionNotAllowed("internal"), 409, "CONFLICT"),
        (ProtectedError("internal", set()), 409, "CONFLICT"),
        (RestrictedError("internal", set()), 409, "CONFLICT"),
        (caused_by(IntegrityError("internal"), "23505"), 409, "CONFLICT"),
        (caused_by(OperationalError("internal"), "40P01"), 409, "CONFLICT"),
    ],
)
def test_what_slips_through_has_its_code_and_shows_nothing(error: Exception, status: int, code: str) -> None:
    refusal = refusal_of(error)
    assert refusal is not None
    assert (refusal.status, refusal.code) == (status, code)
    assert "internal" not in refusal.message


def test_djangos_validation_errors_keep_their_fields() -> None:
    refusal = refusal_of(core.ValidationError({"name": "Too odd.", "__all__": "Clash."}))
    assert refusal is not None
    assert refusal.details == {"name": ["Too odd."], "non_field_errors": ["Clash."]}
    assert refusal.message == "Clash."
    whole = refusal_of(core.ValidationError("Clash."))
    assert whole is not None
    assert whole.details == {"non_field_errors": ["Clash."]}


@pytest.mark.parametrize(
    "error",
    [
        caused_by(IntegrityError("x"), "23514"),
        caused_by(OperationalError("connection lost"), "08006"),
        drf.APIException("x"),
        PlmError("x"),
    ],
)
def test_faults_are_no_refusals(error: Exception) -> None:
    assert refusal_of(error) is None


def test_an_unexpected_error_is_no_refusal() -> None:
    assert refusal_of(KeyError("x")) is None
