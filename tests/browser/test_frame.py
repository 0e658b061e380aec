"""The frame in a real browser: accessible, without a console error, by keyboard alone, from 360 px."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
SignIn = Callable[..., Page]
Check = Callable[[Page], None]

LOOKS = [("light", 1280), ("dark", 1280), ("light", 360)]  # themes differ in contrast, widths in layout


def assert_fits(page: Page) -> None:
    """Nothing makes the page itself scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/accounts/password/", "/accounts/password/set/x/y/", "/nowhere/"]
)
def test_pages_of_strangers(
    open_page: OpenPage, assert_accessible: Check, address: str, theme: str, width: int
) -> None:
    page = open_page(address, theme=theme, width=width)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize("address", ["/", "/nowhere/", "/admin/"])
def test_pages_of_people(sign_in: SignIn, assert_accessible: Check, address: str, theme: str, width: int) -> None:
    page = sign_in("plm_manager", theme=theme, width=width)
    page.goto(address)
    assert_accessible(page)
    assert_fits(page)


def test_a_wrong_password_is_told_where_the_focus_goes(open_page: OpenPage, assert_accessible: Check) -> None:
    page = open_page("/accounts/login/")
    page.fill("[name=username]", "nobody@example.org")
    page.fill("[name=password]", "wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("E-mail address or password is wrong.")
    assert_accessible(page)


def test_the_first_tab_skips_to_the_content(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_theme_switches_and_stays(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    page.locator("summary[aria-label=Theme]").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-theme-choice", "dark")


def test_menus_close_by_escape_and_give_the_focus_back(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    opener = page.locator("summary[aria-label=Account]")
    opener.focus()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Sign out")
    expect(button).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(button).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_rail_opens_by_keyboard_on_a_phone(sign_in: SignIn, assert_accessible: Check) -> None:
    page = sign_in("viewer", width=360)
    rail = page.get_by_role("navigation", name="Main")
    expect(rail).to_be_hidden()
    button = page.get_by_role("button", name="Menu")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(rail.get_by_role("link", name="Dashboard")).to_be_visible()
    assert_accessible(page)
    rail.get_by_role("link", name="Dashboard").focus()
    page.keyboard.press("Escape")
    expect(rail).to_be_hidden()
    expect(button).to_be_focused()


def test_the_slash_leads_to_the_search(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    page.keyboard.press("/")
    expect(page.locator("#search-q")).to_be_focused()
    page.keyboard.type("bolt")
    page.keyboard.press("Enter")
    page.wait_for_url("**/products/?q=bolt")


def test_signing_out_ends_the_session(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    page.locator("summary[aria-label=Account]").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    page.goto("/products/")
    expect(page).to_have_url(page.url.split("/accounts")[0] + "/accounts/login/?next=%2Fproducts%2F")


def test_the_pages_work_without_scripts(open_page: OpenPage, make_member: Callable[..., object]) -> None:
    make_member("viewer", email="plain@example.org")
    page = open_page("/accounts/login/", java_script_enabled=False, width=360)
    page.fill("[name=username]", "plain@example.org")
    page.fill("[name=password]", "correct horse battery staple")
    page.click("main button[type=submit]")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.locator("summary[aria-label=Theme]").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
