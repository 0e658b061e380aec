"""Request ids come in, go out, and link the log lines between."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import pytest
import structlog
from django.test import Client
from structlog.testing import capture_logs

from plm_project.accounts.models import ApiToken
from plm_project.ops.request_id import accepted_or_new, request_id

PAGE = "/page/"


@pytest.mark.parametrize("offered", ["a", "call-1", "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c11", "A.b:c_d-9", "x" * 64])
def test_a_sane_id_is_kept(offered: str) -> None:
    assert Client().get(PAGE, headers={"X-Request-ID": offered})["X-Request-ID"] == offered


@pytest.mark.parametrize(
    "offered", [None, "", "x" * 65, "two words", "line\nbreak", "-dash", "ümlaut", "<b>", "a;b", "a\n", "١"]
)
def test_anything_else_becomes_a_uuid7(offered: str | None) -> None:
    made = accepted_or_new(offered)
    assert made != offered
    assert uuid.UUID(made).version == 7


def test_every_request_has_its_own() -> None:
    client = Client()
    assert client.get(PAGE)["X-Request-ID"] != client.get(PAGE)["X-Request-ID"]


def test_errors_carry_it_too(db: Any) -> None:
    answer = Client().get("/api/v1/plm/none", headers={"X-Request-ID": "call-1"})
    assert answer["X-Request-ID"] == "call-1"
    assert answer.json()["meta"]["request_id"] == "call-1"


def test_it_is_bound_during_the_request_alone(admin: Any, monkeypatch: Any) -> None:
    seen: list[str] = []
    original = ApiToken.objects.get_queryset
    monkeypatch.setattr(ApiToken.objects, "get_queryset", lambda: (seen.append(request_id()), original())[1])
    admin.get("tokens/", X_Request_ID="call-9")
    assert set(seen) == {"call-9"}
    assert request_id() == ""


def test_it_does_not_leak_into_the_next_request(admin: Any) -> None:
    structlog.contextvars.bind_contextvars(left_over="from somebody else")
    admin.get("tokens/")
    assert structlog.contextvars.get_contextvars() == {}


def access_line(caplog: Any) -> dict[str, Any]:
    lines = [record.msg for record in caplog.records if record.name == "plm.access"]
    assert len(lines) == 1
    line: dict[str, Any] = lines[0]
    return line


def test_one_access_line_a_request(admin: Any, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    admin.get("tokens/?name=secret-search", X_Request_ID="call-3")
    line = access_line(caplog)
    assert line["event"] == "request"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/plm/tokens/", 200)
    assert (line["request_id"], line["tenant"]) == ("call-3", str(admin.tenant.pk))
    assert line["actor"].startswith("admin@example.com")
    assert line["ms"] >= 0
    assert "secret-search" not in str(line)


def test_a_secret_in_the_address_is_masked(caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    Client().get("/reset/abc/hunter2hunter2/")
    assert access_line(caplog)["path"] == "/reset/abc/***/"


def test_strangers_have_no_name_in_the_line(db: Any, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    Client().get("/api/v1/plm/tokens/", headers={"Authorization": "Bearer guess-guess-guess"})
    line = access_line(caplog)
    assert (line["status"], line["actor"], line["tenant"]) == (401, None, None)
    assert "guess" not in caplog.text


def test_probes_are_quiet(db: Any, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    Client().get("/healthz")
    assert [record for record in caplog.records if record.name == "plm.access"] == []


def test_lines_of_the_request_say_who_and_where(admin: Any) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        admin.get("tokens/faults/invalid/", X_Request_ID="call-4")
    refused = next(line for line in lines if line["event"] == "refused")
    assert (refused["request_id"], refused["error_code"]) == ("call-4", "VALIDATION_ERROR")
