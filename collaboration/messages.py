"""The messages of the socket: what clients say, as typed values, and what they are told (docs/collaboration-socket.md)."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from collaboration.models import BoardItem, CollaborationSession, SessionUpdate
from plm_project.api.parsers import ExactJSONParser
from plm_project.core.exceptions import PlmError, ValidationFailed

Message = dict[str, Any]
MAX_REQUEST = 64
_BIGGEST = 2**63 - 1


@dataclass(frozen=True)
class Join:
    """Come in. ``last_sequence`` is the number of the last update this client saw; None on a first visit."""

    session_id: uuid.UUID
    request: str
    last_sequence: int | None


@dataclass(frozen=True)
class Update:
    """Store this and tell the others."""

    session_id: uuid.UUID
    request: str
    update: Any


@dataclass(frozen=True)
class Ping:
    """Still here."""

    request: str


Said = Join | Update | Ping


def read_frame(text: str) -> dict[str, Any]:
    """Return the frame's object. Raises ValidationFailed for anything that is not one JSON object."""
    try:
        frame = ExactJSONParser().parse(io.BytesIO(text.encode()))
    except (ParseError, UnicodeEncodeError) as error:
        raise ValidationFailed(_("Send a JSON object.")) from error
    if not isinstance(frame, dict):
        raise ValidationFailed(_("Send a JSON object."))
    return frame


def request_of(frame: dict[str, Any]) -> str:
    """Return the client's own id of a message, "" without one. Raises ValidationFailed when it is none."""
    request = frame.get("request")
    if request is None:
        return ""
    if not isinstance(request, str) or not 1 <= len(request) <= MAX_REQUEST:
        raise ValidationFailed.field(
            "request", _("Give a text of at most %(limit)d characters.") % {"limit": MAX_REQUEST}
        )
    return request


def read_message(frame: dict[str, Any]) -> Said:
    """Return what the client says. Raises ValidationFailed naming the field."""
    request, said = request_of(frame), frame.get("type")
    if said == "ping":
        return Ping(request)
    if said == "join_collaboration":
        return Join(_session_id(frame), request, _last_sequence(frame))
    if said == "collaboration_update":
        return Update(_session_id(frame), request, frame.get("update"))
    raise ValidationFailed.field("type", _("There is no such type of message."))


def _session_id(frame: dict[str, Any]) -> uuid.UUID:
    try:
        return uuid.UUID(frame["session_id"])
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise ValidationFailed.field("session_id", _("Name the session.")) from error


def _last_sequence(frame: dict[str, Any]) -> int | None:
    value = frame.get("last_sequence")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _BIGGEST:
        raise ValidationFailed.field("last_sequence", _("Give a whole number of at least 0."))
    return value


# --- what clients are told -----------------------------------------------------------------------------------------
def moment_text(moment: dt.datetime) -> str:
    """Write a moment as the API does."""
    return moment.isoformat().replace("+00:00", "Z")


def user_came(kind: str, session_id: uuid.UUID, user: AbstractBaseUser, moment: dt.datetime) -> Message:
    """``user_joined`` or ``user_left``."""
    return {
        "type": kind,
        "session_id": str(session_id),
        "user_id": str(user.pk),
        "user_name": str(user),
        "timestamp": moment_text(moment),
    }


def update_message(update: SessionUpdate) -> Message:
    """A stored update, as the others get it; its user is loaded."""
    return {
        "type": "collaboration_update",
        "session_id": str(update.session_id),
        "sequence": update.sequence,
        "update": update.payload,
        "user_id": str(update.user_id),
        "user_name": str(update.user),
        "timestamp": moment_text(update.timestamp),
        "request": update.request or None,
    }


def update_accepted(update: SessionUpdate, request: str) -> Message:
    """What the sender gets, once the update is stored."""
    return {
        "type": "update_accepted",
        "session_id": str(update.session_id),
        "request": request or None,
        "sequence": update.sequence,
        "timestamp": moment_text(update.timestamp),
    }


def participant_changed(session_id: uuid.UUID, user: AbstractBaseUser, role: str | None) -> Message:
    """Somebody came into the list, has another role, or (None) is out of it."""
    return {
        "type": "participant_changed",
        "session_id": str(session_id),
        "user_id": str(user.pk),
        "user_name": str(user),
        "role": role,
    }


def session_changed(session: CollaborationSession) -> Message:
    """The session has another state or title."""
    return {
        "type": "session_changed",
        "session_id": str(session.pk),
        "status": session.status,
        "title": session.title,
    }


def board_item(item: BoardItem) -> Message:
    """One item of the board; its user is loaded."""
    return {
        "id": str(item.item_id),
        "type": item.type,
        "x": item.x,
        "y": item.y,
        "text": item.text,
        "color": item.color,
        "user_id": str(item.user_id),
        "user_name": str(item.user),
    }


def error_message(error: PlmError, request: str = "") -> Message:
    """A refusal: SPEC §8's code, and which field where one is to blame."""
    message: Message = {
        "type": "error",
        "message": str(error.message),
        "error_code": error.error_code,
        "request": request or None,
    }
    return {**message, "details": error.details} if error.details else message


def pong(request: str) -> Message:
    """The answer to a ping."""
    return {"type": "pong", "request": request} if request else {"type": "pong"}
