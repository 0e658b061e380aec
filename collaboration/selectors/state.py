"""What a client is told when it comes in, and what it missed."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet

from collaboration.choices import ParticipantRole, UpdateKind
from collaboration.messages import Message, board_item, update_message
from collaboration.models import BoardItem, CollaborationSession, SessionParticipant, SessionPresence, SessionUpdate
from collaboration.selectors.access import Access
from plm_project.core import clock
from plm_project.core.actor import Actor

CHAT_SHOWN = 50
MOST_CAUGHT_UP = 500


def updates_of(session_id: uuid.UUID, *, after: int | None = None) -> QuerySet[SessionUpdate]:
    """Return the stored updates of a session in their order, with their people."""
    rows = SessionUpdate.objects.filter(session_id=session_id).select_related("user").order_by("sequence")
    return rows.filter(sequence__gt=after) if after is not None else rows


def board_of(session_id: uuid.UUID) -> QuerySet[BoardItem]:
    """Return what stands on the board, in the order in which it was placed."""
    return BoardItem.objects.filter(session_id=session_id, is_removed=False).select_related("user").order_by("id")


def people_here(session_id: uuid.UUID) -> QuerySet[SessionPresence]:
    """Return the connections whose lease holds, with their people."""
    rows = SessionPresence.objects.filter(session_id=session_id, expires_at__gt=clock.now())
    return rows.select_related("user").order_by("id")


def session_state(actor: Actor, access: Access) -> Message:
    """Return the whole state of a session. The caller holds its lock, so that all parts are of one moment."""
    session = access.session
    chat = list(updates_of(session.pk).filter(kind=UpdateKind.CHAT).order_by("-sequence")[: CHAT_SHOWN + 1])
    return {
        "type": "session_state",
        "session_id": str(session.pk),
        "user_id": str(actor.user_id),
        "role": access.role.value,
        "status": session.status,
        "title": session.title,
        "last_sequence": session.last_sequence,
        "participants": _participants(session),
        "board": [board_item(item) for item in board_of(session.pk)],
        "chat": [update_message(update) for update in reversed(chat[:CHAT_SHOWN])],
        "has_earlier_chat": len(chat) > CHAT_SHOWN,
    }


def missed_updates(session: CollaborationSession, last_seen: int | None) -> list[Message] | None:
    """Return what a client missed that saw ``last_seen``; None when it is to take the whole state instead."""
    if last_seen is None or not 0 <= session.last_sequence - last_seen <= MOST_CAUGHT_UP:
        return None
    return [update_message(update) for update in updates_of(session.pk, after=last_seen)]


def _participants(session: CollaborationSession) -> list[dict[str, Any]]:
    """The participants, and whoever of those who manage sessions is in the room: nobody listens unseen."""
    here = {presence.user_id: presence.user for presence in people_here(session.pk)}
    rows = [
        (entry.user, entry.role)
        for entry in SessionParticipant.objects.filter(session=session).select_related("user").order_by("created_at")
    ]
    listed = {user.pk for user, _role in rows}
    rows += [(user, ParticipantRole.VIEWER.value) for key, user in here.items() if key not in listed]
    return [
        {"user_id": str(user.pk), "user_name": str(user), "role": role, "is_here": user.pk in here}
        for user, role in rows
    ]
