"""Votes: each named approver, or their deputy, decides once and signs it. What the votes amount to says the policy
(``policy/tally.py``): the last approval that is needed approves, the rejection that makes it impossible rejects.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import ChangeStatus, Decision, Meaning, RuleWeight
from changes.content import canonical, content_hash, content_of, hash_of
from changes.lifecycle import is_named_approver
from changes.models import Approval, ApprovalRequirement, Delegation, EngineeringChange, SignedContent
from changes.policy.standing import ballots_of, comments_only, required_by, round_tally
from changes.policy.tally import is_reached
from changes.services.facts import change_facts
from changes.services.locked import change_locked
from changes.services.reasons import require_fitting
from changes.services.rounds import round_advance
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
    Decision.COMMENTED: (Meaning.REVIEW,),
}


@dataclass(frozen=True)
class Signature:
    """What a person signs with: their password again, and what the signature means (default: what they decide)."""

    password: str = field(repr=False)
    meaning: str = ""


@dataclass(frozen=True)
class Ballot:
    """The vote that is cast, and the delegation under which somebody else than the approver casts it."""

    vote: Approval
    delegation: Delegation | None


def change_approve(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    signature: Signature,
    comment: str = "",
    on_behalf_of: uuid.UUID | None = None,
    expected_version: int | None = None,
) -> EngineeringChange:
    """Approve as one of the named approvers; the last approval that is needed approves the change.

    ``on_behalf_of``: whose vote it is, for a deputy; default the actor's own, else the one they may cast for somebody.
    Raises ValidationFailed for a wrong password, RateLimited after too many, PermissionDenied for anybody who is neither
    named nor the deputy of who is, Conflict when the change is not up for decision, it is not their turn yet, they are
    asked for a comment alone, or have decided already on what it says now. Publishes change_approved with the last
    approval, else approvals_asked when somebody else's turn comes.
    """
    signer, meaning = _signer(actor, signature, Decision.APPROVED)
    with transaction.atomic():
        change, ballot = _ballot(actor, change_id, expected_version, on_behalf_of, comments=False)
        _record(actor, change, ballot, Decision.APPROVED, comment, signer, meaning)
        approved = round_tally(change, ballot.vote.content_hash).is_approved
        if approved:
            step(change, "status", ChangeStatus.APPROVED, actor)
            change.decided_at = ballot.vote.decided_at
        change.save_as(actor, reason=comment or _("approved by %s") % actor.label)
        if approved:
            publish(actor, events.CHANGE_APPROVED, entity=change, data=_decision_facts(change, comment))
        else:
            round_advance(actor, change)
        return change


def change_reject(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    signature: Signature,
    comment: str,
    on_behalf_of: uuid.UUID | None = None,
    expected_version: int | None = None,
) -> EngineeringChange:
    """Reject as one of the named approvers, saying why. It decides when what a rule asks can no longer be given: at once
    where all must approve; then the change can be reopened as a draft.

    Raises as ``change_approve``, and ValidationFailed without a comment. Publishes change_rejected when it decides.
    """
    signer, meaning = _signer(actor, signature, Decision.REJECTED)
    with transaction.atomic():
        change, ballot = _ballot(actor, change_id, expected_version, on_behalf_of, comments=False)
        if not comment.strip():
            raise ValidationFailed.field("comment", _("Say why you reject it."))
        _record(actor, change, ballot, Decision.REJECTED, comment, signer, meaning)
        rejected = round_tally(change, ballot.vote.content_hash).is_rejected
        if rejected:
            change.transition_reason = comment
            step(change, "status", ChangeStatus.REJECTED, actor)
            change.decided_at = ballot.vote.decided_at
        change.save_as(actor, reason=comment)
        if rejected:
            publish(actor, events.CHANGE_REJECTED, entity=change, data=_decision_facts(change, comment))
        else:
            round_advance(actor, change)
        return change


def change_comment(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    signature: Signature,
    comment: str,
    on_behalf_of: uuid.UUID | None = None,
    expected_version: int | None = None,
) -> EngineeringChange:
    """Give the comment that a rule of weight comment asks for, signed as a review. It decides nothing.

    Raises as ``change_approve``, ValidationFailed without a comment, Conflict for who is asked for a decision.
    """
    signer, meaning = _signer(actor, signature, Decision.COMMENTED)
    with transaction.atomic():
        change, ballot = _ballot(actor, change_id, expected_version, on_behalf_of, comments=True)
        if not comment.strip():
            raise ValidationFailed.field("comment", _("Say what you think of it."))
        _record(actor, change, ballot, Decision.COMMENTED, comment, signer, meaning)
        change.save_as(actor, reason=comment)
        round_advance(actor, change)
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


def _ballot(
    actor: Actor,
    change_id: uuid.UUID,
    expected_version: int | None,
    on_behalf_of: uuid.UUID | None,
    *,
    comments: bool,
) -> tuple[EngineeringChange, Ballot]:
    """Return the vote that the actor casts now. The change's row is locked: it guards the votes."""
    change = change_locked(change_id)
    change.expect_version(expected_version)
    if refusal := is_named_approver(change, actor):
        raise PermissionDenied(refusal)
    if change.status != ChangeStatus.SUBMITTED:
        raise Conflict(
            _("%(number)s is %(status)s; there is nothing to decide.")
            % {"number": change.change_number, "status": change.get_status_display()}
        )
    found = [Ballot(*pair) for pair in ballots_of(change, actor)]
    if on_behalf_of is not None:
        found = [one for one in found if one.vote.approver_id == on_behalf_of]
        if not found:
            raise PermissionDenied(_("You do not stand in for an approver of this name today."))
    now = content_hash(change)
    standing = [one for one in found if _is_open(one.vote, now)]
    if not standing:
        raise Conflict(_("You have decided already."))
    ballot = next((one for one in standing if one.vote.is_asked), standing[0])
    requirements = required_by(change.round_requirements(), change.round_votes())
    _require_turn(change, ballot.vote, requirements, now)
    if comments_only(ballot.vote, requirements) != comments:
        raise Conflict(
            _("You are asked for a decision, not for a comment alone.")
            if comments
            else _("You are asked for a comment, not for a decision.")
        )
    return change, ballot


