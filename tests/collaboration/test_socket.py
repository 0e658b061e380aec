"""The socket, as a client meets it: on the in-memory layer, and on Redis where REDIS_URL points to one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings
from django.test import override_settings

from collaboration import consumers, limits
from collaboration.models import CollaborationSession
from collaboration.services import (
    participant_remove,
    participant_role_change,
    session_create,
    session_end,
    session_start,
    update_store,
)
from plm_project.accounts.models import Membership
from plm_project.accounts.services import membership_end, token_issue
from plm_project.core.actor import Actor
from plm_project.core.exceptions import RateLimited
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.collaboration.conftest import Cast, chat, key, log_of
from tests.collaboration.sockets import RoomClient
from tests.conftest import MakeMember

pytestmark = [pytest.mark.django_db(transaction=True)]
BASE_LAYER: dict[str, Any] = settings.CHANNEL_LAYERS["default"]
LAYERS = {
    "memory": {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    "redis": {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {**BASE_LAYER.get("CONFIG", {}), "prefix": f"test-{uuid.uuid4()}"},
        }
    },
}


@pytest.fixture(autouse=True)
def fresh_layer() -> Iterator[None]:
    """Each test has a layer of its own, for each has an event loop of its own; in memory where it does not say."""
    with override_settings(CHANNEL_LAYERS=LAYERS["memory"]):
        channel_layers.backends = {}
        yield
    channel_layers.backends = {}


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def layer(request: pytest.FixtureRequest, fresh_layer: None) -> Iterator[None]:
    """Run the test on each kind of channel layer."""
    with override_settings(CHANNEL_LAYERS=LAYERS[request.param]):
        channel_layers.backends = {}
        yield


Inside = Callable[..., Any]


@pytest.fixture
def inside(tenant: Tenant) -> Inside:
    """``await inside(work, *args)``: run work in a thread, in the tenant's scope, as another process would."""

    def scoped(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with tenant_scope(tenant.pk):
            return work(*args, **kwargs)

    async def run(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await database_sync_to_async(scoped)(work, *args, **kwargs)

    return run


async def test_two_people_in_a_room(layer: None, cast: Cast, room: CollaborationSession, inside: Inside) -> None:
    item = str(uuid.uuid4())
    async with RoomClient(room.pk, user=cast.users["host"]) as host:
        state = await host.join(request="j1")
        assert (state["role"], state["status"], state["last_sequence"], state["request"]) == (
            "host",
            "active",
            0,
            "j1",
        )
        async with RoomClient(room.pk, user=cast.users["editor"]) as editor:
            state = await editor.join()
            here = {entry["user_name"]: (entry["role"], entry["is_here"]) for entry in state["participants"]}
            assert here == {"Host": ("host", True), "Editor": ("editor", True), "Viewer": ("viewer", False)}
            assert (await host.hear("user_joined"))["user_name"] == "Editor"
            await editor.update(chat("hello", mentions=[str(key(cast.host))]), request="r1")
            accepted = await editor.hear("update_accepted")
            assert (accepted["request"], accepted["sequence"]) == ("r1", 1)
            heard = await host.hear("collaboration_update")
            assert (heard["update"]["text"], heard["user_name"], heard["sequence"]) == ("hello", "Editor", 1)
            for number, update in enumerate(
                (
                    {"kind": "item_add", "id": item, "type": "note", "x": 10, "y": 20, "text": "thin"},
                    {"kind": "item_move", "id": item, "x": 30, "y": 40},
                    {"kind": "item_edit", "id": item, "color": "red"},
                    {"laser": {"x": 0.25}},
                ),
                start=2,
            ):
                await host.update(update)
                assert (await host.hear("update_accepted"))["sequence"] == number
                assert (await editor.hear("collaboration_update"))["update"] == update
            # By the API or a command, that is, by nobody's connection: both hear it.
            await inside(update_store, actor=cast.editor, session_id=room.pk, update=chat("from elsewhere"))
            assert [(await each.hear())["sequence"] for each in (host, editor)] == [6, 6]
            assert await editor.hears_nothing() and await host.hears_nothing()
        assert (await host.hear("user_left"))["user_name"] == "Editor"
        await host.send("ping", request="p")
        assert await host.hear() == {"type": "pong", "request": "p"}
    async with RoomClient(room.pk, user=cast.users["viewer"]) as viewer:
        state = await viewer.join()
        (note,) = state["board"]
        assert (note["id"], note["x"], note["y"], note["text"], note["color"]) == (item, 30, 40, "thin", "red")
        assert [entry["update"]["text"] for entry in state["chat"]] == ["hello", "from elsewhere"]
        assert (state["role"], state["has_earlier_chat"], state["last_sequence"]) == ("viewer", False, 6)


async def test_a_returning_client_gets_the_rest_once_and_in_order(
    layer: None, cast: Cast, room: CollaborationSession, inside: Inside
) -> None:
    async def store(number: int, actor: Actor = cast.host, **more: Any) -> None:
        await inside(update_store, actor=actor, session_id=room.pk, update=chat(f"{number}"), **more)

    for number in (1, 2, 3):
        await store(number)
    await store(4, cast.editor, request="lost")  # stored; the acknowledgement never came
    async with RoomClient(room.pk, user=cast.users["editor"]) as editor:
        state = await editor.join(last_sequence=2)
        assert state["catching_up"] is True
        missed = [await editor.hear("collaboration_update") for _each in range(2)]
        assert [(each["sequence"], each["request"]) for each in missed] == [(3, None), (4, "lost")]
        await editor.update(chat("4"), request="lost")
        assert (await editor.hear("update_accepted"))["sequence"] == 4
        # What the channel layer lost is fetched when the next message comes, or when the client stores its own.
        from collaboration.services.telling import group_of

        name = group_of(room.tenant_id, room.pk)
        listening = get_channel_layer()
        real_send, listening.group_send = listening.group_send, _lost  # type: ignore[union-attr]
        await store(5)
        await store(6)
        listening.group_send = real_send  # type: ignore[union-attr]
        await store(7)
        assert [(await editor.hear("collaboration_update"))["sequence"] for _each in range(3)] == [5, 6, 7]
        listening.group_send = _lost  # type: ignore[union-attr]
        await store(8)
        listening.group_send = real_send  # type: ignore[union-attr]
        await editor.update(chat("9"))
        assert (await editor.hear("collaboration_update"))["sequence"] == 8
        assert (await editor.hear("update_accepted"))["sequence"] == 9
        repeated = {"type": "room.told", "origin": "", "message": {"type": "collaboration_update", "sequence": 7}}
        await listening.group_send(name, repeated)  # type: ignore[union-attr]
        assert await editor.hears_nothing()
    async with RoomClient(room.pk, user=cast.users["editor"]) as far_ahead:
        state = await far_ahead.join(last_sequence=99)
        assert "catching_up" not in state and state["last_sequence"] == 9
    assert [number for number, _payload in await inside(log_of, room)] == list(range(1, 10))


async def _lost(group: str, message: Any) -> None:
    """A channel layer that drops what it is given."""


async def test_whoever_has_no_business_here_learns_nothing(
    cast: Cast, room: CollaborationSession, other_tenant: Tenant, make_member: MakeMember
) -> None:
    def theirs() -> uuid.UUID:
        user, _member = make_member("tenant_admin", email="boss@globex.example", tenant=other_tenant)
        with tenant_scope(other_tenant.pk):
            actor = Actor.system(other_tenant.pk)
            made: uuid.UUID = session_create(actor=actor, data={"title": "Theirs"}, owner_id=user.pk).pk
            return made

    foreign = await database_sync_to_async(theirs)()
    answers = []
    for session_id in (uuid.uuid4(), foreign, "no-id-at-all"):
        async with RoomClient(session_id, user=cast.users["manager"]) as client:
            answers.append((await client.raw(), await client.raw()))
    async with RoomClient(room.pk, user=cast.users["stranger"]) as client:
        answers.append((await client.raw(), await client.raw()))
    assert len({str(answer) for answer in answers}) == 1
    assert '"error_code":"NOT_FOUND"' in answers[0][0]["text"] and answers[0][1]["code"] == 4404
    async with RoomClient(room.pk) as nobody:
        assert (await nobody.hear("error"))["error_code"] == "AUTHENTICATION_REQUIRED"
        assert await nobody.closed() == 4401
    async with RoomClient(room.pk, headers={"authorization": "Bearer plm_nonsense"}) as nobody:
        assert (await nobody.hear("error"))["error_code"] == "AUTHENTICATION_REQUIRED"
        assert await nobody.closed() == 4401
    async with RoomClient(room.pk, user=cast.users["host"], headers={"x-tenant-id": "globex"}) as elsewhere:
        assert (await elsewhere.hear("error"))["error_code"] == "PERMISSION_DENIED"
        assert await elsewhere.closed() == 4403


async def test_faults_are_named_and_store_nothing(cast: Cast, room: CollaborationSession, inside: Inside) -> None:
    item = str(uuid.uuid4())
    pin = {"kind": "item_add", "id": item, "type": "pin", "x": 0, "y": 1000}
    async with RoomClient(room.pk, user=cast.users["host"]) as host:
        await host.update(chat("too early"))
        assert (await host.hear("error"))["error_code"] == "CONFLICT"
        await host.send("join_collaboration", session_id=str(uuid.uuid4()), request="r")
        refused = await host.hear("error")
        assert (refused["error_code"], refused["request"]) == ("NOT_FOUND", "r")
        await host.join()
        for text in (
            "nonsense",
            "[]",
            '{"type":"dance"}',
            '{"type":"ping","request":7}',
            '{"x":NaN}',
            '{"a":"\\u0000"}',
        ):
            await host.send_text(text)
            assert (await host.hear("error"))["error_code"] == "VALIDATION_ERROR", text
        await host.send_bytes(b"{}")
        assert (await host.hear("error"))["error_code"] == "VALIDATION_ERROR"
        await host.update(pin)
        await host.hear("update_accepted")
        await host.update({"kind": "item_remove", "id": item})
        await host.hear("update_accepted")
        for number, (update, code, field) in enumerate(
            (
                ("text", "VALIDATION_ERROR", "update"),
                ({"kind": "paint"}, "VALIDATION_ERROR", "kind"),
                ({"kind": None}, "VALIDATION_ERROR", "kind"),
                (chat("  "), "VALIDATION_ERROR", "text"),
                (chat("x" * 2001), "VALIDATION_ERROR", "text"),
                (chat("hi", mood="good"), "VALIDATION_ERROR", "mood"),
                (chat("hi", mentions=[str(key(cast.stranger))]), "VALIDATION_ERROR", "mentions"),
                ({**pin, "x": 1001}, "VALIDATION_ERROR", "x"),
                ({**pin, "y": True}, "VALIDATION_ERROR", "y"),
                ({**pin, "id": "7"}, "VALIDATION_ERROR", "id"),
                ({**pin, "color": "pink"}, "VALIDATION_ERROR", "color"),
                ({"kind": "item_edit", "id": str(uuid.uuid4())}, "VALIDATION_ERROR", "text"),
                ({"big": "x" * 16_400}, "VALIDATION_ERROR", "update"),
                (pin, "CONFLICT", None),  # its id was used: a removed item stays removed
                ({"kind": "item_move", "id": item, "x": 1, "y": 1}, "NOT_FOUND", None),
                ({"kind": "item_move", "id": str(uuid.uuid4()), "x": 1, "y": 1}, "NOT_FOUND", None),
            )
        ):
            await host.update(update, request=f"r{number}")
            refused = await host.hear("error")
            assert (refused["error_code"], refused["request"]) == (code, f"r{number}"), update
            assert field is None or field in refused["details"], refused
        await host.send("ping")
        assert await host.hear("pong")
    assert len(await inside(log_of, room)) == 2


async def test_what_changes_while_connected_holds_at_once(
    layer: None, cast: Cast, room: CollaborationSession, inside: Inside, system: Actor
) -> None:
    async with (
        RoomClient(room.pk, user=cast.users["host"]) as host,
        RoomClient(room.pk, user=cast.users["editor"]) as editor,
        RoomClient(room.pk, user=cast.users["viewer"]) as viewer,
    ):
        await host.join()
        await editor.join()
        await viewer.join()
        assert [(await host.hear("user_joined"))["user_name"] for _each in range(2)] == ["Editor", "Viewer"]
        await editor.hear("user_joined")
        await viewer.update(chat("may I?"), request="v")
        refused = await viewer.hear("error")
        assert (refused["error_code"], refused["request"]) == ("PERMISSION_DENIED", "v")
        who = {"actor": cast.host, "session_id": room.pk, "user_id": key(cast.editor)}
        await inside(participant_role_change, **who, role="viewer")
        for each in (host, editor, viewer):
            assert (await each.hear("participant_changed"))["role"] == "viewer"
        await editor.update(chat("still?"))
        assert (await editor.hear("error"))["error_code"] == "PERMISSION_DENIED"
        await inside(participant_role_change, **who, role="editor")
        assert (await editor.hear("participant_changed"))["role"] == "editor"
        await inside(participant_remove, **who)
        assert (await editor.hear("participant_changed"))["role"] is None
        assert await editor.closed() == 4403
        await editor.update(chat("gone"))
        assert await editor.hears_nothing()
        for each in (host, viewer):
            heard = [await each.hear() for _each in range(2)]
            assert [entry["role"] for entry in heard] == ["editor", None]

        def dismiss() -> None:
            member = Membership.objects.get(user=cast.users["viewer"])
            membership_end(actor=system, member=member, reason="left the firm")

        await inside(dismiss)
        await viewer.send("ping")
        assert (await viewer.hear("error"))["error_code"] == "PERMISSION_DENIED"
        assert await viewer.closed() == 4403

        await inside(session_end, actor=cast.host, session_id=room.pk)
        assert (await host.hear("session_changed"))["status"] == "ended"
        await host.update(chat("too late"))
        assert (await host.hear("error"))["error_code"] == "CONFLICT"
        await host.send("ping")
        assert await host.hear("pong")
    assert await inside(log_of, room) == []


async def test_a_sign_out_cuts_the_line(cast: Cast, room: CollaborationSession, inside: Inside) -> None:
    from django.contrib.sessions.models import Session

    async with (
        RoomClient(room.pk, user=cast.users["host"]) as host,
        RoomClient(room.pk, user=cast.users["editor"]) as editor,
    ):
        await host.join()
        await editor.join()
        await host.hear("user_joined")
        store_key = editor.cookie.partition("=")[2]
        await inside(lambda: Session.objects.filter(pk=store_key).delete())
        await editor.update(chat("from a ghost"), request="g")
        refused = await editor.hear("error")
        assert (refused["error_code"], refused["request"]) == ("AUTHENTICATION_REQUIRED", "g")
        assert await editor.closed() == 4401

        def new_password() -> None:
            cast.users["host"].set_password("another correct horse")
            cast.users["host"].save()

        await inside(new_password)
        await host.send("ping")
        assert (await host.hear("error"))["error_code"] == "AUTHENTICATION_REQUIRED"
        assert await host.closed() == 4401
    assert await inside(log_of, room) == []


async def test_a_listener_without_rights_is_told_nothing_more(
    cast: Cast, room: CollaborationSession, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is passed on, and no quiet line stays open, on the strength of an old check."""
    from django.contrib.sessions.models import Session

    monkeypatch.setattr(consumers, "FRESH", 0.0)
    async with RoomClient(room.pk, user=cast.users["editor"]) as editor:
        await editor.join()
        await inside(lambda: Session.objects.all().delete())
        await inside(update_store, actor=cast.host, session_id=room.pk, update=chat("secret"))
        assert (await editor.hear("error"))["error_code"] == "AUTHENTICATION_REQUIRED"
        assert await editor.closed() == 4401
    monkeypatch.setattr(consumers, "JOIN_WITHIN", 0.2)
    monkeypatch.setattr(consumers, "LOOK_EVERY", 0.2)
    async with RoomClient(room.pk, user=cast.users["editor"]) as quiet:
        assert await quiet.closed() == 4408
    async with RoomClient(room.pk, user=cast.users["editor"]) as quiet:
        await quiet.join()
        layer = get_channel_layer()
        assert layer is not None
        monkeypatch.setattr(layer, "group_send", _lost)
        await inside(update_store, actor=cast.host, session_id=room.pk, update=chat("lost on the way"))
        assert (await quiet.hear("collaboration_update"))["sequence"] == 2
        await inside(lambda: Session.objects.all().delete())
        assert (await quiet.hear("error"))["error_code"] == "AUTHENTICATION_REQUIRED"
        assert await quiet.closed() == 4401


def test_the_bucket_takes_bursts_and_an_average() -> None:
    now = [0.0]
    bucket = limits.TokenBucket(clock=lambda: now[0])

    def taken(wanted: int) -> int:
        count = 0
        for _each in range(wanted):
            try:
                bucket.take()
                count += 1
            except RateLimited:
                continue
        return count

    assert taken(100) == 40 and not bucket.is_out_of_patience
    now[0] += 1
    assert taken(30) == 20, "20 a second flow in"
    now[0] += 3600
    assert taken(139) == 40 and not bucket.is_out_of_patience, "99 refusals in a row"
    assert taken(1) == 0 and bucket.is_out_of_patience


async def test_a_flood_and_a_giant_harm_nobody_else(
    cast: Cast, room: CollaborationSession, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RATE", 0.0)  # a busy machine is slow enough for the bucket to fill again
    async with (
        RoomClient(room.pk, user=cast.users["host"]) as host,
        RoomClient(room.pk, user=cast.users["editor"]) as flood,
        RoomClient(room.pk, user=cast.users["viewer"]) as giant,
    ):
        await host.join()
        await flood.join()
        await host.hear("user_joined")
        await giant.join()
        await host.hear("user_joined")
        await giant.send_text('{"type":"ping","request":"' + "x" * 40_000 + '"}')
        await flood.hear("user_joined")
        assert (await giant.hear("error"))["error_code"] == "VALIDATION_ERROR"
        assert await giant.closed() == 4413
        for _each in range(200):
            await flood.send_text("[]")
        heard: list[str] = []
        while (output := await flood.raw())["type"] == "websocket.send":
            heard.append(output["text"])
        assert output["code"] == 4429
        assert (
            sum("RATE_LIMITED" in text for text in heard) >= 100 and sum("VALIDATION" in text for text in heard) >= 39
        )
        await host.update(chat("all is well here"))
        assert (await host.hear("update_accepted"))["sequence"] == 1
    assert len(await inside(log_of, room)) == 1


async def test_presence_is_a_lease(cast: Cast, room: CollaborationSession, inside: Inside) -> None:
    from collaboration.models import SessionPresence
    from plm_project.core import clock

    async with RoomClient(room.pk, user=cast.users["host"]) as host:
        await host.join()
        tabs = [RoomClient(room.pk, user=cast.users["editor"]) for _each in range(9)]
        for number, tab in enumerate(tabs):
            await tab.__aenter__()
            if number < 8:
                await tab.join()
                await host.hear("user_joined")
        await tabs[8].send("join_collaboration", session_id=str(room.pk))
        assert (await tabs[8].hear("error"))["error_code"] == "RATE_LIMITED"
        for tab in tabs[1:]:
            await tab.__aexit__()
        assert await host.hears_nothing(), "one of the editor's windows is still open"
        # The server of the last one was killed: its lease runs out, and whoever looks next says so.
        await inside(lambda: SessionPresence.objects.filter(user=cast.users["editor"]).update(expires_at=clock.now()))
        from collaboration.services import presence_sweep

        await inside(presence_sweep, session_id=room.pk)
        assert (await host.hear("user_left"))["user_name"] == "Editor"
        await tabs[0].send("ping")  # it was alive after all
        assert (await host.hear("user_joined"))["user_name"] == "Editor"
        await tabs[0].__aexit__()
        assert (await host.hear("user_left"))["user_name"] == "Editor"


async def test_a_system_takes_part_by_token_and_pages_of_others_do_not(
    cast: Cast, room: CollaborationSession, inside: Inside, system: Actor
) -> None:
    _token, text = await inside(token_issue, actor=system, user=cast.users["editor"], name="script")
    async with RoomClient(room.pk, headers={"authorization": f"Bearer {text}"}) as script:
        assert (await script.join())["role"] == "editor"
        await script.update(chat("measured: 2.4 mm"))
        await script.hear("update_accepted")
    same_site = {"origin": "http://testserver"}
    async with RoomClient(room.pk, user=cast.users["editor"], headers=same_site) as page:
        await page.join()
    with pytest.raises(AssertionError):
        async with RoomClient(room.pk, user=cast.users["editor"], headers={"origin": "http://evil.example"}):
            pass


async def test_a_planned_room_can_be_entered_and_is_then_started(tenant: Tenant, cast: Cast, inside: Inside) -> None:
    def plan() -> CollaborationSession:
        return session_create(actor=cast.host, data={"title": "Later"})

    planned = await inside(plan)
    async with RoomClient(planned.pk, user=cast.users["host"]) as host:
        assert (await host.join())["status"] == "scheduled"
        await host.update(chat("already?"))
        assert (await host.hear("error"))["error_code"] == "CONFLICT"
        await inside(session_start, actor=cast.host, session_id=planned.pk)
        assert (await host.hear("session_changed"))["status"] == "active"
        await host.update(chat("now"))
        assert (await host.hear("update_accepted"))["sequence"] == 1


@pytest.mark.redis
@pytest.mark.slow
async def test_a_quiet_line_lives_on_redis(cast: Cast, room: CollaborationSession, inside: Inside) -> None:
    """The layer waits for messages as long as redis-py waits for Redis: a quiet socket once died after 5 seconds."""
    with override_settings(CHANNEL_LAYERS=LAYERS["redis"]):
        async with RoomClient(room.pk, user=cast.users["host"]) as host:
            await host.join()
            await asyncio.sleep(6)
            await inside(update_store, actor=cast.editor, session_id=room.pk, update=chat("still there?"))
            assert (await host.hear("collaboration_update"))["sequence"] == 1
