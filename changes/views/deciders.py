"""Who decides about a change, as its page tells it: who would be asked and why, and what the votes stand at."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from changes.choices import ChangeStatus, Decision, Quorum, RuleWeight
from changes.content import void_votes
from changes.models import Approval, ApprovalRequirement, ApprovalRule, EngineeringChange, FastTrack
from changes.policy.standing import required_by, tally_of
from changes.policy.tally import Tally, is_reached
from changes.services import policy_apply
from changes.services.approvers import AppliedRule
from plm_project.core import clock

STATES = {
    "met": _lazy("Given"),
    "failed": _lazy("Refused"),
    "open": _lazy("Waiting"),
    "later": _lazy("Later"),
}


@dataclass(frozen=True)
class Asked:
    """A rule that applies: why, how many it takes, when it is asked, and whom it names."""

    name: str
    why: str
    how: str
    step: int
    people: tuple[str, ...]
    fault: str


@dataclass(frozen=True)
class Preview:
    """What the policy would ask if it were submitted now; ``faults`` when that would be refused. ``fast_track``: why it
    would go the fast track, with the rules that are ``left_out`` for that.
    """

    rules: tuple[Asked, ...]
    faults: tuple[str, ...]
    has_steps: bool
    fast_track: str
    left_out: tuple[Asked, ...]


def approvers_preview(change: EngineeringChange) -> Preview:
    """Return who would have to approve the draft as it stands."""
    policy = policy_apply(change)
    rules = tuple(_asked(one) for one in policy.rules)
    return Preview(
        rules=rules,
        faults=policy.faults,
        has_steps=len({one.step for one in rules}) > 1,
        fast_track=policy.fast_track,
        left_out=tuple(_asked(one) for one in policy.left_out),
    )


def _asked(one: AppliedRule) -> Asked:
    return Asked(
        name=one.rule.label,
        why=one.why,
        how=how_words(one.rule, len(one.people)),
        step=one.rule.step,
        people=tuple(user.get_full_name() for user in one.people),
        fault=one.fault,
    )


def how_words(rule: ApprovalRule | ApprovalRequirement, people: int) -> str:
    """Return how many of the people must approve, and what it means."""
    if rule.weight == RuleWeight.COMMENT:
        return _("asked for a comment")
    if people > 1:
        words = {
            Quorum.ALL: _("all of %(people)s") % {"people": people},
            Quorum.ANY: _("any of %(people)s") % {"people": people},
            Quorum.MAJORITY: _("more than half of %(people)s") % {"people": people},
            Quorum.COUNT: _("%(number)s of %(people)s") % {"number": rule.quorum, "people": people},
        }[Quorum(rule.decides)]
    else:
        words = ""
    optional = _("not waited for") if rule.weight == RuleWeight.OPTIONAL else ""
    return ", ".join(part for part in (words, optional) if part)


@dataclass(frozen=True)
class Ballot:
    """One vote, and what is to be said beside it. ``is_free``: it is not waited for any more, and may still be cast."""

    vote: Approval
    is_void: bool
    is_late: bool
    is_free: bool
    note: str


@dataclass(frozen=True)
class Required:
    """One requirement of a round, and where it stands."""

    label: str
    why: str
    how: str
    step: int
    state: str
    state_label: Any
    said: str


@dataclass(frozen=True)
class Round:
    """One submission: what was required, and the votes; ``fast_track``, where it went that, with who was not asked."""

    number: int
    is_running: bool
    requirements: tuple[Required, ...]
    ballots: tuple[Ballot, ...]
    has_steps: bool
    fast_track: FastTrack | None


def rounds_of(change: EngineeringChange) -> list[Round]:
    """Return the rounds, the last one first. No query beyond ``change_get`` but for what the votes were given to."""
    submitted = change.status == ChangeStatus.SUBMITTED
    counting = submitted or change.status == ChangeStatus.APPROVED
    void = frozenset(vote.pk for vote in void_votes(change)) if counting else frozenset()
    kept: dict[int, list[ApprovalRequirement]] = {}
    for one in sorted(change.requirements.all(), key=lambda found: (found.step, found.pk)):
        kept.setdefault(one.round, []).append(one)
    tracks = {one.round: one for one in change.fast_tracks.all()}
    return [
        _round(
            number,
            list(votes),
            kept.get(number, []),
            void,
            tracks.get(number),
            is_running=submitted and number == change.round,
        )
        for number, votes in groupby(change.approvals.all(), key=lambda vote: vote.round)
    ]


def _round(
    number: int,
    votes: Sequence[Approval],
    kept: Sequence[ApprovalRequirement],
    void: Iterable[uuid.UUID],
    fast_track: FastTrack | None,
    *,
    is_running: bool,
) -> Round:
    known = required_by(kept, votes)
    found = tally_of(kept, votes, void)
    return Round(
        number=number,
        is_running=is_running,
        requirements=tuple(_required(one, found) for one in known),
        ballots=tuple(_ballot(vote, known, found, vote.pk in void, is_running=is_running) for vote in votes),
        has_steps=len({one.step for one in known}) > 1,
        fast_track=fast_track,
    )


def _required(one: ApprovalRequirement, found: Tally) -> Required:
    standing = found.standings[one.code]
    said = _("%(given)s of %(needed)s") % {"given": standing.approved, "needed": standing.needed}
    return Required(
        label=one.label,
        why=one.why,
        how=how_words(one, standing.seats),
        step=one.step,
        state=standing.state,
        state_label=STATES[standing.state],
        said=said,
    )


def _ballot(
    vote: Approval, requirements: Sequence[ApprovalRequirement], found: Tally, is_void: bool, *, is_running: bool
) -> Ballot:
    if not is_running or vote.decision != Decision.PENDING:
        return Ballot(vote, is_void, is_late=False, is_free=False, note="")
    if vote.is_asked:
        is_late = vote.due_at is not None and vote.due_at < clock.now()
        return Ballot(vote, is_void, is_late=is_late, is_free=False, note="")
    if is_reached(requirements, (*vote.rules, *vote.stand_in_rules), found.step):
        return Ballot(vote, is_void, is_late=False, is_free=True, note=_("not needed any more"))
    before = [one.label for one in requirements if one.step == found.step and one.weight == RuleWeight.REQUIRED]
    note = _("asked after: %(rules)s") % {"rules": ", ".join(before)}
    return Ballot(vote, is_void, is_late=False, is_free=False, note=note)
