"""Chromium against the ASGI application, pages and sockets alike: one browser and one server a run, a fresh context a
test, the axe check, a clean console.

``open_page`` is for strangers, ``sign_in`` for people in roles. What the console calls an error fails the test, for
that is where the content security policy speaks. An answer of 4xx that the test itself asks for is no fault.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from scripts.browsers import NO_BROWSER, browser_path
from tests.conftest import PASSWORD
from tests.live_server import LiveServer

FLAGS = [
    "--no-sandbox",  # the tests may run as root in a container
    "--use-gl=angle",  # drawing in 3D without a graphics card
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # pages are drawn without it: a graphics card made of software took half of the time
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
REFUSED = re.compile(
    r"(Failed to load resource: .*status of|Response Status Error Code) 4\d\d "
    r"|^htmx:(sendAbort|afterRequest), "  # leaving a page breaks off what it was still fetching
)

# Wait until a new theme is drawn: the attribute follows the media query, and colours may run through a transition.
PAINTED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const asked = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const shown = () => document.documentElement.getAttribute("data-bs-theme");
  for (let tries = 50; tries && shown() !== asked && shown(); tries--) await frame();
  await frame(); await frame();
  const moving = Promise.allSettled(document.getAnimations().map((one) => one.finished));
  await Promise.race([moving, new Promise((done) => setTimeout(done, 500))]);
  await frame();
}"""

AXE = Axe().axe_script
VIOLATIONS = "([within, options]) => axe.run(within || document, options).then((answer) => answer.violations)"
COLOURS = ["color-contrast", "link-in-text-block"]
# What is drawn in one width and not in the other.
MARK_HIDDEN = """() => document.body.querySelectorAll("*").forEach(
  (one) => one.toggleAttribute("data-was-hidden", !one.getClientRects().length))"""
KEEP_SHOWN = """() => { for (const one of document.querySelectorAll("[data-was-hidden]"))
  if (!one.getClientRects().length || one.parentElement.closest("[data-was-hidden]"))
    one.removeAttribute("data-was-hidden");
  return document.querySelectorAll("[data-was-hidden]").length; }"""

Theme = Literal["light", "dark"]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; the test is skipped where there is none."""
    path = browser_path()
    if not path:
        pytest.skip(f"needs Chromium: {NO_BROWSER}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def asgi_server(django_db_setup: None) -> Iterator[str]:
    """Serve the application as production does, in a thread and on the test's database; yield its address."""
    from plm_project.asgi import application

    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(application, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="asgi server", daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server does not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = server.force_exit = True
    thread.join(timeout=10)


class Console:
    """What the browser's console called an error, in every page of the test."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def watch(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _note(self, entry: ConsoleMessage) -> None:
        if entry.type == "error" and not REFUSED.search(entry.text):
            self.faults.append(f"{entry.text} ({entry.location.get('url', '')})")


@pytest.fixture
def console_clean() -> Iterator[Console]:
    """Fail the test at its end when a watched page's console showed an error, one of the CSP or a script's."""
    console = Console()
    yield console
    assert not console.faults


@pytest.fixture
def open_page(
    chromium: Browser,
    transactional_db: None,
    asgi_server: str,
    console_clean: Console,
    request: pytest.FixtureRequest,
) -> Iterator[OpenPage]:
    """Open a page in a context of its own: ``open_page("/accounts/login/", theme="dark", width=360)``.

    The server runs in a thread; a test that asks for ``socket_server`` gets that process, which can be killed.
    """
    contexts: list[BrowserContext] = []
    killable = "socket_server" in request.fixturenames
    address_of_server = request.getfixturevalue("socket_server").url if killable else asgi_server

    def open_it(address: str = "", *, theme: Theme = "light", width: int = 1280, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=address_of_server,
            color_scheme=theme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 900},
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        console_clean.watch(page)
        if address:
            page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def _socket_server(django_db_setup: None) -> Iterator[LiveServer]:
    server = LiveServer()
    yield server
    server.kill()


@pytest.fixture
def socket_server(_socket_server: LiveServer, transactional_db: None) -> Iterator[LiveServer]:
    """The real server as a process on this test's database, running.

    It is killed before the tables are emptied, for it still says good-bye to the browsers that went; the next one
    comes up meanwhile.
    """
    _socket_server.start()
    yield _socket_server
    _socket_server.kill()
    _socket_server.begin()


def sign_in_as(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign a person in on ``page`` and wait for the dashboard."""
    page.goto("/accounts/login/")
    page.fill("[name=username]", email)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")


@pytest.fixture
def sign_in(open_page: OpenPage, make_member: Callable[..., Any]) -> Callable[..., Page]:
    """Open a page in which somebody with these roles is signed in: ``sign_in("engineer", theme="dark", width=360)``."""

    def open_signed_in(*roles: str, theme: Theme = "light", width: int = 1280, **kwargs: Any) -> Page:
        user, _member = make_member(*roles, **kwargs)
        page = open_page(theme=theme, width=width)
        sign_in_as(page, user.email)
        return page

    return open_signed_in


def axe_clean(page: Page, options: dict[str, Any] | None = None) -> None:
    """Fail, naming every violation of WCAG 2.1 A and AA that axe finds on the page, and the elements."""
    _settled(page)
    _judge(page, options or RULES)


def _settled(page: Page) -> None:
    """Wait until the page and what it fetches when it opens are there and drawn."""
    page.wait_for_load_state("load")
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.evaluate(PAINTED)


def _judge(page: Page, options: dict[str, Any], look: str = "", *, within: str = "") -> None:
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE)
    asked = [within, {**options, "resultTypes": ["violations"]}]
    found = page.evaluate(VIOLATIONS, asked)
    if found:  # something may have been on its way still; what is wrong stays wrong
        page.wait_for_timeout(1000)
        found = page.evaluate(VIOLATIONS, asked)
    assert not found, "\n".join(
        f"{page.url} {look}: {entry['id']} ({entry['impact']}): {entry['help']}: "
        f"{[(node['html'][:200], node['failureSummary'][:300]) for node in entry['nodes'][:3]]}"
        for entry in found
    )


def accessible_in_every_look(page: Page, url: str = "", *, options: dict[str, Any] | None = None) -> None:
    """Load ``url`` once (or take the page as it is) and judge it wide and light, wide and dark, narrow and dark.

    What a theme changes is colours, so between the themes only they are judged again; on the narrow page, which must
    fit 360 pixels, everything but the colours, and those of what the wide page did not show. Measuring colours takes
    five sixths of axe's time. Ends wide and light.
    """
    wide, narrow, rules = {"width": 1280, "height": 900}, {"width": 360, "height": 800}, options or RULES
    colours = {**rules, "runOnly": {"type": "rule", "values": COLOURS}}
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(wide)  # type: ignore[arg-type]
    if url:
        page.goto(url)
    _settled(page)
    _judge(page, rules, "light 1280")
    page.emulate_media(color_scheme="dark")
    page.evaluate(PAINTED)
    _judge(page, colours, "dark 1280")
    page.evaluate(MARK_HIDDEN)
    page.set_viewport_size(narrow)  # type: ignore[arg-type]
    off = {name: {"enabled": False} for name in COLOURS}
    _judge(page, {**rules, "rules": {**rules.get("rules", {}), **off}}, "dark 360")
    if page.evaluate(KEEP_SHOWN):
        _judge(page, colours, "dark 360", within="[data-was-hidden]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, f"{page.url} does not fit a phone"
    page.set_viewport_size(wide)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Return ``axe_clean``."""
    return axe_clean
