"""Swagger UI in Chromium, under the same content security policy as every page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from scripts.browsers import browser_path
from tests.api_room.conftest import BASE, Caller, make_caller

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
def caller(transactional_db: Any) -> Caller:
    # Made before Playwright's loop runs: inside it Django opens a second connection, which nobody would close.
    return make_caller("velo", "admin@example.com", "tenant_admin")


@pytest.fixture
def page(caller: Caller, live_server: Any) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield browser.new_page(viewport={"width": 1200, "height": 1600})
        browser.close()


@pytest.mark.browser
@pytest.mark.slow
def test_a_call_is_tried_out_with_a_token(caller: Caller, page: Page, live_server: Any) -> None:
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))

    policy = page.goto(f"{live_server.url}{BASE}docs/").headers["content-security-policy"]
    assert "unsafe" not in policy
    expect(page.get_by_role("heading", name="PLM API")).to_be_visible()

    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_label("auth-bearer-value").fill(caller.text)
    page.get_by_role("button", name="Apply credentials").first.click()
    page.get_by_role("button", name="Close").first.click()
    operation = page.locator("#operations-tokens-tokens_create")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea.body-param__text").fill('{"name": "from the page"}')
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response").first
    expect(answer.locator(".response-col_status")).to_contain_text("201")
    expect(answer).to_contain_text("from the page")
    if folder := os.environ.get("PLM_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/docs.png")

    expect(page.locator(".errors-wrapper")).to_have_count(0)
    assert complaints == []
    assert [url for url in requests if not url.startswith((live_server.url, "data:", "blob:"))] == []
