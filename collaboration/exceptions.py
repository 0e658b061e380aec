"""Refusals with a name of their own."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied


class NoSuchSession(NotFound):
    """No such session for this caller: unknown, another tenant's, or one they take no part in - one answer for all."""

    def __init__(self) -> None:
        super().__init__(_("There is no such session."))


class NotActive(Conflict):
    """Updates are taken between start and end alone."""

    def __init__(self) -> None:
        super().__init__(_("The session is not active."))


class OnlyReading(PermissionDenied):
    """A viewer is present and reads."""

    def __init__(self) -> None:
        super().__init__(_("You take part as a viewer: you can read, but not write or draw."))


class LastHost(Conflict):
    """A session keeps a host."""

    def __init__(self) -> None:
        super().__init__(_("A session keeps at least one host. Make somebody else a host first."))
