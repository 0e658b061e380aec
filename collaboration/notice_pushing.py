"""Telling open pages that a person's notices changed, after the commit. Losing a message costs nothing but time: the
page asks for the count again when it connects, and shows it when it is loaded.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

PATIENCE = 2.0  # seconds; somebody may wait for the answer of the request that told of it


def group_of(tenant_id: uuid.UUID, user_id: uuid.UUID) -> str:
    """Return the group of one person's connections in one tenant."""
    return f"notices.{tenant_id.hex}.{user_id.hex}"


def push_after_commit(tenant_id: uuid.UUID, messages: Iterable[tuple[uuid.UUID, str]]) -> None:
    """Tell each person's pages after the commit: pairs of person and the id of the new notice, or "" for the count.

    Robust: a layer that is down is logged and breaks no request.
    """
    found = [
        (group_of(tenant_id, user_id), {"type": "notices.changed", "notice": notice}) for user_id, notice in messages
    ]
    if found:
        transaction.on_commit(lambda: _push(found), robust=True)


def _push(messages: list[tuple[str, dict[str, Any]]]) -> None:
    async_to_sync(_send)(messages)


async def _send(messages: list[tuple[str, dict[str, Any]]]) -> None:
    layer = get_channel_layer()
    async with asyncio.timeout(PATIENCE):
        for group, message in messages:
            await layer.group_send(group, message)