def _is_open(vote: Approval, content: str) -> bool:
    return vote.decision == Decision.PENDING or vote.content_hash != content


def _require_turn(
    change: EngineeringChange, vote: Approval, requirements: Sequence[ApprovalRequirement], now: str
) -> None:
    found = round_tally(change, now)
    if is_reached(requirements, (*vote.rules, *vote.stand_in_rules), found.step):
        return
    first = [one.label for one in requirements if one.step == found.step and one.weight == RuleWeight.REQUIRED]
    raise Conflict(_("It is not your turn yet: %(rules)s comes first.") % {"rules": ", ".join(first)})


def _record(
    actor: Actor,
    change: EngineeringChange,
    ballot: Ballot,
    decision: Decision,
    comment: str,
    signer: User,
    meaning: Meaning,
) -> None:
    require_fitting("comment", comment, limit=MAX_COMMENT)
    text = canonical(content_of(change))
    vote = ballot.vote
    vote.decided_by_id, vote.delegation = actor.user_id, ballot.delegation
    vote.decision, vote.comment, vote.decided_at = decision, comment, clock.now()
    vote.signed_name, vote.meaning, vote.content_hash = signer.get_full_name(), meaning, hash_of(text)
    vote.save_as(
        actor,
        reason=comment or str(decision.label),
        update_fields=[
            "decision",
            "comment",
            "decided_at",
            "signed_name",
            "meaning",
            "content_hash",
            "decided_by",
            "delegation",
        ],
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
                "decided_by": vote.decided_by_id,
            }
            for vote in votes
        ],
    }
