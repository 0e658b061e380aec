"""Pages refuse by default, and in one voice."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from plm_project.accounts.models import User
from plm_project.tenancy.models import Tenant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_pages")]

ClientOf = Callable[..., Client]
HTMX = {"HX-Request": "true"}


def test_a_page_without_a_permission_is_open_to_nobody(client_of: ClientOf) -> None:
    assert client_of("tenant_admin", "plm_manager").get("/sample/undeclared/").status_code == 403


def test_the_permission_opens_the_page(client_of: ClientOf) -> None:
    assert client_of("viewer").get("/sample/readable/").status_code == 200


def test_writing_may_need_another_permission(client_of: ClientOf) -> None:
    assert client_of("viewer").post("/sample/readable/").status_code == 403
    assert client_of("plm_manager").post("/sample/readable/").content == b"written"


def test_a_stranger_goes_to_sign_in_and_back() -> None:
    answer = Client().get("/sample/readable/?q=a%26b")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=%2Fsample%2Freadable%2F%3Fq%3Da%2526b"


def test_a_stranger_does_not_come_back_to_a_post() -> None:
    assert Client().post("/sample/readable/")["Location"] == "/accounts/login/?next=%2F"


def test_a_stranger_in_htmx_leaves_the_whole_page() -> None:
    shown = {**HTMX, "HX-Current-URL": "http://testserver/products/?page=2"}
    answer = Client().get("/sample/readable/", headers=shown)
    assert answer.status_code == 401
    assert answer["HX-Redirect"].endswith("?next=http%3A%2F%2Ftestserver%2Fproducts%2F%3Fpage%3D2")
    foreign = Client().get("/sample/readable/", headers={**HTMX, "HX-Current-URL": "https://evil.example/"})
    assert "evil" not in foreign["HX-Redirect"]


def test_somebody_without_a_tenant_is_told_and_may_leave(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("lost@example.org", "x"))
    answer = client.get("/sample/readable/")
    assert answer.status_code == 403
    assert "You do not belong to any tenant yet" in answer.text
    assert 'action="/accounts/logout/"' in answer.text


def test_a_wrong_token_is_told() -> None:
    answer = Client().get("/sample/readable/", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert "The API token is not valid." in answer.text


@pytest.mark.parametrize(("error", "status"), [("not-found", 404), ("denied", 403), ("conflict", 409)])
def test_a_refusal_while_reading_is_a_page_with_its_status(client_of: ClientOf, error: str, status: int) -> None:
    answer = client_of("viewer").get(f"/sample/refusing/{error}/")
    assert answer.status_code == status
    assert answer.headers["X-Request-ID"] in answer.text
    assert "<h1>" in answer.text


def test_a_refused_post_undoes_what_it_wrote_and_says_why_where_one_came_from(client_of: ClientOf) -> None:
    answer = client_of("viewer").post(
        "/sample/refusing/conflict/", headers={"Referer": "http://testserver/sample/readable/"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/sample/readable/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["The revision is released."]
    assert not Tenant.objects.filter(slug="half-done").exists()


def test_a_refused_post_never_leads_to_another_site(client_of: ClientOf) -> None:
    answer = client_of("viewer").post("/sample/refusing/conflict/", headers={"Referer": "https://evil.example/"})
    assert answer["Location"] == "/sample/refusing/conflict/"


@pytest.mark.parametrize(("error", "status"), [("not-found", 404), ("denied", 403), ("conflict", 409)])
def test_htmx_gets_the_status_and_a_toast(client_of: ClientOf, error: str, status: int) -> None:
    answer = client_of("viewer").post(f"/sample/refusing/{error}/", headers=HTMX)
    assert (answer.status_code, answer["HX-Reswap"], answer.content) == (status, "none", b"")
    toast = json.loads(answer["HX-Trigger"])["plm:toast"]
    assert toast["level"] == "danger"
    assert toast["text"].endswith(".")
    assert not Tenant.objects.filter(slug="half-done").exists()


def test_htmx_gets_the_part(client_of: ClientOf) -> None:
    client = client_of("viewer")
    assert "<html" in client.get("/sample/partial/").text
    assert "<html" not in client.get("/sample/partial/", headers=HTMX).text
    restoring = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/sample/partial/", headers=restoring).text


def test_a_form_keeps_what_its_service_did(client_of: ClientOf) -> None:
    answer = client_of("viewer").post("/sample/naming/", {"number": "free"})
    assert (answer.status_code, answer["Location"]) == (302, "/done/")
    assert Tenant.objects.filter(slug="half-free").exists()


@pytest.mark.parametrize(
    ("number", "field", "text"),
    [("taken", "number", "This number is taken."), ("busy", "__all__", "Somebody is at it.")],
)
def test_a_services_refusal_returns_to_the_form(client_of: ClientOf, number: str, field: str, text: str) -> None:
    answer = client_of("viewer").post("/sample/naming/", {"number": number})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [text]}
    assert text in answer.text
    assert not Tenant.objects.filter(slug=f"half-{number}").exists()
