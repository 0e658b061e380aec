"""The pages of sessions, as a browser without scripts uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from collaboration.models import CollaborationSession, SessionParticipant
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import footprint
from tests.collaboration.conftest import Cast, key, make_room
from tests.factories import make_product


@pytest.fixture(autouse=True)
def inside(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


def browser(cast: Cast, part: str) -> Client:
    client = Client()
    client.force_login(cast.users[part], backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"collaboration:{name}", args=[getattr(entry, "pk", entry) for entry in args])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_session_from_plan_to_end(cast: Cast) -> None:
    product = make_product("HOUSING")
    host = browser(cast, "host")
    create = f"{url('session-create')}?product={product.pk}"
    assert 'value="HOUSING"' in text_of(host.get(create))
    refused = host.post(create, {"title": "x", "product": "NONE", "features": ["whiteboard"]})
    assert refused.status_code == 422 and not CollaborationSession.objects.exists()
    refused = host.post(create, {"title": "Housing review", "product": "NONE"})
    assert refused.status_code == 422 and "NONE" in text_of(refused)
    made = host.post(
        create,
        {
            "title": "Housing review",
            "product": "housing",
            "features": ["whiteboard", "voice"],
            "scheduled_for": "2026-12-01T09:30",
        },
    )
    session = CollaborationSession.objects.get()
    assert made.headers["Location"] == url("session-participants", session)
    assert session.features == ["voice", "whiteboard"] and session.owner == cast.users["host"]
    people = text_of(host.get(made.headers["Location"]))
    assert "Editor · editor@acme.example" in people and "HOUSING" in people

    host.post(url("session-participants", session), {"user_id": key(cast.editor), "role": "editor"})
    refused = host.post(url("session-participants", session), {"user_id": key(cast.viewer), "role": "editor"})
    assert refused.status_code == 422 and "invite them as a viewer" in text_of(refused)
    host.post(url("session-participants", session), {"user_id": key(cast.viewer), "role": "viewer"})
    host.post(url("session-participant", session, key(cast.editor)), {"role": "host"})
    roles = SessionParticipant.objects.filter(session=session).order_by("role").values_list("role", flat=True)
    assert list(roles) == ["host", "host", "viewer"]
    host.post(url("session-participant", session, key(cast.editor)), {"remove": "1"})
    assert "no longer takes part" in text_of(host.get(url("session-detail", session)))

    link = host.post(url("session-link", session), {"kind": "change", "number": "ECO-1"})
    assert link.status_code == 422 and "ECO-1" in text_of(link)
    host.post(url("product-unlink", session, product), {})
    assert not session.product_links.exists()
    host.post(url("session-link", session), {"kind": "product", "number": "HOUSING"})
    assert session.product_links.count() == 1

    edit = host.get(url("session-edit", session))
    (version,) = re.findall(r'name="expected_version" value="(\d+)"', edit.content.decode())
    host.post(url("session-edit", session), {"title": "Housing, second look", "expected_version": version})
    stale = host.post(url("session-edit", session), {"title": "Too late", "expected_version": version})
    assert stale.status_code == 422 and CollaborationSession.objects.get().title == "Housing, second look"

    page = text_of(host.get(url("session-detail", session)))
    assert "Start" in page and "Call off" in page
    assert host.post(url("session-step", session, "end"), {"reason": " "}).status_code == 422
    host.post(url("session-step", session, "start"), {})
    assert text_of(host.get(url("session-step", session, "end"))).count("End session") >= 1
    host.post(url("session-step", session, "end"), {"reason": ""})
    session.refresh_from_db()
    assert session.status == "ended" and not session.was_called_off
    assert "it can only be read" in text_of(host.get(url("session-edit", session)))
    assert "Ended" in text_of(browser(cast, "viewer").get(url("session-detail", session)))
    assert "Housing, second look" in text_of(host.get(reverse("collaboration:product-sessions", args=[product.pk])))


def test_who_sees_which_page(cast: Cast, other_tenant: Tenant) -> None:
    session = make_room(cast, active=False)
    before = footprint()
    stranger, viewer = browser(cast, "stranger"), browser(cast, "viewer")
    for name in ("session-detail", "session-edit", "session-participants", "session-delete", "session-leave"):
        assert stranger.get(url(name, session)).status_code == 404, name
        assert viewer.get(url(name, session)).status_code == 200, name
    assert viewer.post(url("session-edit", session), {"title": "Mine now"}).status_code == 403
    assert viewer.post(url("session-step", session, "start"), {}).status_code == 403
    assert browser(cast, "editor").post(url("session-step", session, "start"), {}).status_code == 403
    assert viewer.get(url("session-create")).status_code == 403
    assert footprint() == before
    assert "they and those who manage sessions can see it" in text_of(stranger.get(url("session-create")))
    assert "No session with you yet" in text_of(stranger.get(url("session-list")))
    assert "Housing review" in text_of(browser(cast, "manager").get(url("session-list")))
    assert "No session matches" in text_of(browser(cast, "manager").get(url("session-list") + "?whose=mine"))
    assert "Housing review" in text_of(viewer.get(url("session-list") + "?q=housing&status=open&sort_by=title"))
    viewer.post(url("session-leave", session), {})
    assert viewer.get(url("session-detail", session)).status_code == 404
    browser(cast, "host").post(url("session-leave", session), {})
    assert SessionParticipant.objects.filter(session=session, role="host").exists()
    browser(cast, "manager").post(url("session-delete", session), {"reason": "by mistake"})
    assert not CollaborationSession.objects.exists()


def test_a_list_of_many_asks_a_fixed_number_of_questions(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        make_room(cast, active=False, title=f"Room {number:02d}")
    host = browser(cast, "host")
    host.get(url("session-list"))
    with django_assert_max_num_queries(17):
        page = host.get(url("session-list") + "?page=2&sort_by=title")
    assert "Room 29" in text_of(page) and "Room 24" not in text_of(page)
