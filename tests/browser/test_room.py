"""The room in real browsers against the real server: three people, a restart, roles, keyboard, a phone, axe."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from collaboration.models import BoardItem, CollaborationSession, SessionUpdate
from collaboration.services.updates import update_store
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.browser.conftest import Console, OpenPage, sign_in_as
from tests.collaboration.conftest import Cast, cast, make_room
from tests.live_server import LiveServer

__all__ = ["cast"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SOON = 15_000  # milliseconds for what has to cross a reconnect
LONGEST = 60_000  # milliseconds within which everybody sees the same, whatever was lost on the way
BOARD = """() => [...document.querySelectorAll('[data-board-items] > li')].map(item => [item.dataset.key,
  Math.round(item.style.getPropertyValue('--x') * 1000), Math.round(item.style.getPropertyValue('--y') * 1000),
  item.querySelector('.item-text').textContent])"""
CHAT = "() => [...document.querySelectorAll('.chat-line .line-text')].map(line => line.textContent)"


def aside(tenant: Tenant, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Do something in the tenant's scope in a thread of its own: the browser's event loop occupies this one, and
    services tell the room of what they did by way of another."""

    def run() -> Any:
        try:
            with tenant_scope(tenant.pk):
                return work(*args, **kwargs)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def room(socket_server: LiveServer, tenant: Tenant, cast: Cast) -> CollaborationSession:
    made: CollaborationSession = aside(tenant, make_room, cast, features=["voice", "whiteboard"])
    return made


@pytest.fixture
def enter(open_page: OpenPage, room: CollaborationSession) -> Callable[..., Page]:
    """Open the room as one of the cast: ``enter("editor", width=360)``; waits for the line."""

    def open_room(part: str, *, live: bool = True, **options: Any) -> Page:
        page = open_page(**options)
        page.set_default_timeout(SOON)
        sign_in_as(page, f"{part}@acme.example")
        page.goto(room.get_absolute_url())
        if live:
            expect_line(page, "connected")
        return page

    return open_room


def expect_line(page: Page, state: str) -> None:
    expect(page.locator("[data-line]")).to_have_attribute("data-line", state, timeout=SOON)


def call(page: Page, method: str, path: str, data: Any = None) -> None:
    """Call the API as the person of ``page``, in the server's own process."""
    token = page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    headers = {"X-CSRFToken": token, "Referer": page.url}
    answer = page.request.fetch(f"/api/v1/plm/collaborate/{path}", method=method, data=data, headers=headers)
    assert answer.ok, answer.text()


def write(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def place(page: Page, tool: str, text: str, *, at: tuple[float, float]) -> None:
    """Place an item by mouse at a share of the board's width and height."""
    page.get_by_role("button", name=tool, exact=True).click()
    box = page.locator("[data-board]").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * at[0], box["y"] + box["height"] * at[1])
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Save").click()


def item(page: Page, text: str) -> Any:
    return page.locator("[data-board-items] button").filter(has_text=text)


def grab(page: Page, text: str) -> tuple[float, float]:
    """Press the mouse on an item; returns where."""
    box = item(page, text).bounding_box()
    assert box
    at = (box["x"] + 20, box["y"] + 15)
    page.mouse.move(*at)
    page.mouse.down()
    return at


def board_of(tenant: Tenant, session: CollaborationSession) -> list[list[Any]]:
    with tenant_scope(tenant.pk):
        rows = BoardItem.objects.filter(session=session, is_removed=False).order_by("id")
        return [[str(row.item_id), row.x, row.y, row.text] for row in rows]


def chat_of(tenant: Tenant, session: CollaborationSession) -> list[str]:
    with tenant_scope(tenant.pk):
        rows = SessionUpdate.objects.filter(session=session, kind="chat").order_by("sequence")
        return [row.payload["text"] for row in rows]


