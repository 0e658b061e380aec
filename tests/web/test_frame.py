"""The frame of every page: navigation by permission, tenant switch, theme, language, addresses that stay here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client, RequestFactory

from plm_project.accounts.models import Membership, User
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.tenancy.models import Tenant
from plm_project.web import topbar
from plm_project.web.addresses import with_query
from plm_project.web.navigation import links_for
from plm_project.web.safe_next import safe_next

ClientOf = Callable[..., Client]


def links(path: str, *permissions: str) -> list[tuple[str, bool]]:
    request = RequestFactory().get(path)
    request.actor = Actor("user", uuid7(), permissions=frozenset(permissions))
    return [(link.url, link.is_current) for link in links_for(request)]


def test_only_what_the_actor_may_open_is_shown() -> None:
    assert links("/", "plm.changes.read") == [("/changes/", False), ("/changes/approvals/", False)]
    assert links("/") == []


def test_items_of_the_bar_ask_only_when_they_are_drawn_and_only_for_whom_they_are() -> None:
    asked: list[str] = []
    known = dict(topbar._items)
    topbar.register_topbar_item(
        topbar.TopbarItem("test", "x.html", "plm.test.read", lambda request: {"path": asked.append(request.path)})
    )
    try:
        request = RequestFactory().get("/here/")
        assert topbar.items_for(request) == []
        request.actor = Actor("user", uuid7(), permissions=frozenset())
        assert topbar.items_for(request) == []
        request.actor = Actor("user", uuid7(), permissions=frozenset({"plm.test.read"}))
        (item,) = topbar.items_for(request)
        assert asked == []
        assert item.data is item.data
        assert asked == ["/here/"]
    finally:
        topbar._items.clear()
        topbar._items.update(known)


def test_a_stranger_sees_no_navigation() -> None:
    assert links_for(RequestFactory().get("/")) == []


def test_the_current_page_is_the_most_specific_one() -> None:
    held = ("plm.products.read", "plm.products.import")
    assert ("/products/import/", True) in links("/products/import/", *held)
    assert ("/products/", False) in links("/products/import/", *held)
    assert ("/products/", True) in links("/products/42/", *held)
    assert ("/", True) in links("/", *held)
    assert ("/", False) in links("/products/", *held)


@pytest.mark.django_db
def test_one_tenant_is_named_and_several_can_be_switched(
    make_member: Callable[..., tuple[User, Membership]], tenant: Tenant, other_tenant: Tenant
) -> None:
    user, _member = make_member("viewer", email="two@example.org")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert 'action="/accounts/tenant/"' not in client.get("/").text
    make_member("viewer", email="two@example.org", tenant=other_tenant)
    page = client.get("/").text
    assert page.count('action="/accounts/tenant/"') == 2
    client.post("/accounts/tenant/", {"tenant": str(other_tenant.pk)})
    assert f'<span class="tenant-name">{other_tenant.name}</span>' in client.get("/").text


@pytest.mark.django_db
def test_the_theme_is_drawn_by_the_server(client_of: ClientOf) -> None:
    client = client_of("viewer")
    assert 'data-theme-choice="auto"' in client.get("/").text
    answer = client.post("/preferences/theme/", {"theme": "dark", "next": "/products/?page=2"})
    assert answer["Location"] == "/products/?page=2"
    assert 'data-bs-theme="dark"' in client.get("/").text


@pytest.mark.parametrize("theme", ["", "sepia", '"><script>'])
def test_a_theme_nobody_knows_is_not_kept(theme: str) -> None:
    answer = Client().post("/preferences/theme/", {"theme": theme})
    assert "plm_theme" not in answer.cookies
    client = Client(headers={"Cookie": f"plm_theme={theme}"})
    assert 'data-theme-choice="auto"' in client.get("/accounts/login/").text


def test_the_theme_is_not_set_by_a_link() -> None:
    assert Client().get("/preferences/theme/?theme=dark").status_code == 405


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "http:///evil"]
)
def test_one_is_never_sent_to_another_site(target: str) -> None:
    request = RequestFactory().post("/", {"next": target})
    assert safe_next(request, "/home/") == "/home/"


def test_one_is_sent_back_on_this_site() -> None:
    assert safe_next(RequestFactory().get("/?next=/products/%3Fq%3D1"), "/home/") == "/products/?q=1"


def test_an_address_changes_in_one_place_only() -> None:
    query = QueryDict("tags=a&tags=b&page=3")
    assert with_query(query, {"page": None, "q": "ö&x"}) == "?tags=a&tags=b&q=%C3%B6%26x"
    assert query["page"] == "3"


@pytest.mark.django_db
def test_the_search_box_keeps_its_words_only_on_the_list(client_of: ClientOf) -> None:
    client = client_of("viewer")
    assert 'value="bolt &amp; nut"' in client.get("/products/?q=bolt+%26+nut").text
    assert 'value="bolt' not in client.get("/changes/?q=bolt").text.split("</header>")[0]
