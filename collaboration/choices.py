"""The closed lists of collaboration."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    """What a notice is about."""

    APPROVAL_NEEDED = "approval_needed", _("Your approval is needed")
    CHANGE_DECIDED = "change_decided", _("Your change was decided")
    CHANGE_IMPLEMENTED = "change_implemented", _("Your change was implemented")
    INVITED = "invited", _("You were invited")
    MENTIONED = "mentioned", _("You were mentioned")


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
    """When a person wants a kind of notice by mail. A daily bundle would be a third choice."""

    AT_ONCE = "at_once", _("At once")
    NEVER = "never", _("Not at all")
