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
    """A rule asks for an approval that nobody could give. ``missing``: pairs of rule and role as people read them."""

    def __init__(self, missing: Iterable[tuple[str, str]]) -> None:
        messages = [
            _("The rule “%(rule)s” finds no approver: nobody has the role %(role)s.") % {"rule": rule, "role": role}
            for rule, role in missing
        ]
        super().__init__(" ".join(messages), details={"approvers": messages})


class AuthorAlone(ValidationFailed):
    """Nobody approves their own change alone."""

    def __init__(self) -> None:
        message = _("The author would be the only approver. Somebody else must approve too.")
        super().__init__(message, details={"approvers": [message]})


class ReleaseHeld(Conflict):
    """A release gate holds products of the change. ``held``: pairs of the affected product's name in refusals (such as
    ``affected[0]``) and the message."""

    def __init__(self, held: Iterable[tuple[str, str]]) -> None:
        details: dict[str, list[str]] = {}
        for name, message in held:
            details.setdefault(name, []).append(message)
        texts = dict.fromkeys(text for messages in details.values() for text in messages)
        super().__init__(_("Held at the release gate. %(why)s") % {"why": " ".join(texts)}, details=details)
