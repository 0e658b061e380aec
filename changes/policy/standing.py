"""Where a change stands with its approvers: its requirements and votes, put to ``tally``. Reads, and writes nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import QuerySet

from changes.choices import Decision, RuleWeight
from changes.content import void_votes
from changes.permissions import CHANGES_APPROVE
from changes.policy.attributes import facts_of
from changes.policy.conditions import NO_THRESHOLD, alternative_held, alternatives_of
from changes.policy.tally import Seat, Tally, tally
from plm_project.core import clock
from plm_project.core.actor import Actor

if TYPE_CHECKING:
    from changes.models import Approval, ApprovalRequirement, Delegation, EngineeringChange


def round_tally(change: EngineeringChange, now: str = "") -> Tally:
    """Return what the votes of the running round amount to; those given to another content do not count. ``now`` is the
    hash of the content where the caller has it already.
    """
    void = {vote.pk for vote in void_votes(change, now)}
    return tally_of(change.round_requirements(), change.round_votes(), void)


def fast_track_fits(change: EngineeringChange) -> bool:
    """Whether a change that went the fast track still is what the policy called small when it was submitted; True for
    one that did not go it. Two queries, none for the others but what the change was read without.
    """
    track = change.round_fast_track()
    if track is None:
        return True
    return alternative_held(alternatives_of("", track.conditions), facts_of(change), NO_THRESHOLD) is not None


def tally_of(
    requirements: Sequence[ApprovalRequirement], votes: Sequence[Approval], void: Iterable[uuid.UUID] = ()
) -> Tally:
    """Return what these votes of one round amount to."""
    return tally(required_by(requirements, votes), [_seat(vote, frozenset(void)) for vote in votes])


def required_by(requirements: Sequence[ApprovalRequirement], votes: Sequence[Approval]) -> list[ApprovalRequirement]:
    """Return the requirements of a round. A rule that only the votes know, from before requirements were kept, asks all
    whom it names, at once.
    """
    known = {one.code for one in requirements}
    model = apps.get_model("changes", "ApprovalRequirement")
    told = dict.fromkeys(code for vote in votes for code in vote.rules if code not in known)
    return [*requirements, *(model(code=code, round=votes[0].round) for code in told)]


def delegations_of(
    people: Iterable[uuid.UUID] | None = None, *, deputy: uuid.UUID | None = None, day: dt.date | None = None
) -> QuerySet[Delegation]:
    """Return the delegations that hold on a day, default today: of these people, or to a deputy."""
    day = day or clock.today()
    rows = apps.get_model("changes", "Delegation").objects.filter(first_day__lte=day, last_day__gte=day)
    rows = rows.order_by("first_day", "id")
    if people is not None:
        rows = rows.filter(person_id__in=people)
    return rows if deputy is None else rows.filter(deputy_id=deputy)


def ballots_of(change: EngineeringChange, actor: Actor) -> list[tuple[Approval, Delegation | None]]:
    """Return the votes of the running round that the actor may cast or has cast: their own first, then those of whom they
    stand in for today. Nobody decides for somebody else about a change of their own.
    """
    votes = change.round_votes()
    own: list[tuple[Approval, Delegation | None]] = [
        (vote, None) for vote in votes if vote.approver_id == actor.user_id
    ]
    if not votes or actor.user_id is None or actor.user_id == change.created_by_id or not actor.may(CHANGES_APPROVE):
        return own if actor.user_id else []
    given = {one.person_id: one for one in delegations_of(deputy=actor.user_id)}
    return [*own, *((vote, given[vote.approver_id]) for vote in votes if vote.approver_id in given)]


def comments_only(vote: Approval, requirements: Sequence[ApprovalRequirement]) -> bool:
    """Whether every rule that names the person asks for a comment alone."""
    own = {*vote.rules, *vote.stand_in_rules}
    return all(one.weight == RuleWeight.COMMENT for one in requirements if one.code in own)


def has_decided(change: EngineeringChange, user_id: uuid.UUID) -> set[str]:
    """Return the codes of the requirements of the running round that a person has decided on, also for somebody else."""
    return {
        code
        for vote in change.round_votes()
        if vote.decision != Decision.PENDING and user_id == (vote.decided_by_id or vote.approver_id)
        for code in (*vote.rules, *vote.stand_in_rules)
    }


def _seat(vote: Approval, void: frozenset[uuid.UUID]) -> Seat:
    return Seat(
        vote_id=vote.pk,
        signer=vote.decided_by_id or vote.approver_id,
        decision=Decision.PENDING if vote.pk in void else vote.decision,
        rules=frozenset(vote.rules),
        stands_in=frozenset(vote.stand_in_rules),
        is_escalated=vote.escalated_at is not None,
    )
