"""Votes: each named approver decides once; one rejection rejects, the last approval approves."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import ChangeStatus, Decision
from changes.lifecycle import all_have_approved, is_named_approver
from changes.models import Approval, EngineeringChange
from changes.services.facts import change_facts
from changes.services.locked import change_locked
from changes.services.reasons import require_fitting
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed
from plm_project.outbox.events import publish
from plm_project.tenancy.states import step

MAX_COMMENT = 2000  # a vote keeps its comment itself


@transaction.atomic
def change_approve(
    *, actor: Actor, change_id: uuid.UUID, comment: str = "", expected_version: int | None = None
) -> EngineeringChange:
    """Approve as one of the named approvers; the last one's approval approves the change.

    Raises PermissionDenied for anybody else, Conflict when the change is not up for decision or they have decided
    already. Publishes change_approved with the last approval.
    """
    change, vote = _vote(actor, change_id, expected_version)
    _record(actor, vote, Decision.APPROVED, comment)
    waiting = bool(all_have_approved(change))
    if not waiting:
        step(change, "status", ChangeStatus.APPROVED, actor)
        change.decided_at = vote.decided_at
    change.save_as(actor, reason=comment or _("approved by %s") % actor.label)
    if not waiting:
        publish(actor, events.CHANGE_APPROVED, entity=change, data=_decision_facts(change, comment))
    return change


@transaction.atomic
def change_reject(
    *, actor: Actor, change_id: uuid.UUID, comment: str, expected_version: int | None = None
) -> EngineeringChange:
    """Reject as one of the named approvers, saying why. One rejection decides; it can be reopened as a draft.

    Raises as ``change_approve``, and ValidationFailed without a comment. Publishes change_rejected.
    """
    change, vote = _vote(actor, change_id, expected_version)
    if not comment.strip():
        raise ValidationFailed.field("comment", _("Say why you reject it."))
    _record(actor, vote, Decision.REJECTED, comment)
    change.transition_reason = comment
    step(change, "status", ChangeStatus.REJECTED, actor)
    change.decided_at = vote.decided_at
    change.save_as(actor, reason=comment)
    publish(actor, events.CHANGE_REJECTED, entity=change, data=_decision_facts(change, comment))
    return change


def _vote(actor: Actor, change_id: uuid.UUID, expected_version: int | None) -> tuple[EngineeringChange, Approval]:
    actor.require(permissions.CHANGES_APPROVE)
    change = change_locked(change_id)
    change.expect_version(expected_version)
    if refusal := is_named_approver(change, actor):
        raise PermissionDenied(refusal)
    if change.status != ChangeStatus.SUBMITTED:
        raise Conflict(
            _("%(number)s is %(status)s; there is nothing to decide.")
            % {"number": change.change_number, "status": change.get_status_display()}
        )
    vote = change.round_approvals().select_for_update().get(approver_id=actor.user_id)
    if vote.decision != Decision.PENDING:
        raise Conflict(_("You have decided already."))
    return change, vote


def _record(actor: Actor, vote: Approval, decision: Decision, comment: str) -> None:
    require_fitting("comment", comment, limit=MAX_COMMENT)
    vote.decision, vote.comment, vote.decided_at = decision, comment, clock.now()
    vote.save_as(actor, reason=comment or str(decision.label), update_fields=["decision", "comment", "decided_at"])


def _decision_facts(change: EngineeringChange, comment: str) -> dict[str, object]:
    votes = change.round_approvals().order_by("decided_at", "id")
    return {
        **change_facts(change),
        "comment": comment,
        "decisions": [
            {
                "user_id": vote.approver_id,
                "rules": vote.rules,
                "decision": vote.decision,
                "comment": vote.comment,
                "decided_at": vote.decided_at,
            }
            for vote in votes
        ],
    }
