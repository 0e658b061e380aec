"""The sockets of collaboration."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation

from collaboration.notice_pushing import group_of
from collaboration.notice_showing import ShownNotice, shown
from collaboration.permissions import NOTICES_READ
from collaboration.selectors import notice_get, notice_unread_count
from plm_project.accounts.middleware import identify
from plm_project.accounts.sockets import request_of
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.tenancy.scope import tenant_scope

NOT_SIGNED_IN = 4401
NOTHING_TO_SAY = 4400
IDLE_CHECK = 60.0  # seconds; frees the lines of people who have left. Nothing is sent without a check of its own


class NoticeConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """``/ws/notices/``: tells a person's open pages how many notices are unread, and of new ones. Listens to nothing.

    ``{"type": "unread", "unread": n}`` after connecting and when the number changed elsewhere;
    ``{"type": "notice", "unread": n, "notice": {id, kind, title, detail, priority, url, timestamp}}`` for a new one.
    Before anything is sent it is checked who listens: no longer signed in, no member any more, or at work in another
    tenant by now closes with 4401. Whoever sends something is closed with 4400.
    """

    group: str = ""
    watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept, so that a refusal has a code; then tell how many are unread."""
        await self.accept()
        found = await self._ask("")
        if found is None:
            await self.close(code=NOT_SIGNED_IN)
            return
        self.group, message = found
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.send(json.dumps(message))
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
        found = await self._ask(event["notice"])
        if found is None or found[0] != self.group:
            await self.close(code=NOT_SIGNED_IN)
            return
        await self.send(json.dumps(found[1]))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(IDLE_CHECK)
            found = await self._ask("")
            if found is None or found[0] != self.group:
                await self.close(code=NOT_SIGNED_IN)
                return

    @database_sync_to_async
    def _ask(self, notice_id: str) -> tuple[str, dict[str, Any]] | None:
        """Return the group of whoever listens now with the message for them; None when nobody may."""
        request = request_of(self.scope)
        actor = identify(request).actor
        if actor is None or actor.user_id is None or not actor.may(NOTICES_READ):
            return None
        with translation.override(translation.get_language_from_request(request)), tenant_scope(actor.tenant_id):
            return group_of(actor.tenant_id, actor.user_id), _message(actor, notice_id)


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
