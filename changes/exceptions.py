"""Refusals with a name of their own."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from plm_project.core.exceptions import Conflict, ValidationFailed


class NotADraft(Conflict):
    """Only a draft is edited: votes must not survive an edit."""

    def __init__(self, change_number: str, status: str) -> None:
        super().__init__(
            _("%(number)s is %(status)s; only a draft can be edited.") % {"number": change_number, "status": status}
        )


class AlreadyImplemented(Conflict):
    """The change was carried out already, perhaps a moment ago by a colleague."""

    def __init__(self, change_number: str) -> None:
        super().__init__(_("%(number)s is already implemented.") % {"number": change_number})


class NoApprover(ValidationFailed):
    """What the policy asks for could never be given: nobody to ask, too few, or nothing that is waited for."""

    def __init__(self, faults: Iterable[str]) -> None:
        messages = list(faults)
        super().__init__(" ".join(messages), details={"approvers": messages})


class ReleaseHeld(Conflict):
    """A release gate holds products of the change. ``held``: pairs of the affected product's name in refusals (such as
    ``affected[0]``) and the message."""

    def __init__(self, held: Iterable[tuple[str, str]]) -> None:
        details: dict[str, list[str]] = {}
        for name, message in held:
            details.setdefault(name, []).append(message)
        texts = dict.fromkeys(text for messages in details.values() for text in messages)
        super().__init__(_("Held at the release gate. %(why)s") % {"why": " ".join(texts)}, details=details)
