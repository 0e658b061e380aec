"""The closed lists of a room."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SessionStatus(models.TextChoices):
    """The states of a session. One that was called off before it began is ended without a start."""

    SCHEDULED = "scheduled", _("Scheduled")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class ParticipantRole(models.TextChoices):
    """What a participant may do: hosts run the session, editors write and draw, viewers read."""

    HOST = "host", _("Host")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


class Feature(models.TextChoices):
    """What a session is meant to use (SPEC §9). Shown to the participants; nothing is switched on by it."""

    VOICE = "voice", _("Voice")
    VIDEO = "video", _("Video")
    WHITEBOARD = "whiteboard", _("Whiteboard")
    VIEWER_3D = "3d_viewer", _("3D viewer")


class UpdateKind(models.TextChoices):
    """What an update does. Anything without a kind is passed on as it is, for clients that know more than we do."""

    CHAT = "chat", _("Message")
    ITEM_ADD = "item_add", _("Item placed")
    ITEM_MOVE = "item_move", _("Item moved")
    ITEM_EDIT = "item_edit", _("Item changed")
    ITEM_REMOVE = "item_remove", _("Item removed")


class ItemType(models.TextChoices):
    """What stands on the board."""

    PIN = "pin", _("Pin")
    NOTE = "note", _("Note")


class ItemColor(models.TextChoices):
    """The colours of pins and notes."""

    YELLOW = "yellow", _("Yellow")
    BLUE = "blue", _("Blue")
    GREEN = "green", _("Green")
    RED = "red", _("Red")
    GREY = "grey", _("Grey")


WRITERS = frozenset({ParticipantRole.HOST, ParticipantRole.EDITOR})
OPEN_STATUSES = frozenset({SessionStatus.SCHEDULED, SessionStatus.ACTIVE})
