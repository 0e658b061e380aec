"""The change pages in a real browser: keyboard alone, both themes, wide and on a phone, and without scripts."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from changes.models import EngineeringChange
from changes.services import (
    affected_add,
    change_create,
    change_implement,
    line_redraw,
    redline_add,
    request_accept,
    request_create,
)
from changes.services import change_submit as submit
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.browser.conftest import OpenPage, accessible_in_every_look, sign_in_as
from tests.changes.conftest import COMPLETE, Lamp, make_draft, make_lamp
from tests.conftest import PASSWORD, MakeActor
from tests.signing import change_approve

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@dataclass
class Stage:
    """Three changes in three states with the people around them; all made before a browser looks."""

    tenant: Tenant
    author: Actor
    approver: Actor
    analyst: Actor
    lamp: Lamp
    draft: EngineeringChange
    submitted: EngineeringChange
    done: EngineeringChange
    replaced: uuid.UUID  # a product of the draft that another one replaces
    asked: uuid.UUID  # a change request that the draft answers

    def fresh(self, change: EngineeringChange) -> EngineeringChange:
        with tenant_scope(self.tenant.pk):
            return EngineeringChange.objects.get(pk=change.pk)


@pytest.fixture
def stage(tenant: Tenant, make_actor: MakeActor, transactional_db: None) -> Stage:
    author, approver, analyst = (make_actor(role) for role in ("engineer", "technical_approver", "change_analyst"))
    with tenant_scope(tenant.pk):
        lamp = make_lamp()
        draft = make_draft(author, lamp)
        redline_add(actor=author, change_id=draft.pk, operation="remove", line_id=lamp.cable.pk, note="wireless now")
        redline_add(
            actor=author,
            change_id=draft.pk,
            operation="add",
            affected_id=draft.affected.get().pk,
            values={"child_id": lamp.socket.pk, "quantity": 2},
        )
        replaced = affected_add(
            actor=author,
            change_id=draft.pk,
            product_id=lamp.bulb.child_id,
            values={"action": "replace", "replacement_id": lamp.glass.pk, "effective_from": dt.date(2031, 5, 1)},
        )
        asked = request_create(
            actor=author, data={"title": "It flickers", "description": "In the cold."}, products=[lamp.product.pk]
        )
        request_accept(actor=analyst, request_id=asked.pk, order_id=draft.pk)
        waiting = make_draft(author, make_lamp("DESK"), change_title="Softer desk lamp")
        submit(actor=author, change_id=waiting.pk, comment="please")
        done = make_draft(author, make_lamp("DOOR"), change_title="Door lamp")
        submit(actor=author, change_id=done.pk)
        change_approve(actor=approver, change_id=done.pk, comment="fine")
        change_implement(actor=analyst, change_id=done.pk)
    return Stage(tenant, author, approver, analyst, lamp, draft, waiting, done, replaced.pk, asked.pk)


def enter(page: Page, actor: Actor) -> Page:
    sign_in_as(page, User.objects.get(pk=actor.user_id).email)
    return page


def paths_of(stage: Stage) -> list[str]:
    draft, line = stage.draft.get_absolute_url(), stage.lamp.screw.pk
    return [
        "/changes/",
        "/changes/?q=nothing-has-this",
        "/changes/board/",
        "/changes/dispositions/",
        "/changes/new/",
        draft,
        f"{draft}edit/",
        f"{draft}delete/",
        f"{draft}consequences/",
        f"{draft}steps/submit/",
        f"{draft}products/{stage.replaced}/",
        f"{draft}lines/{line}/",
        stage.submitted.get_absolute_url(),
        stage.done.get_absolute_url(),
        f"/changes/of/{stage.lamp.product.pk}/",
        "/changes/requests/",
        "/changes/requests/new/",
        f"/changes/requests/{stage.asked}/",
    ]


def test_every_page_is_accessible_and_fits(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.author)
    for path in paths_of(stage):
        accessible_in_every_look(page, path)
    other = enter(open_page(), stage.approver)
    for path in ("/changes/approvals/", "/changes/deputies/", stage.submitted.get_absolute_url()):
        accessible_in_every_look(other, path)
    other.get_by_role("button", name="Reject").first.click()
    expect(other.get_by_role("dialog")).to_be_visible()
    accessible_in_every_look(other)


def test_the_open_editor_is_accessible(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.author)
    page.goto(stage.draft.get_absolute_url())
    page.get_by_role("link", name="Redline LAMP-SCREW").click()
    page.get_by_role("link", name="Redline LAMP-GLASS").click()
    expect(page.locator("tr.editor")).to_have_count(2)
    accessible_in_every_look(page)
    page.locator("tr.editor").first.get_by_role("link", name="Cancel").click()
    expect(page.locator("tr.editor form")).to_have_count(1)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this name has the focus; nothing else is used to get there."""
    for _press in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()").startswith(name):
            return
    raise AssertionError(f"the keyboard never reaches {name}")


