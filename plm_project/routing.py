"""Socket routes. A path nobody serves is closed politely instead of failing with a traceback."""

from __future__ import annotations

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import re_path


class NoSuchSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Refuses the connection with 4404."""

    async def connect(self) -> None:
        """Accept and close at once, so that the client learns the reason."""
        await self.accept()
        await self.close(code=4404)


websocket = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([re_path(r"", NoSuchSocket.as_asgi())])))
