"""Error pages look like the rest, carry the request id, and need no database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from django.template import loader
from django.test import Client, RequestFactory

from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.web import errors


def request_of(actor: Actor | None = None) -> Any:
    request = RequestFactory().get("/nowhere/")
    request.request_id = "REQ-7"
    request.actor = actor
    return request


PAGES: list[tuple[int, Callable[[Any], HttpResponse]]] = [
    (400, lambda request: errors.bad_request(request, SuspiciousOperation("secret detail"))),
    (403, lambda request: errors.permission_denied(request, PermissionDenied())),
    (404, lambda request: errors.page_not_found(request, Exception({"tried": ["secret detail"]}))),
    (500, errors.server_error),
    (403, lambda request: errors.csrf_failure(request, "secret detail")),
]


@pytest.mark.parametrize(("status", "make"), PAGES)
@pytest.mark.parametrize("kind", ["stranger", "signed in"])
def test_error_pages_need_no_database(status: int, make: Callable[[Any], HttpResponse], kind: str) -> None:
    actor = Actor.system(uuid7(), "somebody") if kind == "signed in" else None
    answer = make(request_of(actor))  # no db fixture: a query would fail the test
    text = answer.content.decode()
    assert answer.status_code == status
    assert "REQ-7" in text
    assert "web/dist/main.css" in text
    assert "secret detail" not in text
    assert text.count("<h1") == 1


def test_an_unknown_address_is_a_page_without_a_query() -> None:
    answer = Client().get("/nowhere/")  # no db fixture
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_a_fault_is_a_page_that_tells_nothing(sample_pages: None) -> None:
    answer = Client(raise_request_exception=False).get("/sample/broken/")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert "secret detail" not in answer.text


def test_a_fault_of_the_error_page_itself_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(errors.TEMPLATES, 500, "no_such_template.html")
    answer = errors.server_error(request_of())
    assert answer.status_code == 500
    assert b"REQ-7" in answer.content


def test_an_expired_form_is_told() -> None:
    answer = Client(enforce_csrf_checks=True).post("/preferences/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.text


@pytest.mark.django_db
def test_the_locked_page_renders() -> None:
    assert "quarter of an hour" in loader.render_to_string("accounts/locked.html", {"request_id": "R"})
