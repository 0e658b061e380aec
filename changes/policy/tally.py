"""What the votes of a round amount to. Pure: it gets requirements and seats, and reads nothing.

- ``all`` wants every seat, ``any`` one, ``majority`` more than half of the seats, ``count`` the number the rule names.
- A requirement fails when so many have rejected that it cannot be met any more.
- Steps come one after the other: a step is open when every required one of the steps before is met.
- The round is approved when every required one is met, and there is at least one; it is rejected when one fails. What is
  optional or a comment is heard and decides nothing.
- Except for ``all``, nobody counts twice: whoever also signs for somebody absent is one person.
- Where a rule hands an overdue vote up, what a stand-in says counts for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from changes.choices import Decision, Quorum, RuleWeight


class Requirement(Protocol):
    """What one rule asks of a round. ``quorum`` counts for ``decides`` = count alone."""

    code: str
    weight: str
    decides: str
    quorum: int | None
    step: int


@dataclass(frozen=True)
class Seat:
    """One vote as it counts: a void one is pending. ``signer``: who gave it. ``rules`` named the person; ``stands_in``
    are rules where they answer for whoever is overdue.
    """

    vote_id: uuid.UUID
    signer: uuid.UUID
    decision: str
    rules: frozenset[str]
    stands_in: frozenset[str] = frozenset()
    is_escalated: bool = False


@dataclass(frozen=True)
class Standing:
    """Where one requirement stands. ``state``: met, failed, open, or later while its step is not reached."""

    code: str
    state: str
    needed: int
    approved: int
    rejected: int
    seats: int


@dataclass(frozen=True)
class Tally:
    """All of a round. ``step`` is the one that is open, None when nothing required is left."""

    standings: dict[str, Standing]
    step: int | None
    is_approved: bool
    is_rejected: bool
    asked: frozenset[uuid.UUID]


def tally(requirements: Sequence[Requirement], seats: Sequence[Seat]) -> Tally:
    """Return what the votes amount to. ``asked``: the pending votes that are waited for now, optional ones too."""
    found = {one.code: _standing(one, seats) for one in requirements}
    required = [one for one in requirements if one.weight == RuleWeight.REQUIRED]
    unmet = [one.step for one in required if found[one.code].state != "met"]
    step = min(unmet, default=None)
    standings = {
        one.code: _with_state(found[one.code], "later")
        if step is not None and one.step > step and found[one.code].state == "open"
        else found[one.code]
        for one in requirements
    }
    reached = {one.code for one in requirements if step is None or one.step <= step}
    waited = {code for code in reached if standings[code].state == "open"}
    return Tally(
        standings=standings,
        step=step,
        is_approved=bool(required) and not unmet,
        is_rejected=any(found[one.code].state == "failed" for one in required),
        asked=frozenset(
            seat.vote_id
            for seat in seats
            if seat.decision == Decision.PENDING and waited & (seat.rules | seat.stands_in)
        ),
    )


def is_reached(requirements: Iterable[Requirement], rules: Iterable[str], step: int | None) -> bool:
    """Tell whether a person whom these rules name may decide now: from the earliest of their steps on."""
    own = set(rules)
    return step is None or any(one.step <= step for one in requirements if one.code in own)


def _standing(requirement: Requirement, seats: Sequence[Seat]) -> Standing:
    code = requirement.code
    own = [(seat, seat.decision) for seat in seats if code in seat.rules]
    above = [seat for seat in seats if code in seat.stands_in and seat.decision != Decision.PENDING]
    # What a stand-in has said fills the seats of whoever is overdue.
    filled = [
        (above[0], above[0].decision)
        if seat.is_escalated and decision == Decision.PENDING and above
        else (seat, decision)
        for seat, decision in own
    ]
    approved = _count(requirement, filled, Decision.APPROVED)
    rejected = _count(requirement, filled, Decision.REJECTED)
    heard = _count(requirement, filled, Decision.COMMENTED)
    needed = needed_of(requirement, len(own))
    if requirement.weight == RuleWeight.COMMENT:
        state = "met" if heard >= needed else "open"
    elif approved >= needed:
        state = "met"
    else:
        state = "failed" if len(own) - rejected < needed else "open"
    return Standing(
        code, state, needed, heard if requirement.weight == RuleWeight.COMMENT else approved, rejected, len(own)
    )


def _count(requirement: Requirement, filled: Sequence[tuple[Seat, str]], decision: str) -> int:
    hits = [seat.signer for seat, said in filled if said == decision]
    return len(hits) if requirement.decides == Quorum.ALL else len(set(hits))


def needed_of(requirement: Requirement, seats: int) -> int:
    """Return how many approvals a requirement wants of its seats."""
    if requirement.decides == Quorum.ALL:
        return max(seats, 1)
    if requirement.decides == Quorum.MAJORITY:
        return seats // 2 + 1
    return 1 if requirement.decides == Quorum.ANY else max(requirement.quorum or 1, 1)


def _with_state(standing: Standing, state: str) -> Standing:
    return Standing(standing.code, state, standing.needed, standing.approved, standing.rejected, standing.seats)
