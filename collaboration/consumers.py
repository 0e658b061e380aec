"""The socket of a room (SPEC §9, docs/collaboration-socket.md): frames in, frames out; Room does the rest."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils.translation import gettext as _

from collaboration.limits import MAX_FRAME, TokenBucket
from collaboration.messages import (
    Join,
    Message,
    Ping,
    Said,
    Update,
    error_message,
    pong,
    read_frame,
    read_message,
    request_of,
)
from collaboration.room import MOST_AT_ONCE, Room
from plm_project.core.exceptions import Conflict, PlmError, RateLimited, ValidationFailed

logger = logging.getLogger("plm.collaboration")

SIGNED_OUT, NO_PART, NOT_FOUND, NEVER_JOINED, TOO_LARGE, FLOODING = 4401, 4403, 4404, 4408, 4413, 4429
FAULT = 1011  # RFC 6455: a condition of ours
CLOSES = {"AUTHENTICATION_REQUIRED": SIGNED_OUT, "PERMISSION_DENIED": NO_PART, "NOT_FOUND": NOT_FOUND}
JOIN_WITHIN = 30.0  # seconds
LOOK_EVERY = 15.0  # seconds between checks of an idle connection
FRESH = 2.0  # seconds for which a check is trusted when something is passed on


class RoomConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One connection. Everything happens in turn: a frame, a message of the group, the regular look."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Run until the line is gone, however it goes; the watch ends with it."""
        self._turn, self._bucket = asyncio.Lock(), TokenBucket()
        self._watch: asyncio.Task[None] | None = None
        self._is_closed = False
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._watch is not None:
                self._watch.cancel()

    async def connect(self) -> None:
        """Accept, then look who it is: a refusal is told in words before the line is closed."""
        self._last_sent: int | None = None  # None: not joined
        self._status, self._checked_at = "", 0.0
        self._room = Room(self.scope, _uuid_or_none(self.scope["url_route"]["kwargs"]["session_id"]))
        await self.accept()
        if await self._is_let_in():
            self._watch = asyncio.create_task(self._keep_watch())
            self._watch.add_done_callback(self._watch_ended)

    async def disconnect(self, code: int) -> None:
        """Leave the room, and tell the others."""
        if self._room.is_entered:
            await self.channel_layer.group_discard(self._room.group, self.channel_name)
            await self._ask(self._room.leave)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Take turns with the watch."""
        if message["type"] == "websocket.connect":
            await super().dispatch(message)
            return
        async with self._turn:
            if message["type"] == "websocket.disconnect" or not self._is_closed:
                await super().dispatch(message)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close once; what still comes in is not looked at."""
        if not self._is_closed:
            self._is_closed = True
            with suppress(RuntimeError, OSError):  # the other side was faster
                await super().close(code=code, reason=reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame: counted and measured before it is read; a refusal goes back to the sender alone."""
        request = ""
        try:
            self._bucket.take()
            if len(bytes_data or (text_data or "").encode(errors="replace")) > MAX_FRAME:
                await self._refuse(ValidationFailed(_("The message is too large.")), TOO_LARGE)
                return
            if text_data is None:
                raise ValidationFailed(_("Send text, not binary data."))
            frame = read_frame(text_data)
            request = request_of(frame)
            await self._answer(read_message(frame))
        except PlmError as error:
            await self._say(error_message(error, request))
            if self._bucket.is_out_of_patience:
                await self.close(code=FLOODING)
            elif not isinstance(error, RateLimited | ValidationFailed | Conflict):
                await self._is_let_in(silent=True)

    async def room_told(self, event: dict[str, Any]) -> None:
        """Something happened in the room: pass it on to who may still hear it, each update once and in order."""
        message: Message = event["message"]
        if self._last_sent is None or event["origin"] == str(self._room.connection):
            return
        is_out = message.get("role", "") is None and message["user_id"] == str(self._room.user_id)
        if is_out:
            await self._say(message)  # while it can still be said
        elif time.monotonic() - self._checked_at <= FRESH:
            await self._tell(message)
            return
        if await self._is_let_in(silent=is_out) and not is_out:
            await self._tell(message)

    async def _tell(self, message: Message) -> None:
        if message["type"] == "collaboration_update":
            await self._pass_on(message)
        else:
            self._status = message.get("status", self._status)
            await self._say(message)

    # --- what clients say ------------------------------------------------------------------------------------------
    async def _answer(self, said: Said) -> None:
        if isinstance(said, Join):
            await self._join(said)
        elif isinstance(said, Ping):
            if self._last_sent is not None:
                await self._ask(self._room.renew)
            await self._say(pong(said.request))
        elif self._last_sent is None:
            raise Conflict(_("Join the session first."))
        else:
            await self._store(said)

    async def _join(self, wish: Join) -> None:
        await self.channel_layer.group_add(self._room.group, self.channel_name)  # first: nothing is missed in between
        told = await self._ask(self._room.join, wish)
        self._status, self._last_sent = told[1]["status"], told[1]["last_sequence"]
        for message in told:
            await self._say(message)

    async def _store(self, wish: Update) -> None:
        accepted = await self._ask(self._room.store, wish)
        sequence, last = accepted["sequence"], self._last_sent or 0
        if sequence > last + 1:  # others were faster: theirs come first
            await self._close_gap(before=sequence)
        self._last_sent = max(last, sequence)
        await self._say(accepted)

    # --- what clients are told -------------------------------------------------------------------------------------
    async def _pass_on(self, message: Message) -> None:
        sequence = message["sequence"]
        if self._last_sent is not None and sequence > self._last_sent + 1:
            await self._close_gap(before=sequence)
        if self._last_sent is not None and sequence > self._last_sent:
            self._last_sent = sequence
            await self._say(message)

    async def _close_gap(self, *, before: int | None = None, sweep: bool = False) -> None:
        """Send what the log holds and the channel layer lost."""
        more = True
        while more:
            found = await self._ask(self._room.missed, self._last_sent, sweep=sweep)
            for message in found.updates:
                if before is None or message["sequence"] < before:
                    self._last_sent = message["sequence"]
                    await self._say(message)
            more = len(found.updates) == MOST_AT_ONCE and (before is None or found.updates[-1]["sequence"] < before)
            if found.status["status"] != self._status:
                self._status = found.status["status"]
                await self._say(found.status)

    async def _keep_watch(self) -> None:
        """Cut off who never joins; of everybody else look regularly whether they may stay and missed something."""
        await asyncio.sleep(JOIN_WITHIN)
        if self._last_sent is None:
            await self.close(code=NEVER_JOINED)
            return
        while True:
            async with self._turn:
                if self._is_closed:
                    return
                if await self._is_let_in():
                    await self.channel_layer.group_add(self._room.group, self.channel_name)  # memberships expire
                    await self._close_gap(sweep=True)
            await asyncio.sleep(LOOK_EVERY)

    def _watch_ended(self, watch: asyncio.Task[None]) -> None:
        """Nobody stays unwatched: when the watch fails, the line is closed, and the client comes again."""
        if not watch.cancelled() and (fault := watch.exception()) is not None:
            logger.error("the watch over a connection failed", exc_info=fault)
            self._closing = asyncio.create_task(self.close(code=FAULT))

    # --- tools -----------------------------------------------------------------------------------------------------
    async def _is_let_in(self, *, silent: bool = False) -> bool:
        """Return whether the caller may (still) be here; if not, say why and close."""
        try:
            await self._ask(self._room.admit)
        except PlmError as error:
            await self._refuse(None if silent else error, CLOSES.get(error.error_code, NO_PART))
            return False
        return True

    async def _ask(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run ``work`` in a thread of the pool: one slow room does not hold up the others."""
        answer = await database_sync_to_async(work, thread_sensitive=False)(*args, **kwargs)
        self._checked_at = time.monotonic()
        return answer

    async def _say(self, message: Message) -> None:
        if self._is_closed:
            return
        with suppress(RuntimeError):  # the line is gone already; disconnect follows
            await self.send(text_data=json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    async def _refuse(self, error: PlmError | None, code: int) -> None:
        if error is not None:
            await self._say(error_message(error))
        await self.close(code=code)


def _uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
