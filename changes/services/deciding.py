"""Votes: each named approver decides once and signs it; one rejection rejects, the last approval approves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import ChangeStatus, Decision, Meaning
from changes.content import canonical, content_hash, content_of, hash_of
from changes.lifecycle import all_have_approved, is_named_approver
from changes.models import Approval, EngineeringChange, SignedContent
from changes.services.facts import change_facts
from changes.services.locked import change_locked
from changes.services.reasons import require_fitting
from plm_project.accounts.models import User
from plm_project.accounts.reentry import password_confirm
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed
from plm_project.outbox.events import publish
from plm_project.tenancy.states import step

MAX_COMMENT = 2000  # a vote keeps its comment itself
MEANINGS = {
    Decision.APPROVED: (Meaning.APPROVAL, Meaning.REVIEW, Meaning.RESPONSIBILITY),
    Decision.REJECTED: (Meaning.REJECTION,),
}


@dataclass(frozen=True)
class Signature:
    """What a person signs with: their password again, and what the signature means (default: what they decide)."""

    password: str = field(repr=False)
    meaning: str = ""


def change_approve(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    signature: Signature,
    comment: str = "",
    expected_version: int | None = None,
) -> EngineeringChange:
    """Approve as one of the named approvers; the last one's approval approves the change.

    Raises ValidationFailed for a wrong password, RateLimited after too many, PermissionDenied for anybody who is not
    named, Conflict when the change is not up for decision or they have decided already on what it says now. Publishes
    change_approved with the last approval.
    """
    signer, meaning = _signer(actor, signature, Decision.APPROVED)
    with transaction.atomic():
        return _approve(actor, change_id, signer, meaning, comment, expected_version)


def _approve(
    actor: Actor, change_id: uuid.UUID, signer: User, meaning: Meaning, comment: str, expected_version: int | None
) -> EngineeringChange:
    change, vote = _vote(actor, change_id, expected_version)
    _record(actor, change, vote, Decision.APPROVED, comment, signer, meaning)
    waiting = bool(all_have_approved(change))
    if not waiting:
        step(change, "status", ChangeStatus.APPROVED, actor)
        change.decided_at = vote.decided_at
    change.save_as(actor, reason=comment or _("approved by %s") % actor.label)
    if not waiting:
        publish(actor, events.CHANGE_APPROVED, entity=change, data=_decision_facts(change, comment))
    return change


def change_reject(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    signature: Signature,
    comment: str,
    expected_version: int | None = None,
) -> EngineeringChange:
    """Reject as one of the named approvers, saying why. One rejection decides; it can be reopened as a draft.

    Raises as ``change_approve``, and ValidationFailed without a comment. Publishes change_rejected.
    """
    signer, meaning = _signer(actor, signature, Decision.REJECTED)
    with transaction.atomic():
        return _reject(actor, change_id, signer, meaning, comment, expected_version)


def _reject(
    actor: Actor, change_id: uuid.UUID, signer: User, meaning: Meaning, comment: str, expected_version: int | None
) -> EngineeringChange:
    change, vote = _vote(actor, change_id, expected_version)
    if not comment.strip():
        raise ValidationFailed.field("comment", _("Say why you reject it."))
    _record(actor, change, vote, Decision.REJECTED, comment, signer, meaning)
    change.transition_reason = comment
    step(change, "status", ChangeStatus.REJECTED, actor)
    change.decided_at = vote.decided_at
    change.save_as(actor, reason=comment)
    publish(actor, events.CHANGE_REJECTED, entity=change, data=_decision_facts(change, comment))
    return change


def _signer(actor: Actor, signature: Signature, decision: Decision) -> tuple[User, Meaning]:
    """Return who signs, and what it means. Before anything is locked: hashing a password takes its time."""
    actor.require(permissions.CHANGES_APPROVE)
    meaning = signature.meaning or MEANINGS[decision][0]
    if meaning not in MEANINGS[decision]:
        raise ValidationFailed.field(
            "signature.meaning", _("Choose one of: %(choices)s") % {"choices": ", ".join(MEANINGS[decision])}
        )
    return password_confirm(actor, signature.password, field="signature.password"), Meaning(meaning)


def _vote(actor: Actor, change_id: uuid.UUID, expected_version: int | None) -> tuple[EngineeringChange, Approval]:
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
    if vote.decision != Decision.PENDING and vote.content_hash == content_hash(change):
        raise Conflict(_("You have decided already."))
    return change, vote


def _record(
    actor: Actor,
    change: EngineeringChange,
    vote: Approval,
    decision: Decision,
    comment: str,
    signer: User,
    meaning: Meaning,
) -> None:
    require_fitting("comment", comment, limit=MAX_COMMENT)
    text = canonical(content_of(change))
    vote.decision, vote.comment, vote.decided_at = decision, comment, clock.now()
    vote.signed_name, vote.meaning, vote.content_hash = signer.get_full_name(), meaning, hash_of(text)
    vote.save_as(
        actor,
        reason=comment or str(decision.label),
        update_fields=["decision", "comment", "decided_at", "signed_name", "meaning", "content_hash"],
    )
    if not SignedContent.objects.filter(change=change, content_hash=vote.content_hash).exists():
        SignedContent(tenant_id=actor.tenant_id, change=change, content_hash=vote.content_hash, text=text).save()


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
                "signed_name": vote.signed_name,
                "meaning": vote.meaning,
                "content_hash": vote.content_hash,
            }
            for vote in votes
        ],
    }
