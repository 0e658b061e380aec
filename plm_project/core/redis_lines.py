"""The channel layer's connections to Redis."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Connection


class LayerConnection(Connection):
    """A connection that lets itself be broken off while it sends.

    With a time limit redis-py sends by ``asyncio.wait_for``, which in Python 3.11 loses a cancellation that comes in the
    moment the sending is done (gh-86296). Who hung up just then kept a consumer and a connection that waited for
    messages ever after.
    """

    async def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        """Send; break off when that was asked for meanwhile, and close the line, for an answer is still to come."""
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        await super().send_packed_command(*args, **kwargs)
        if task and task.cancelling() > before:
            await self.disconnect(nowait=True)
            raise asyncio.CancelledError
