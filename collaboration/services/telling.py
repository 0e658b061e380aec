"""Telling those who are in the room, after the commit. What cannot be told now is found when a client next looks."""

from __future__ import annotations

import uuid
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from plm_project.tenancy.scope import require_tenant_id


def group_of(tenant_id: uuid.UUID, session_id: uuid.UUID) -> str:
    """Return the name of a session's group in the channel layer: no tenant can hear another's."""
    return f"collab.{tenant_id.hex}.{session_id.hex}"


def tell(session_id: uuid.UUID, message: dict[str, Any], *, origin: uuid.UUID | None = None) -> None:
    """Send ``message`` to all connections of the session but ``origin``, once the transaction is committed.

    Robust: what is stored is stored. Where the layer is down, clients find it by their own looking (Django logs it).
    """
    layer = get_channel_layer()
    envelope = {"type": "room.told", "message": message, "origin": str(origin or "")}
    group = group_of(require_tenant_id(), session_id)
    transaction.on_commit(lambda: async_to_sync(layer.group_send)(group, envelope), robust=True)
