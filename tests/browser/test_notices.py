"""The bell in a real browser: it rises while the page is open, leads to the decision, and falls again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from changes.models import EngineeringChange
from plm_project.accounts.actors import actor_for_membership
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.browser.conftest import accessible_in_every_look, sign_in_as
from tests.changes.conftest import make_draft, make_lamp
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_an_approver_is_told_without_reloading(
    tenant: Tenant, make_member: Callable[..., Any], open_page: Callable[..., Page], sign_in: Callable[..., Page]
) -> None:
    author_user, member = make_member("engineer", full_name="Ada Author")
    approver = sign_in("technical_approver", "management_approver", full_name="Tim Technical")
    with tenant_scope(tenant.pk, atomic=True):
        change: EngineeringChange = make_draft(actor_for_membership(author_user, member), make_lamp(), priority="high")
    number = change.change_number
    bell = approver.locator("[data-notices] > summary")
    expect(bell).to_have_accessible_name("Notices none unread")
    approver.goto("/collaboration/notices/")
    accessible_in_every_look(approver)  # with nothing in it
    other_window = approver.context.new_page()
    other_window.goto("/products/")
    approver.bring_to_front()  # a page behind another is not painted

    author = open_page()
    sign_in_as(author, author_user.email)
    author.goto(change.get_absolute_url())
    author.get_by_role("button", name="Submit").first.click()
    author.get_by_role("dialog").get_by_role("button", name="Submit").click()
    expect(author.get_by_text("Submitted").first).to_be_visible()

    expect(bell).to_have_accessible_name("Notices unread: 1")
    toast = approver.locator("#toasts").get_by_role("alert")  # high priority: said at once
    expect(toast).to_contain_text(f"{number} needs your approval")
    accessible_in_every_look(approver)
    bell.focus()
    approver.keyboard.press("Enter")
    sheet = approver.locator(".bell-sheet")
    expect(sheet.get_by_role("link", name=f"{number} needs your approval")).to_be_visible()
    expect(sheet.get_by_text("High priority")).to_be_visible()
    accessible_in_every_look(approver)
    approver.keyboard.press("Escape")
    expect(sheet).not_to_be_visible()
    expect(bell).to_be_focused()

    approver.reload()
    accessible_in_every_look(approver)  # the list with an unread notice
    approver.get_by_role("button", name="Mark as read").click()
    expect(bell).to_have_accessible_name("Notices none unread")
    expect(other_window.locator("[data-notices-count]")).to_be_hidden()  # read here, read there
    approver.get_by_role("button", name="Mark as unread").click()
    expect(other_window.locator("[data-notices-count]")).to_have_text("1")
    approver.locator("main").get_by_role("link", name=f"{number} needs your approval").click()
    approver.wait_for_url(f"**{change.get_absolute_url()}")
    expect(bell).to_have_accessible_name("Notices none unread")

    author_bell = author.locator("[data-notices] > summary")
    expect(author_bell).to_have_accessible_name("Notices none unread")
    approver.get_by_role("button", name="Approve").first.click()
    approver.get_by_role("dialog").get_by_label("Your password").fill(PASSWORD)
    approver.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(author_bell).to_have_accessible_name("Notices unread: 1")
    expect(author.locator("#toasts")).to_contain_text(f"{number} was approved")

    author.goto("/collaboration/notices/settings/")
    accessible_in_every_look(author)
    author.get_by_label("Your change was decided: by mail").select_option("never")
    author.get_by_role("button", name="Save").click()
    expect(author.get_by_text("Your settings were saved.")).to_be_visible()
