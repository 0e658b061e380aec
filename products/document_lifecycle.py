"""The state machine of a document's revision: in_work ⇄ in_review → released → superseded → obsolete.

The same states as a product's revision, with permissions and guards of the vault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_fsm import transition

from plm_project.tenancy.states import Guard, condition, has_reason, permitted
from products import permissions
from products.choices import RevisionState

if TYPE_CHECKING:
    from products.models import DocumentRevision


def has_a_file(revision: DocumentRevision) -> str:
    """There is nothing to review or release in a revision without a file."""
    return "" if revision.versions.exists() else _("It has no file yet.")


def is_checked_in(revision: DocumentRevision) -> str:
    """While somebody works on the file, what would be released is about to change."""
    if revision.document.checked_out_by_id is None:
        return ""
    return _("It is checked out by %(holder)s.") % {"holder": revision.document.checked_out_by}


def _state(
    source: list[RevisionState], target: RevisionState, permission: str, *guards: Guard
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="state",
        source=source,
        target=target,
        permission=permitted(permission),
        conditions=[condition(guard) for guard in guards],
    )


class DocumentLifecycle:
    """Transitions of a document's revision. The bodies are empty: services record reason and history around them."""

    transition_reason: str = ""

    @_state([RevisionState.IN_WORK], RevisionState.IN_REVIEW, permissions.DOCUMENTS_UPDATE, has_a_file, is_checked_in)
    def to_in_review(self) -> None:
        """Hand over for review: the file rests until it comes back or is released."""

    @_state([RevisionState.IN_REVIEW], RevisionState.IN_WORK, permissions.DOCUMENTS_UPDATE, has_reason)
    def to_in_work(self) -> None:
        """Return for rework."""

    @_state(
        [RevisionState.IN_WORK, RevisionState.IN_REVIEW],
        RevisionState.RELEASED,
        permissions.DOCUMENTS_RELEASE,
        has_a_file,
        is_checked_in,
    )
    def to_released(self) -> None:
        """Freeze it for ever."""

    @_state([RevisionState.RELEASED], RevisionState.SUPERSEDED, permissions.DOCUMENTS_RELEASE)
    def to_superseded(self) -> None:
        """A newer revision is released."""

    @_state(
        [RevisionState.IN_WORK, RevisionState.RELEASED, RevisionState.SUPERSEDED],
        RevisionState.OBSOLETE,
        permissions.DOCUMENTS_RELEASE,
        is_checked_in,
        has_reason,
    )
    def to_obsolete(self) -> None:
        """Not to be used again."""
