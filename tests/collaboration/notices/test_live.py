"""The socket of the bell: by the in-memory layer, and by Redis where REDIS_URL points to one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.models import Session

from collaboration import notice_consumers
from collaboration.models import Notice
from collaboration.services import notice_mark
from plm_project.accounts.models import ApiToken, Membership, User
from plm_project.accounts.services import membership_end, token_issue, token_revoke
from plm_project.asgi import application
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.collaboration.notices.conftest import Team, submitted
from tests.collaboration.sockets import PATIENCE, cookie_of
from tests.conftest import MakeActor
from tests.signing import change_approve

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _fresh_layer() -> Iterator[None]:
    """Each test has a layer of its own, for each has an event loop of its own."""
    channel_layers.backends = {}
    yield
    channel_layers.backends = {}


class Bell:
    """One open page."""

    def __init__(self, **headers: str) -> None:
        found = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.line = WebsocketCommunicator(application, "/ws/notices/", headers=found)

    async def __aenter__(self) -> Bell:
        assert (await self.line.connect(timeout=PATIENCE))[0]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.line.disconnect(timeout=PATIENCE)

    async def hear(self) -> dict[str, Any]:
        output = await self.line.receive_output(timeout=PATIENCE)
        assert output["type"] == "websocket.send", output
        message: dict[str, Any] = json.loads(output["text"])
        return message

    async def closed(self) -> int:
        output = await self.line.receive_output(timeout=PATIENCE)
        assert output["type"] == "websocket.close", output
        return int(output["code"])

    async def hears_nothing(self) -> bool:
        return await self.line.receive_nothing(timeout=0.3)  # type: ignore[no-any-return]


async def in_tenant(tenant: Tenant, work: Callable[[], Any]) -> Any:
    """Run the work in a thread, committed, as a request would."""

    def run() -> Any:
        with tenant_scope(tenant.pk, atomic=True):
            return work()

    return await database_sync_to_async(run)()


async def cookie(actor: Actor) -> str:
    return await database_sync_to_async(lambda: cookie_of(User.objects.get(pk=actor.user_id)))()


async def test_the_bell_rises_for_whom_it_concerns_and_for_nobody_else(
    team: Team, other_tenant: Tenant, make_actor: MakeActor
) -> None:
    make: Any = database_sync_to_async(make_actor)
    foreign = await make("technical_approver", email="foreign@globex.example", tenant=other_tenant)
    async with (
        Bell(cookie=await cookie(team.technical)) as first,
        Bell(cookie=await cookie(team.technical), **{"accept-language": "en"}) as second,
        Bell(cookie=await cookie(team.author)) as author,
        Bell(cookie=await cookie(foreign)) as stranger,
    ):
        for bell in (first, second, author, stranger):
            assert await bell.hear() == {"type": "unread", "unread": 0}
        change = await in_tenant(team.tenant, lambda: submitted(team, priority="high"))
        for bell in (first, second):
            told = await bell.hear()
            assert (told["type"], told["unread"]) == ("notice", 1)
            assert told["notice"]["title"] == f"{change.change_number} needs your approval"
            assert (told["notice"]["kind"], told["notice"]["priority"]) == ("approval_needed", "high")
            assert told["notice"]["url"] == f"/collaboration/notices/{told['notice']['id']}/open/"
            assert set(told["notice"]) == {"id", "kind", "title", "detail", "priority", "url", "timestamp"}
        key = told["notice"]["id"]
        await in_tenant(team.tenant, lambda: notice_mark(actor=team.technical, notice_id=key, read=True))
        for bell in (first, second):  # read in one window, read in all
            assert await bell.hear() == {"type": "unread", "unread": 0}
        assert await author.hears_nothing()
        assert await stranger.hears_nothing()


async def signed_out(actor: Actor) -> None:
    await database_sync_to_async(Session.objects.all().delete)()


async def left(actor: Actor) -> None:
    def end() -> None:
        with tenant_scope(actor.tenant_id):
            member = Membership.objects.get(user_id=actor.user_id)
            membership_end(actor=Actor.system(actor.tenant_id), member=member, reason="left")

    await database_sync_to_async(end)()


async def changed_password(actor: Actor) -> None:
    def change() -> None:
        person = User.objects.get(pk=actor.user_id)
        person.set_password("another long password")
        person.save()

    await database_sync_to_async(change)()


@pytest.mark.parametrize("gone", [signed_out, left, changed_password])
async def test_who_is_gone_hears_nothing_more(team: Team, gone: Callable[[Actor], Any]) -> None:
    change = await in_tenant(team.tenant, lambda: submitted(team, priority="high"))
    async with Bell(cookie=await cookie(team.boss)) as bell:
        assert await bell.hear() == {"type": "unread", "unread": 1}
        await gone(team.boss)

        def tell_them() -> None:
            key = Notice.objects.get(recipient_id=team.boss.user_id).pk
            notice_mark(actor=team.boss, notice_id=key, read=True)

        await in_tenant(team.tenant, tell_them)
        assert await bell.closed() == 4401
    async with Bell(cookie=bell.line.scope["headers"][0][1].decode()) as again:
        assert await again.closed() == 4401
    assert change.pk


async def test_strangers_and_talkers_are_hung_up_on(team: Team) -> None:
    async with Bell() as nobody:
        assert await nobody.closed() == 4401
    async with Bell(cookie=await cookie(team.boss)) as bell:
        await bell.hear()
        await bell.line.send_to(text_data='{"type": "unread"}')
        assert await bell.closed() == 4400


async def test_a_token_listens_as_far_as_it_reaches(team: Team) -> None:
    def issue() -> tuple[ApiToken, str]:
        user = User.objects.get(pk=team.boss.user_id)
        narrow = ["plm.notices.read"]
        return token_issue(actor=Actor.system(team.tenant.pk), user=user, name="bell", permissions=narrow)

    token, text = await in_tenant(team.tenant, issue)
    async with Bell(authorization=f"Bearer {text}") as bell:
        assert await bell.hear() == {"type": "unread", "unread": 0}
        change = await in_tenant(team.tenant, lambda: submitted(team, priority="high"))
        # told that something is there, and nothing of changes, which this token may not read
        assert await bell.hear() == {"type": "unread", "unread": 0}
        await in_tenant(
            team.tenant, lambda: token_revoke(actor=Actor.system(team.tenant.pk), token=token, reason="lost")
        )
        await in_tenant(team.tenant, lambda: change_approve(actor=team.technical, change_id=change.pk))
        await in_tenant(team.tenant, lambda: change_approve(actor=team.boss, change_id=change.pk))
        assert await bell.closed() == 4401


async def test_a_line_that_is_gone_when_the_watch_speaks_leaves_no_fault_behind(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_consumers, "IDLE_CHECK", 0.01)
    headers = [(b"cookie", (await cookie(team.technical)).encode())]
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[str] = []
    watches: list[asyncio.Task[Any]] = []
    refused = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        """What a server does: after the accept and the first count the line is gone."""
        if len(sent) == 2:
            watch = asyncio.current_task()
            assert watch is not None
            watches.append(watch)
            refused.set()
            raise ConnectionResetError
        sent.append(message["type"])

    scope = {"type": "websocket", "path": "/ws/notices/", "headers": headers, "query_string": b"", "subprotocols": []}
    await incoming.put({"type": "websocket.connect"})
    line = asyncio.create_task(application(scope, incoming.get, send))  # type: ignore[arg-type]
    await asyncio.wait_for(refused.wait(), PATIENCE)
    await incoming.put({"type": "websocket.disconnect", "code": 1006})
    await asyncio.wait_for(line, PATIENCE)
    assert sent == ["websocket.accept", "websocket.send"]
    assert [watch.exception() for watch in watches] == [None]
