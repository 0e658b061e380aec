"""Socket routes. A path nobody serves is closed politely instead of failing with a traceback."""

from __future__ import annotations

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.urls import path, re_path

from collaboration.consumers import RoomConsumer
from collaboration.notice_consumers import NoticeConsumer


class NoSuchSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Refuses the connection with 4404."""

    async def connect(self) -> None:
        """Accept and close at once, so that the client learns the reason."""
        await self.accept()
        await self.close(code=4404)


class OwnOrigin(OriginValidator):  # type: ignore[misc]
    """Lets pages of this site open sockets, and systems: browsers always name the page's origin, only they carry
    somebody's cookie to a foreign page, so a caller without an origin is none that could be tricked."""

    def __init__(self, application: Any) -> None:
        super().__init__(application, settings.ALLOWED_HOSTS)

    def valid_origin(self, parsed_origin: Any) -> bool:
        """Return whether the origin is this site's, or absent."""
        return parsed_origin is None or bool(super().valid_origin(parsed_origin))


websocket = OwnOrigin(
    URLRouter(
        [
            path("ws/collaboration/<str:session_id>/", RoomConsumer.as_asgi()),
            path("ws/notices/", NoticeConsumer.as_asgi()),
            re_path(r"", NoSuchSocket.as_asgi()),
        ]
    )
)
