"""The pages of collaboration sessions in a real browser: both themes, wide and on a phone, steps by dialog."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from collaboration.models import CollaborationSession
from collaboration.services import session_create, session_start
from plm_project.accounts.models import User
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.browser.conftest import OpenPage, accessible_in_every_look, axe_clean, sign_in_as
from tests.conftest import MakeActor
from tests.factories import make_product

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_plan_invite_start_and_end(
    tenant: Tenant,
    make_actor: MakeActor,
    open_page: OpenPage,
) -> None:
    host = make_actor("engineer", full_name="Hanna Host")
    make_actor("quality_approver", full_name="Emil Editor")
    with tenant_scope(tenant.pk):
        make_product("HOUSING-200", product_name="Housing of the drive")
        other = session_create(actor=host, data={"title": "Weekly look at open changes", "features": ["voice"]})
        session_start(actor=host, session_id=other.pk)
    page = open_page()
    sign_in_as(page, User.objects.get(pk=host.user_id).email)

    page.goto("/collaboration/new/")
    page.get_by_label("Title").fill("Review of the new housing")
    page.get_by_label("Description").fill("Wall thickness and screw bosses.")
    page.get_by_label("Whiteboard").check()
    page.get_by_label("Product number").fill("HOUSING-200")
    accessible_in_every_look(page)
    page.get_by_role("button", name="Create session").click()
    expect(page.get_by_text("The session is planned.")).to_be_visible()
    page.get_by_label("Person").select_option(label="Emil Editor · quality_approver@acme.example")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_label("Role of Emil Editor")).to_have_value("editor")
    accessible_in_every_look(page)
    page.get_by_role("link", name="To the room").click()
    accessible_in_every_look(page)
    page.get_by_role("link", name="Start").click()
    axe_clean(page)
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page.get_by_text("The session has started.")).to_be_visible()
    page.goto("/collaboration/?status=active&sort_by=title")
    expect(page.get_by_role("row")).to_have_count(3)
    accessible_in_every_look(page)
    page.goto("/collaboration/?q=nothing-like-it")
    expect(page.get_by_text("No session matches")).to_be_visible()
    with tenant_scope(tenant.pk):
        session: Any = CollaborationSession.objects.get(title="Review of the new housing")
        product = session.product_links.get().product
    page.goto(f"/collaboration/of/{product.pk}/")
    accessible_in_every_look(page)
    page.goto(f"/collaboration/{session.pk}/steps/end/")
    page.get_by_label("Reason").fill("Everything is decided.")
    accessible_in_every_look(page)
    page.get_by_role("main").get_by_role("button", name="End session").click()
    expect(page.get_by_text("The session has ended.", exact=True)).to_be_visible()
