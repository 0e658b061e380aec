"""Refusals with a name of their own."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from plm_project.core.exceptions import Conflict, ValidationFailed


class CycleRefused(ValidationFailed):
    """The line would make a product contain itself. ``path`` is the way back: parent, child, …, parent."""

    def __init__(self, path: Sequence[str], *, field: str = "child") -> None:
        message = _("This line would make a cycle: %(path)s") % {"path": " → ".join(path)}
        super().__init__(message, details={field: [message]})
        self.path = list(path)


class StructureCycle(Conflict):
    """The stored structure contains a cycle (it got there past the services). Reported, never looped on."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(_("The structure contains a cycle: %(path)s") % {"path": " → ".join(path)})
        self.path = list(path)


class RevisionResting(Conflict):
    """A revision in review: its lines rest until it is released or returned for rework."""

    def __init__(self, product_number: str, label: str) -> None:
        super().__init__(
            _("Revision %(label)s of %(number)s is in review; its lines rest until it comes back.")
            % {"label": label, "number": product_number}
        )


class RevisionFrozen(Conflict):
    """A released revision never changes; an engineering change makes the next one."""

    def __init__(self, product_number: str, label: str) -> None:
        super().__init__(
            _("Revision %(label)s of %(number)s is released and cannot be edited. Open an engineering change.")
            % {"label": label, "number": product_number}
        )


class CheckedOut(Conflict):
    """Somebody holds the document: one person at a time works on its file."""

    def __init__(self, number: str, holder: str, since: str) -> None:
        super().__init__(
            _("%(number)s has been checked out by %(holder)s since %(since)s.")
            % {"number": number, "holder": holder, "since": since}
        )


class DocumentFrozen(Conflict):
    """A released revision of a document never changes; the next revision does."""

    def __init__(self, number: str, label: str) -> None:
        super().__init__(
            _("Revision %(label)s of %(number)s is not in work. Start the next revision to change it.")
            % {"label": label, "number": number}
        )
