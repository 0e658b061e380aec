"""The socket of the bell."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.handlers.asgi import ASGIRequest
from django.utils import translation

from collaboration.notice_pushing import group_of
from collaboration.notice_showing import ShownNotice, shown
from collaboration.permissions import NOTICES_READ
from collaboration.selectors import notice_get, notice_unread_count
from plm_project.accounts.sockets import SocketCaller
from plm_project.core.actor import Actor, acting_as
from plm_project.core.exceptions import NotFound, PlmError
from plm_project.tenancy.scope import tenant_scope

NOT_SIGNED_IN = 4401
NOTHING_TO_SAY = 4400
IDLE_CHECK = (
    60.0  # seconds. Nothing is ever sent without a check of its own; this one is for lines on which nothing is
)


class NoticeConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """``/ws/notices/``: tells a person's open pages how many notices are unread, and of new ones. Listens to nothing.

    ``{"type": "unread", "unread": n}`` after connecting and when the number changed elsewhere;
    ``{"type": "notice", "unread": n, "notice": {id, kind, title, detail, priority, url, timestamp}}`` for a new one.
    Before anything is sent it is asked who listens: who is not signed in or no member any more is closed with 4401, who
    sends something with 4400.
    """

    group: str = ""
    watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept, so that a refusal has a code; then tell how many are unread."""
        self._caller = SocketCaller(self.scope)
        self._language = translation.get_language_from_request(
            ASGIRequest({**self.scope, "type": "http", "method": "GET"}, io.BytesIO())
        )
        await self.accept()
        actor = await self._who()
        if actor is None or actor.user_id is None:
            await self.close(code=NOT_SIGNED_IN)
            return
        self.group = group_of(actor.tenant_id, actor.user_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self._tell("")  # after joining: nothing is missed in between
        self.watch = asyncio.create_task(self._watch())

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        if self.watch is not None:
            self.watch.cancel()
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Hang up on whoever talks."""
        await self.close(code=NOTHING_TO_SAY)

    async def notices_changed(self, event: dict[str, Any]) -> None:
        """Something changed: tell it, if the person is still who may hear it."""
        await self._tell(event["notice"])

    async def _tell(self, notice_id: str) -> bool:
        """Say what the listener may hear; close and return False when that is nobody."""
        message = await database_sync_to_async(self._ask, thread_sensitive=False)(notice_id)
        if message is None:
            await self.close(code=NOT_SIGNED_IN)
            return False
        await self.send(json.dumps(message, ensure_ascii=False))
        return True

    async def _watch(self) -> None:
        """Free the lines of people who have left, and put right what a layer that was down has missed."""
        try:
            while True:
                await asyncio.sleep(IDLE_CHECK)
                await self.channel_layer.group_add(self.group, self.channel_name)  # memberships expire
                if not await self._tell(""):
                    return
        except OSError:
            # ASGI: what is sent on a line that is gone raises an OSError. disconnect() is on its way; nothing is lost.
            return

    async def _who(self) -> Actor | None:
        return await database_sync_to_async(self._listener, thread_sensitive=False)()

    def _listener(self) -> Actor | None:
        """Return who listens now, if they may. Runs in a thread."""
        try:
            actor = self._caller.actor()
        except PlmError:
            return None
        return actor if actor.may(NOTICES_READ) else None

    def _ask(self, notice_id: str) -> dict[str, Any] | None:
        """Return the message for who listens now. Runs in a thread."""
        actor = self._listener()
        if actor is None:
            return None
        with translation.override(self._language), acting_as(actor), tenant_scope(actor.tenant_id):
            return _message(actor, notice_id)


def _message(actor: Actor, notice_id: str) -> dict[str, Any]:
    unread = notice_unread_count(actor)
    if notice_id:
        try:
            return {
                "type": "notice",
                "unread": unread,
                "notice": _wire(shown(notice_get(actor, uuid.UUID(notice_id)))),
            }
        except NotFound:  # a kind that this caller may not read of, or told already by another delivery
            pass
    return {"type": "unread", "unread": unread}


def _wire(notice: ShownNotice) -> dict[str, str]:
    return {
        "id": str(notice.id),
        "kind": notice.kind,
        "title": notice.title,
        "detail": notice.detail,
        "priority": notice.priority,
        "url": notice.url,
        "timestamp": notice.timestamp.isoformat(),
    }