def expect_same(pages: list[Page], what: str, wanted: Callable[[], Any]) -> None:
    """Wait until every page shows what is stored; the regular look of the server brings what the layer lost."""
    for page in pages:
        seen = stored = None
        for _try in range(LONGEST // 100):
            before, seen, stored = stored, page.evaluate(what), wanted()
            if seen == stored == before:  # and it has come to rest
                break
            page.wait_for_timeout(100)
        assert seen == stored


def test_three_people_draw_write_and_live_through_a_restart(
    enter: Callable[..., Page],
    room: CollaborationSession,
    tenant: Tenant,
    socket_server: LiveServer,
    console_clean: Console,
) -> None:
    host, editor, viewer = pages = [enter(part) for part in ("host", "editor", "viewer")]
    for page in pages:
        expect(page.locator("[data-people-count]")).to_have_text("3 of 3 here")
    expect(viewer.get_by_role("button", name="Note", exact=True)).to_be_hidden()
    expect(viewer.get_by_text("You take part as a viewer").first).to_be_visible()

    place(host, "Note", "Rib too thin", at=(0.25, 0.25))
    place(editor, "Pin", "Crack here", at=(0.7, 0.6))
    for page in pages:
        expect(page.locator("[data-board-items] > li")).to_have_count(2)
    # Two people move two items at the same time.
    start_host, start_editor = grab(host, "Rib too thin"), grab(editor, "Crack here")
    for step in range(1, 13):
        host.mouse.move(start_host[0] + 14 * step, start_host[1] + 9 * step)
        editor.mouse.move(start_editor[0] - 16 * step, start_editor[1] - 5 * step)
    host.mouse.up()
    editor.mouse.up()
    for page in (host, editor):  # what is stored must have come to rest, or two looks at it differ
        expect(page.locator("[data-unsent]")).to_be_hidden()
    expect_same(pages, BOARD, lambda: board_of(tenant, room))

    editor.get_by_label("Message", exact=True).press_sequentially("Look, @ho")
    expect(editor.get_by_role("option", name="Host")).to_have_attribute("aria-selected", "true")
    editor.keyboard.press("Enter")
    editor.keyboard.type("<b>now</b>")
    editor.keyboard.press("Enter")
    expect(host.locator(".chat-line.is-called .line-text")).to_have_text("Look, @Host <b>now</b>")
    expect(viewer.locator(".chat-line.is-called")).to_have_count(0)

    # The machine goes down while everybody is in the room; two go on working.
    socket_server.kill()
    for page in pages:
        expect_line(page, "waiting")
    write(editor, "said in the dark")
    item(editor, "Crack here").focus()
    editor.keyboard.press("ArrowRight")
    editor.keyboard.press("ArrowRight")
    expect(editor.locator("[data-unsent]")).to_contain_text("Not sent yet:")
    item(host, "Rib too thin").focus()
    host.keyboard.press("Delete")
    expect(host.locator("[data-board-items] > li")).to_have_count(1)
    editor.wait_for_timeout(1300)  # the movement by keys has come to rest
    socket_server.start()
    editor.reload()  # nothing that was typed is lost by that
    for page in pages:
        page.evaluate("dispatchEvent(new Event('online'))")  # else they wait for their next try
        expect_line(page, "connected")
    write(host, "light again")
    expect_same(pages, CHAT, lambda: chat_of(tenant, room))
    expect_same(pages, BOARD, lambda: board_of(tenant, room))
    assert sorted(chat_of(tenant, room)) == sorted(["Look, @Host <b>now</b>", "said in the dark", "light again"])
    assert [row[3] for row in board_of(tenant, room)] == ["Crack here"]
    with tenant_scope(tenant.pk):
        numbers = list(
            SessionUpdate.objects.filter(session=room).order_by("sequence").values_list("sequence", flat=True)
        )
    assert numbers == list(range(1, len(numbers) + 1))
    console_clean.faults[:] = [fault for fault in console_clean.faults if "WebSocket connection to" not in fault]


def test_roles_removal_and_the_end_are_seen_at_once(
    enter: Callable[..., Page], room: CollaborationSession, cast: Cast, tenant: Tenant
) -> None:
    host, editor = enter("host"), enter("editor")
    person = f"{room.pk}/participants/{cast.editor.user_id}/"
    place(host, "Note", "Agreed", at=(0.5, 0.5))
    expect(item(editor, "Agreed")).to_be_visible()

    call(host, "PATCH", person, {"role": "viewer"})
    expect(editor.get_by_text("Your role is now: Viewer")).to_be_visible()
    expect(editor.get_by_role("button", name="Note", exact=True)).to_be_hidden()
    expect(editor.get_by_label("Message", exact=True)).to_be_hidden()
    item(editor, "Agreed").click()
    expect(editor.get_by_role("dialog").get_by_label("Text", exact=True)).to_have_attribute("readonly", "")
    expect(editor.get_by_role("dialog").get_by_role("button", name="Save")).to_be_hidden()
    editor.keyboard.press("Escape")
    call(host, "PATCH", person, {"role": "editor"})
    expect(editor.get_by_role("button", name="Note", exact=True)).to_be_visible()
    write(editor, "still here")
    expect(host.locator(".chat-line .line-text")).to_have_text(["still here"])

    call(host, "DELETE", person)
    expect(editor.get_by_role("alert").filter(has_text="You no longer take part")).to_be_visible()
    expect(editor.get_by_label("Message", exact=True)).to_be_hidden()
    expect(host.locator("[data-people-count]")).to_have_text("1 of 2 here")

    viewer = enter("viewer")
    host.get_by_role("link", name="End session").click()
    host.get_by_role("dialog").get_by_role("button", name="End session").click()
    expect(viewer.locator("[data-fresh=status]")).to_have_text("Ended")
    expect(viewer.get_by_text("Everything can be read, nothing can be added.").first).to_be_visible()
    expect_line(host, "connected")
    expect(host.get_by_role("link", name="End session")).to_have_count(0)
    expect(host.get_by_label("Message", exact=True)).to_be_hidden()
    for kind, word in (("SVG", "Agreed"), ("PNG", "PNG"), ("CSV", "Note,Agreed,yellow")):
        viewer.locator("summary", has=viewer.locator("use[href$='#download']")).click()
        with viewer.expect_download() as download:
            viewer.get_by_role("button", name=kind).click()
        assert word.encode() in download.value.path().read_bytes()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this name has the focus; nothing else is used to get there."""
    name_of = "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(name_of).startswith(name):
            return
    raise AssertionError(f"the keyboard never reaches {name}")


def keys(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def test_keyboard_alone_places_moves_edits_removes_and_undoes(
    enter: Callable[..., Page], room: CollaborationSession, tenant: Tenant
) -> None:
    page = enter("host")
    row = lambda: [entry[1:] for entry in page.evaluate(BOARD)]  # noqa: E731 - read often, here alone
    tab_to(page, "Note")
    keys(page, "Enter", "ArrowLeft", "Shift+ArrowUp", "Enter")
    page.keyboard.type("By keys")
    keys(page, "Control+Enter")
    expect(item(page, "By keys")).to_be_focused()
    assert row() == [[490, 499, "By keys"]]
    keys(page, "ArrowRight", "ArrowDown", "Shift+ArrowDown")
    assert row() == [[500, 510, "By keys"]]
    keys(page, "Escape")
    assert row() == [[490, 499, "By keys"]]
    keys(page, "ArrowUp", "Enter", "Control+A")
    page.keyboard.type("Changed")
    keys(page, "Control+Enter")
    expect(item(page, "Changed")).to_be_focused()
    keys(page, "Delete")
    expect(page.locator("[data-board-items] > li")).to_have_count(0)
    for wanted in ([[490, 489, "Changed"]], [[490, 489, "By keys"]], [[490, 499, "By keys"]], []):
        keys(page, "Control+Z")
        page.wait_for_timeout(60)
        assert row() == wanted
    for _press in range(3):
        keys(page, "Control+Y")
        page.wait_for_timeout(60)
    assert row() == [[490, 489, "Changed"]]
    expect(page.locator("[data-unsent]")).to_be_hidden()
    expect_same([page], BOARD, lambda: board_of(tenant, room))
    # What somebody else has changed since is not undone.
    [[key, *_rest]] = board_of(tenant, room)
    call(page, "POST", f"{room.pk}/updates/", {"update": {"kind": "item_edit", "id": key, "text": "Theirs"}})
    expect(item(page, "Theirs")).to_be_visible()
    keys(page, "Control+Z")
    expect(page.get_by_text("Somebody has changed this since")).to_be_visible()
    assert row() == [[490, 489, "Theirs"]]


def test_a_phone_with_fingers(enter: Callable[..., Page], room: CollaborationSession, tenant: Tenant) -> None:
    page = enter("editor", width=360, has_touch=True, is_mobile=True)
    expect(page.get_by_role("log")).to_be_hidden()
    page.get_by_role("button", name="Pin", exact=True).tap()
    page.locator("[data-board]").tap(position={"x": 60, "y": 300})
    page.get_by_label("Text", exact=True).fill("Here")
    page.get_by_role("button", name="Save").tap()
    expect(item(page, "Here")).to_be_visible()
    before = page.evaluate(BOARD)[0]
    box = item(page, "Here").bounding_box()
    assert box and min(box["width"], box["height"]) >= 44
    devtools = page.context.new_cdp_session(page)
    at = {"x": box["x"] + 20, "y": box["y"] + 20}
    devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    for step in range(1, 9):
        moved = {"x": at["x"] + 12 * step, "y": at["y"] - 12 * step}
        devtools.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.get_by_role("dialog")).to_have_count(0)
    after = page.evaluate(BOARD)[0]
    assert after[1] > before[1] + 200 and after[2] < before[2] - 100
    expect_same([page], BOARD, lambda: board_of(tenant, room))
    page.wait_for_timeout(1000)  # Chromium holds a tap that follows a drag at once for a part of it
    page.get_by_role("button", name="Chat").tap()
    expect(page.locator("[data-board]")).to_be_hidden()
    write(page, "from the shop floor")
    expect_same([page], CHAT, lambda: chat_of(tenant, room))


def fill_room(actor: Actor, session: CollaborationSession, *, lines: int) -> None:
    for number in range(lines):
        update_store(actor=actor, session_id=session.pk, update={"kind": "chat", "text": f"Line {number}"})
    for number, color in enumerate(("yellow", "blue", "green", "red", "grey")):
        entry = {"id": str(uuid.uuid4()), "type": "pin" if number % 2 else "note", "color": color}
        place = {"x": 200 * number, "y": 150 * number, "text": f"Item {number}"}
        update_store(actor=actor, session_id=session.pk, update={"kind": "item_add", **entry, **place})


def test_accessible_in_both_themes_and_widths_and_readable_without_scripts(
    enter: Callable[..., Page],
    room: CollaborationSession,
    cast: Cast,
    tenant: Tenant,
    assert_accessible: Callable[[Page], None],
) -> None:
    aside(tenant, fill_room, cast.editor, room, lines=60)
    wide, narrow = enter("host"), enter("host", width=360)
    for page in (wide, narrow):
        assert_accessible(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    item(wide, "Item 0").click()
    expect(wide.get_by_role("dialog")).to_be_visible()
    assert_accessible(wide)
    wide.keyboard.press("Escape")
    narrow.get_by_role("button", name="Chat").click()
    for page in (wide, narrow):
        page.get_by_label("Message", exact=True).press_sequentially("@")
        expect(page.get_by_role("option")).to_have_count(2)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        last = page.locator(".chat-line").last.bounding_box()
        frame = page.get_by_role("log").bounding_box()
        assert last and frame and last["y"] + last["height"] <= frame["y"] + frame["height"] + 1
    page = enter("viewer")
    expect(page.locator(".chat-line")).to_have_count(50)
    page.get_by_role("button", name="Earlier messages").click()
    expect(page.locator(".chat-line")).to_have_count(60)
    expect(page.get_by_role("button", name="Earlier messages")).to_be_hidden()
    plain = enter("viewer", live=False, java_script_enabled=False)
    expect(plain.get_by_text("Working together live needs scripts")).to_be_visible()
    expect(plain.get_by_text("Line 59")).to_be_visible()
    expect(plain.get_by_text("Item 4")).to_be_visible()
    expect(plain.locator(".person-role").first).to_have_text("Host")
