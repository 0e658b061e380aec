"""A real server for the restart test: ``server.py PORT [losing]``. A losing one passes on no update: it is killed before
it gets to it. Pages, API and sockets are the product's own."""

from __future__ import annotations

import sys
from typing import Any

import django

django.setup()

import uvicorn  # noqa: E402
from channels.layers import InMemoryChannelLayer  # noqa: E402
from django.conf import settings  # noqa: E402


class LosingLayer(InMemoryChannelLayer):
    """Takes updates and has not passed them on yet when the process dies."""

    async def group_send(self, group: str, message: Any) -> None:
        if message["message"]["type"] != "collaboration_update":
            await super().group_send(group, message)


LAYER = f"{__name__}.LosingLayer" if "losing" in sys.argv else "channels.layers.InMemoryChannelLayer"
settings.CHANNEL_LAYERS = {"default": {"BACKEND": LAYER}}

from plm_project.asgi import application  # noqa: E402
from scripts.serve import WS_MAX_SIZE  # noqa: E402

uvicorn.run(
    application,
    host="127.0.0.1",
    port=int(sys.argv[1]),
    lifespan="off",
    ws_max_size=WS_MAX_SIZE,
    log_config=None,
    access_log=False,
)