def test_approve_by_keyboard_alone(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.approver)
    tab_to(page, "My approvals")
    page.keyboard.press("Enter")
    page.wait_for_url("**/changes/approvals/")
    tab_to(page, "Approve")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Comment")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement.textContent.trim()").startswith("Approve")
    page.keyboard.press("Enter")
    page.keyboard.type("Measured, fine.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("dialog").get_by_label("You sign as")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have approved ECO-000002.")).to_be_visible()
    assert stage.fresh(stage.submitted).status == "approved"


def test_redline_by_keyboard_alone(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.author)
    page.goto(stage.draft.get_absolute_url())
    page.get_by_role("link", name="Redline LAMP-SCREW").focus()
    page.keyboard.press("Enter")
    editor = page.locator("tr.editor")
    expect(editor.get_by_label("Part")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("none")
    page.keyboard.press("Enter")
    expect(page.locator("[data-form-errors]")).to_contain_text("Quantity")
    quantity = page.get_by_label("Quantity", exact=True).first  # those after it are of substitutes
    expect(quantity).to_have_value("none")
    quantity.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(page.locator("tr.diff-changed", has_text="LAMP-SCREW").locator("ins")).to_contain_text("8")


def test_the_picker_suggests(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.author)
    page.goto("/changes/new/")
    page.get_by_role("combobox", name="Affected product").press_sequentially("desk", delay=20)
    expect(page.locator("#product-options option[value='DESK-BULB']")).to_have_count(1)
    page.get_by_role("combobox", name="Affected product").fill("DESK")
    page.get_by_role("button", name="Add another").click()
    expect(page.get_by_role("checkbox", name="DESK")).to_be_checked()


def test_a_double_click_approves_once(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.approver)
    page.goto(stage.submitted.get_absolute_url())
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("dialog").get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Approve").dblclick()
    expect(page.get_by_text("You have approved ECO-000002")).to_be_visible()
    change = stage.fresh(stage.submitted)
    with tenant_scope(stage.tenant.pk):
        assert change.status == "approved" and change.history.filter(status="approved").count() == 1


def test_everything_works_without_scripts(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(java_script_enabled=False), stage.approver)
    page.goto(stage.submitted.get_absolute_url())
    form = page.locator("form[action$='/steps/reject/']")
    form.get_by_label("Comment").fill("Too soft.")
    form.get_by_label("Your password").fill(PASSWORD)
    form.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("You have rejected ECO-000002.")).to_be_visible()
    author = enter(open_page(java_script_enabled=False), stage.author)
    author.goto(stage.draft.get_absolute_url())
    author.get_by_role("link", name="Redline LAMP-SCREW").click()
    author.get_by_label("Quantity", exact=True).fill("8")
    author.get_by_role("button", name="Save redline").click()
    expect(author.locator("tr.diff-changed", has_text="LAMP-SCREW")).to_contain_text("8")
    author.get_by_label("Product number").fill("DOOR")
    author.get_by_role("button", name="Add product").click()
    expect(author.get_by_text("DOOR is added.")).to_be_visible()


@pytest.fixture
def behind(stage: Stage) -> EngineeringChange:
    """Two drafts on one revision; the other one is released, and this one has followed with two conflicts."""
    author, lamp = stage.author, stage.lamp
    with tenant_scope(stage.tenant.pk, atomic=True):
        two = [change_create(actor=author, data=COMPLETE, affected=[lamp.product.pk]) for _each in range(2)]
        for change, quantity in zip(two, (7, 9), strict=True):
            values = {"quantity": Decimal(quantity)}
            line_redraw(actor=author, change_id=change.pk, line_id=lamp.screw.pk, values=values)
        line_redraw(actor=author, change_id=two[1].pk, line_id=lamp.cable.pk, values={"quantity": Decimal(2)})
        redline_add(actor=author, change_id=two[0].pk, operation="remove", line_id=lamp.cable.pk)
        submit(actor=author, change_id=two[0].pk)
        change_approve(actor=stage.approver, change_id=two[0].pk)
        change_implement(actor=stage.analyst, change_id=two[0].pk)
    relay_tenant(stage.tenant.pk)
    return two[1]


def test_who_was_slower_follows_and_settles(stage: Stage, behind: EngineeringChange, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.author)
    page.goto(behind.get_absolute_url())
    expect(page.locator(".conflict")).to_have_count(2)
    accessible_in_every_look(page)
    page.get_by_role("button", name="Keep 9").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    page.get_by_role("button", name="Leave it removed").click()
    expect(page.get_by_text("Taken as released.")).to_be_visible()
    expect(page.get_by_text("Before it can be submitted")).to_have_count(0)
    expect(page.locator(".conflict")).to_have_count(0)
