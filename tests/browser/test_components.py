"""Every component in a real browser, on the gallery page: accessible in both themes, and usable by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OpenGallery = Callable[..., Page]


@pytest.fixture
def gallery(settings: Any, sign_in: Callable[..., Page]) -> OpenGallery:
    """Open the gallery: ``gallery(theme="dark", width=360)``."""
    settings.ROOT_URLCONF = "tests.web.sample_pages"

    def open_it(**look: Any) -> Page:
        page = sign_in("viewer", **look)
        page.goto("/sample/gallery/")
        return page

    return open_it


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)])
def test_every_component_is_accessible_and_fits(
    gallery: OpenGallery, assert_accessible: Callable[[Page], None], theme: str, width: int
) -> None:
    page = gallery(theme=theme, width=width)
    expect(page.locator(".chart-canvas svg")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_focus_starts_at_what_is_wrong(gallery: OpenGallery) -> None:
    page = gallery()
    expect(page.locator("[data-form-errors]")).to_be_focused()


def test_a_confirmation_holds_the_form_until_one_agrees(
    gallery: OpenGallery, assert_accessible: Callable[[Page], None]
) -> None:
    page = gallery()
    delete = page.locator(".page-actions").get_by_role("button", name="Delete")
    delete.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete WHL-200?")
    expect(dialog).to_contain_text("The part is used in 3 products.")
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()
    expect(page.locator("#messages")).not_to_contain_text("Received")
    delete.click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("#messages")).to_contain_text("Received delete.")


def test_a_dialog_opens_closes_and_gives_the_focus_back(
    gallery: OpenGallery, assert_accessible: Callable[[Page], None]
) -> None:
    page = gallery()
    opener = page.get_by_role("button", name="Write a note")
    opener.click()
    dialog = page.get_by_role("dialog", name="A note")
    expect(dialog.get_by_label("Note", exact=True)).to_be_focused()
    assert_accessible(page)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_tree_opens_by_keys_and_loads_once(gallery: OpenGallery) -> None:
    page = gallery()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/sample/rows/" in request.url else None)
    tree = page.get_by_role("treegrid", name="Structure")
    wheel = tree.get_by_role("row", name="WHL-200")
    below = tree.locator('tr[data-level="2"]')
    wheel.focus()
    page.keyboard.press("ArrowRight")
    expect(below).to_have_count(2)
    expect(wheel).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(below.first).to_be_focused()
    page.keyboard.press("End")
    expect(tree.get_by_role("row", name="LOST-1")).to_be_focused()
    page.keyboard.press("Home")
    expect(wheel).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(below.first).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(below.first).to_be_visible()
    assert len(asked) == 1
    assert tree.locator('tr[tabindex="0"]').count() == 1


def test_a_refused_level_stays_closed_and_says_why(gallery: OpenGallery) -> None:
    page = gallery()
    lost = page.get_by_role("row", name="LOST-1")
    lost.get_by_role("button", name="Parts of LOST-1").click()
    toast = page.get_by_role("alert").filter(has_text="The revision is released.")
    expect(toast).to_be_visible()
    expect(lost).to_have_attribute("aria-expanded", "false")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def test_the_chart_folds_its_table_away_and_opens_it_again(gallery: OpenGallery) -> None:
    page = gallery()
    table = page.locator(".chart-table table")
    expect(table).to_be_hidden()
    page.get_by_text("Show as table").click()
    expect(table).to_be_visible()


def test_a_number_can_be_copied(gallery: OpenGallery) -> None:
    page = gallery()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy WHL-200").click()
    expect(page.locator("#toasts")).to_contain_text("WHL-200")
    assert page.evaluate("navigator.clipboard.readText()") == "WHL-200"


def test_leaving_unsent_input_warns(gallery: OpenGallery) -> None:
    page = gallery()
    warned: list[str] = []

    def stay(dialog: Any) -> None:
        warned.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("#bad_cost").click()
    page.keyboard.type("5")
    page.locator("nav.rail").get_by_role("link", name="Products").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert warned == ["beforeunload"]
    assert page.url.endswith("/sample/gallery/")


def test_a_file_may_be_dropped(gallery: OpenGallery) -> None:
    page = gallery()
    dropped = page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["a"], "bom.csv"));
          const zone = document.querySelector("[data-drop-zone]");
          zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
          return zone.querySelector("input").files[0].name;
        }"""
    )
    assert dropped == "bom.csv"
