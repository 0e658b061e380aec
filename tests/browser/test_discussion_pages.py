"""A question on a line in a real browser: asked, answered by another, resolved, and the release may go on."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from changes.models import EngineeringChange
from changes.services import change_submit
from collaboration.models import Notice
from collaboration.services import comment_add, comment_remove, thread_start
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.browser.conftest import OpenPage, accessible_in_every_look
from tests.browser.test_changes_pages import enter
from tests.changes.conftest import Lamp, make_draft, make_lamp
from tests.conftest import MakeActor
from tests.signing import change_approve

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@dataclass
class Desk:
    """An approved change of a lamp, and the people who talk about it."""

    author: Actor
    approver: Actor
    analyst: Actor
    lamp: Lamp
    change: EngineeringChange


@pytest.fixture
def desk(tenant: Tenant, make_actor: MakeActor, transactional_db: None) -> Desk:
    author, approver, analyst = (make_actor(role) for role in ("engineer", "technical_approver", "change_analyst"))
    with tenant_scope(tenant.pk):
        lamp = make_lamp()
        change = make_draft(author, lamp)
        change_submit(actor=author, change_id=change.pk)
        change_approve(actor=approver, change_id=change.pk)
    return Desk(author, approver, analyst, lamp, change)


@pytest.fixture
def talk(desk: Desk, tenant: Tenant) -> Desk:
    """With a thread that was answered, and a note of which the text was taken back."""
    with tenant_scope(tenant.pk):
        thread = thread_start(
            actor=desk.approver, change_id=desk.change.pk, text="Is six enough?", line_id=desk.lamp.screw.pk
        )
        comment_add(actor=desk.author, thread_id=thread.pk, text="Averylongwordthatnobodybreaks" * 6)
        note = thread_start(actor=desk.author, change_id=desk.change.pk, text="Never mind.", is_blocking=False)
        comment_remove(actor=desk.author, comment_id=note.comments.get().pk)
    return desk


def test_a_question_on_a_line_holds_the_release_until_it_is_resolved(desk: Desk, open_page: OpenPage) -> None:
    page = enter(open_page(), desk.approver)
    page.goto(desk.change.get_absolute_url())
    mark = page.locator(f"#line-{desk.lamp.screw.pk} .line-mark")
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("LAMP-SCREW in LAMP, find 20, quantity 6 pack")).to_be_visible()
    page.get_by_role("textbox", name="Comment").fill("Is six enough?")
    expect(page.get_by_label("Must be resolved before release")).to_be_checked()
    page.get_by_role("button", name="Send").click()
    thread = page.locator(".thread")
    expect(thread).to_be_in_viewport()
    expect(thread.get_by_text("Is six enough?")).to_be_visible()
    expect(page.locator(".gates")).to_contain_text("A comment is not resolved (LAMP-SCREW in LAMP")

    other = enter(open_page(), desk.author)
    other.goto(desk.change.get_absolute_url())
    marked = other.locator(f"#line-{desk.lamp.screw.pk} .line-mark")
    expect(marked).to_contain_text("1 open comment here")
    marked.click()
    expect(other.locator(".thread")).to_be_in_viewport()
    other.get_by_label("Reply LAMP-SCREW").fill("Six hold twice the load.")
    other.get_by_role("button", name="Reply LAMP-SCREW").click()
    expect(other.locator(".thread").get_by_text("Six hold twice the load.")).to_be_visible()

    # What was read before the reply came is not resolved; the page as it is now is.
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("Somebody changed this")).to_be_visible()
    expect(page.locator(".thread").get_by_text("Six hold twice the load.")).to_be_visible()
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".thread.is-resolved")).to_be_in_viewport()
    expect(page.locator(".gates")).not_to_contain_text("A comment is not resolved")
    page.get_by_role("region", name="Discussion", exact=True).get_by_role("link", name="Open").click()
    expect(page.locator(".thread")).to_have_count(0)
    expect(page.get_by_role("region", name="Discussion", exact=True)).to_contain_text("Everything is resolved.")


def test_the_discussion_is_accessible_and_fits(talk: Desk, open_page: OpenPage) -> None:
    page = enter(open_page(), talk.author)
    address = talk.change.get_absolute_url()
    accessible_in_every_look(page, f"{address}?discussion=all")
    accessible_in_every_look(page, f"/collaboration/discussions/of/{talk.change.pk}/new/?line={talk.lamp.screw.pk}")
    page.goto(address)
    page.locator(".thread").first.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("textbox", name="Comment")).to_be_visible()
    accessible_in_every_look(page)


def test_people_are_called_from_the_keyboard(
    desk: Desk, named: list[Actor], tenant: Tenant, open_page: OpenPage
) -> None:
    page = enter(open_page(), desk.approver)
    page.goto(desk.change.get_absolute_url())
    page.locator(f"#line-{desk.lamp.screw.pk} .line-mark").click()
    box = page.get_by_role("textbox", name="Comment")
    box.click()
    box.press_sequentially("Ask @vog")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_have_text(re.compile("Ada Vogel.*ada@acme.example"))
    expect(box).to_have_attribute("aria-activedescendant", re.compile(str(named[0].user_id)))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Ask @Bert Vogel ")
    expect(options).to_have_count(0)
    box.press_sequentially("please, and @a")
    expect(options.first).to_be_visible()
    with page.expect_request(re.compile("q=anto")):
        box.press_sequentially("nto")
        page.keyboard.press("Enter")  # before the answer: a new line, and nobody of the old list
    expect(options).to_have_count(0)
    expect(box).to_have_value("Ask @Bert Vogel please, and @anto\n")
    box.press_sequentially("and @ada")
    expect(options).to_have_count(1)
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("Ask @Bert Vogel please, and @anto\nand @ada")
    # Signed out meanwhile, or something else answers: one types on without help.
    page.route(
        "**/discussions/people/**", lambda route: route.fulfill(content_type="text/html", body="<p>Sign in</p>")
    )
    box.press_sequentially(" @ber")
    expect(options).to_have_count(0)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".thread")).to_contain_text("Ask @Bert Vogel please")
    with tenant_scope(tenant.pk):
        told = Notice.objects.filter(kind="discussion_mention").values_list("recipient_id", flat=True)
        assert list(told) == [named[1].user_id]


@pytest.fixture
def named(tenant: Tenant, make_actor: MakeActor, transactional_db: None) -> list[Actor]:
    return [
        make_actor("engineer", email=f"{name.lower()}@acme.example", full_name=f"{name} Vogel")
        for name in ("Ada", "Bert")
    ]
