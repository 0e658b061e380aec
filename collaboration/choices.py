"""The closed lists of rooms and notices."""

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


class NoticeKind(models.TextChoices):
    """What a notice is about."""

    APPROVAL_NEEDED = "approval_needed", _("Your approval is needed")
    CHANGE_DECIDED = "change_decided", _("Your change was decided")
    CHANGE_IMPLEMENTED = "change_implemented", _("Your change was implemented")
    CHANGE_REQUESTED = "change_requested", _("A change is asked for")
    CHANGE_REQUEST_ANSWERED = "change_request_answered", _("Your change request was answered")
    DISPOSITION_WAITING = "disposition_waiting", _("Existing parts wait for you")
    INVITED = "invited", _("You were invited")
    MENTIONED = "mentioned", _("You were mentioned")
    WEBHOOK_DISABLED = "webhook_disabled", _("A webhook was switched off")
    DISCUSSION_STARTED = "discussion_started", _("A discussion was begun")
    DISCUSSION_REPLY = "discussion_reply", _("Somebody replied in a discussion")
    DISCUSSION_MENTION = "discussion_mention", _("You were mentioned in a discussion")
    DISCUSSION_RESOLVED = "discussion_resolved", _("Your discussion was resolved")


class NoticePriority(models.TextChoices):
    """How loudly a notice is told (SPEC §5)."""

    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class MailState(models.TextChoices):
    """How the mail of a notice fares."""

    NOT_WANTED = "not_wanted", _("Not wanted")
    DUE = "due", _("Waiting to be sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")
    DROPPED = "dropped", _("No longer needed")


class MailChoice(models.TextChoices):
    """When a person wants a kind of notice by mail. What has high priority comes at once all the same, unless not at all."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day, in one mail")
    NEVER = "never", _("Not at all")


class AnchorKind(models.TextChoices):
    """What a thread of a change is about. A line that is to be added has no line yet: its redline stands for it."""

    CHANGE = "change", _("The change as a whole")
    PRODUCT = "product", _("Affected product")
    LINE = "line", _("Line")
    REDLINE = "redline", _("Added line")


class ThreadState(models.TextChoices):
    """Whether a thread still waits for something."""

    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")
