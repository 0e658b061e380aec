"""A round of votes: opened when a change is submitted, and moved on with every vote, so that each is asked in their turn."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from changes import events
from changes.choices import Decision
from changes.content import void_votes
from changes.models import Approval, ApprovalRequirement, EngineeringChange, FastTrack
from changes.policy.standing import required_by, tally_of
from changes.policy.tally import Tally
from changes.services.approvers import AppliedPolicy
from changes.services.facts import submission_facts
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.outbox.events import publish

# What a requirement keeps of its rule.
KEPT = ("code", "name", "weight", "decides", "quorum", "step", "bars_author", "bars_release", "deadline_days",
        "remind_days", "escalation_role")  # fmt: skip
ASKING = ("is_asked", "asked_at", "due_at", "remind_at", "reminded_at", "escalated_at")


def round_open(actor: Actor, change: EngineeringChange, policy: AppliedPolicy) -> list[Approval]:
    """Keep what the policy asks of this round, make a vote for everybody it names, and return those asked at once."""
    requirements = [
        ApprovalRequirement(
            tenant_id=actor.tenant_id,
            change=change,
            round=change.round,
            why=applied.why,
            **{name: getattr(applied.rule, name) for name in KEPT},
        )
        for applied in policy.rules
        if applied.people
    ]
    ApprovalRequirement.objects.bulk_create(requirements)
    if policy.fast_track:
        _keep_fast_track(actor, change, policy)
    names = {one.code: one.name for one in requirements if one.name}
    votes = [
        Approval(
            tenant_id=actor.tenant_id,
            change=change,
            round=change.round,
            approver=entry.user,
            rules=entry.rules,
            rule_names={code: names[code] for code in entry.rules if code in names},
        )
        for entry in policy.named()
    ]
    asked = tally_of(requirements, votes).asked
    for vote in votes:
        _ask(vote, requirements, vote.pk in asked)
        vote.save_as(actor, reason=_("named by: %s") % ", ".join(vote.rules))
    return [vote for vote in votes if vote.is_asked]


def _keep_fast_track(actor: Actor, change: EngineeringChange, policy: AppliedPolicy) -> None:
    """Keep with the round why it goes the fast track, and who is not asked for that."""
    FastTrack(
        tenant_id=actor.tenant_id,
        change=change,
        round=change.round,
        conditions=list(policy.fast_track_conditions),
        why=policy.fast_track,
        left_out=[{"code": one.rule.code, "name": one.rule.label, "why": one.why} for one in policy.left_out],
    ).save()


def round_advance(
    actor: Actor, change: EngineeringChange, *, why: str = "step", again: Iterable[uuid.UUID] = ()
) -> Tally:
    """Ask whose turn has come, stop asking where enough others have decided, and return where the round stands.

    Publishes approvals_asked for those newly asked, and for the votes of ``again`` that are asked still.
    """
    requirements, votes = change.round_requirements(), list(change.round_approvals().select_related("approver"))
    void = {vote.pk for vote in void_votes(change)}
    found = tally_of(requirements, votes, void)
    known = required_by(requirements, votes)
    asked = []
    for vote in votes:
        is_asked = vote.pk in found.asked
        if vote.decision != Decision.PENDING or is_asked == vote.is_asked:
            continue
        _ask(vote, known, is_asked)
        vote.save_as(actor, reason=_("asked now") if is_asked else _("asked no more for now"), update_fields=ASKING)
        if is_asked:
            asked.append(vote)
    told = [vote for vote in votes if vote in asked or (vote.is_asked and vote.pk in set(again))]
    if told:
        approvals_tell(actor, change, told, why=why)
    return found


def approvals_tell(actor: Actor, change: EngineeringChange, asked: Sequence[Approval], *, why: str) -> None:
    """Publish approvals_asked for these votes. ``why``: step, reminder, escalation, rebased or edited."""
    facts = submission_facts(change, asked, "")
    publish(actor, events.APPROVALS_ASKED, entity=change, data={**facts, "why": why})


def _ask(vote: Approval, requirements: Sequence[ApprovalRequirement], is_asked: bool) -> None:
    """Note whether it is waited for, and until when: the shortest deadline of the rules that name the person counts."""
    vote.is_asked = is_asked
    vote.asked_at = clock.now() if is_asked else None
    vote.due_at = vote.remind_at = vote.reminded_at = vote.escalated_at = None
    own = {*vote.rules, *vote.stand_in_rules}
    timed = [one for one in requirements if one.code in own and one.deadline_days]
    if not is_asked or not timed:
        return
    first = min(timed, key=lambda one: one.deadline_days or 0)
    assert vote.asked_at is not None and first.deadline_days is not None
    vote.due_at = vote.asked_at + dt.timedelta(days=first.deadline_days)
    if first.remind_days:
        vote.remind_at = vote.due_at - dt.timedelta(days=first.remind_days)
