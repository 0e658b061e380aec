"""The state machine of a change, as the trade reads it.

draft → submitted → approved → implemented → closed. Submitted: rejected when what a rule asks can no longer be given, or
withdrawn by the author, who can take back an approved one too; both go back to draft for another round. Draft, submitted
and approved may be cancelled for good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_fsm import transition

from changes import permissions
from changes.choices import ChangeStatus as Status
from changes.content import void_votes
from changes.policy.standing import ballots_of, fast_track_fits, has_decided, round_tally
from plm_project.core.actor import Actor
from plm_project.tenancy.states import Guard, PermissionRule, condition, has_reason, permitted

if TYPE_CHECKING:
    from changes.models import EngineeringChange

NAMED = 5  # dispositions in a refusal; the rest are counted


# --- who -------------------------------------------------------------------------------------------------------------
def is_author_or_manager(change: EngineeringChange, actor: Actor) -> str:
    """A change is in the hands of its author; those who manage changes may stand in."""
    if actor.may(permissions.CHANGES_MANAGE) or (actor.user_id and actor.user_id == change.created_by_id):
        return ""
    return _("Only the author, or somebody who manages changes, can do this.")


def is_named_approver(change: EngineeringChange, actor: Actor) -> str:
    """A vote is a person's own, or their deputy's: no permission and no other role replaces being named."""
    return "" if ballots_of(change, actor) else _("You are not one of the approvers of this change.")


def has_not_barred_themselves(change: EngineeringChange, actor: Actor) -> str:
    """Where a rule keeps deciding and releasing apart, whoever decided by it leaves the release to somebody else."""
    if actor.user_id is None:
        return ""
    barring = {one.code: one.label for one in change.round_requirements() if one.bars_release}
    if barring and (own := has_decided(change, actor.user_id) & set(barring)):
        return _("You have decided on it (%(rules)s): somebody else must release it.") % {
            "rules": ", ".join(sorted(barring[code] for code in own))
        }
    return ""


# --- when ------------------------------------------------------------------------------------------------------------
def all_have_approved(change: EngineeringChange) -> str:
    """What every required rule wants must be there, given to the content as it is now."""
    if round_tally(change).is_approved:
        return ""
    return votes_are_for_this(change) or _("Not all approvers have approved yet.")


def votes_are_for_this(change: EngineeringChange) -> str:
    """An approval is for what was read, and for nothing else."""
    if void := void_votes(change):
        return _("The content has changed since it was signed by %(people)s.") % {
            "people": ", ".join(vote.signed_name for vote in void)
        }
    return ""


def still_fits_fast_track(change: EngineeringChange) -> str:
    """Who was left out because a change is small is not left out of one that has grown: it is submitted anew."""
    if fast_track_fits(change):
        return ""
    return _("It was submitted on the fast track and no longer fits it: withdraw it, and submit it again.")


def nothing_left_to_do(change: EngineeringChange) -> str:
    """What was decided about existing parts is done before the change is closed."""
    waiting = [row.label for row in change.dispositions.filter(completed_at=None).select_related("product")]
    if waiting:
        shown = [*waiting[:NAMED], *([_("%(n)s more") % {"n": len(waiting) - NAMED}] if waiting[NAMED:] else ())]
        return _("Existing parts are not dealt with yet: %(what)s.") % {"what": ", ".join(shown)}
    return ""


def _status(
    source: list[Status], target: Status, permission: str, *guards: Guard, who: PermissionRule | None = None
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="status",
        source=source,
        target=target,
        permission=permitted(permission, who),
        conditions=[condition(guard) for guard in guards],
    )


class ChangeLifecycle:
    """Transitions of a change. The bodies are empty: services record reason, history and event around them."""

    transition_reason: str = ""

    @_status([Status.DRAFT], Status.SUBMITTED, permissions.CHANGES_SUBMIT, who=is_author_or_manager)
    def to_submitted(self) -> None:
        """Ask the approvers. The service has checked that the change is complete."""

    @_status(
        [Status.SUBMITTED],
        Status.APPROVED,
        permissions.CHANGES_APPROVE,
        all_have_approved,
        still_fits_fast_track,
        who=is_named_approver,
    )
    def to_approved(self) -> None:
        """The last required approval is in."""

    @_status([Status.SUBMITTED], Status.REJECTED, permissions.CHANGES_APPROVE, has_reason, who=is_named_approver)
    def to_rejected(self) -> None:
        """Somebody says no. The service takes this step when it can no longer be approved; mostly one is enough."""

    @_status(
        [Status.SUBMITTED, Status.APPROVED], Status.WITHDRAWN, permissions.CHANGES_SUBMIT, who=is_author_or_manager
    )
    def to_withdrawn(self) -> None:
        """The author takes it back."""

    @_status(
        [Status.DRAFT, Status.SUBMITTED, Status.APPROVED], Status.CANCELLED, permissions.CHANGES_CANCEL, has_reason
    )
    def to_cancelled(self) -> None:
        """It will not be made."""

    @_status([Status.REJECTED, Status.WITHDRAWN], Status.DRAFT, permissions.CHANGES_SUBMIT, who=is_author_or_manager)
    def to_draft(self) -> None:
        """Work on it again. The votes of the round stay readable."""

    @_status(
        [Status.APPROVED],
        Status.IMPLEMENTED,
        permissions.CHANGES_IMPLEMENT,
        all_have_approved,
        still_fits_fast_track,
        who=has_not_barred_themselves,
    )
    def to_implemented(self) -> None:
        """The new revisions are released."""

    @_status([Status.IMPLEMENTED], Status.CLOSED, permissions.CHANGES_CLOSE, nothing_left_to_do)
    def to_closed(self) -> None:
        """Nothing is left to do."""
