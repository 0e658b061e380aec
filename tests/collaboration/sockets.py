"""A client of a room for tests: signs in, joins, says, hears."""

from __future__ import annotations

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from plm_project.accounts.models import User
from plm_project.asgi import application

PATIENCE = 15.0  # seconds: the machine may be busy


def cookie_of(user: User) -> str:
    """Sign somebody in; return the cookie header."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class RoomClient:
    """One connection. Use as ``async with RoomClient(session_id, user=…) as client``."""

    def __init__(self, session_id: Any, *, user: User | None = None, headers: dict[str, str] | None = None) -> None:
        self.session_id = str(session_id)
        self._user, self._headers = user, headers or {}
        self.cookie = ""

    async def __aenter__(self) -> RoomClient:
        if self._user is not None:
            self.cookie = await database_sync_to_async(cookie_of)(self._user)
        headers = {**({"cookie": self.cookie} if self.cookie else {}), **self._headers}
        self._line = WebsocketCommunicator(
            application,
            f"/ws/collaboration/{self.session_id}/",
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
        )
        connected, _protocol = await self._line.connect(timeout=PATIENCE)
        assert connected
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._line.disconnect(timeout=PATIENCE)

    async def send(self, kind: str, **fields: Any) -> None:
        await self.send_text(json.dumps({"type": kind, **fields}))

    async def send_text(self, text: str) -> None:
        await self._line.send_to(text_data=text)

    async def send_bytes(self, data: bytes) -> None:
        await self._line.send_to(bytes_data=data)

    async def raw(self) -> dict[str, Any]:
        """The next thing the server does: a frame or the close."""
        return await self._line.receive_output(timeout=PATIENCE)  # type: ignore[no-any-return]

    async def hear(self, kind: str | None = None) -> dict[str, Any]:
        """The next message; of ``kind``, or the test fails."""
        output = await self.raw()
        assert output["type"] == "websocket.send", output
        message: dict[str, Any] = json.loads(output["text"])
        assert kind is None or message["type"] == kind, message
        return message

    async def closed(self) -> int:
        """The code with which the server closes next."""
        output = await self.raw()
        assert output["type"] == "websocket.close", output
        return int(output["code"])

    async def hears_nothing(self) -> bool:
        return await self._line.receive_nothing(timeout=0.3)  # type: ignore[no-any-return]

    async def join(self, **fields: Any) -> dict[str, Any]:
        """Join; return the state."""
        await self.send("join_collaboration", session_id=self.session_id, **fields)
        joined = await self.hear("user_joined")
        state = await self.hear("session_state")
        assert joined["user_id"] == state["user_id"]
        return state

    async def update(self, update: Any, request: str = "") -> None:
        fields = {"request": request} if request else {}
        await self.send("collaboration_update", session_id=self.session_id, update=update, **fields)
