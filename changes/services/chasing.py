"""Votes that are late: a reminder before the deadline, and after it whoever the rule hands them up to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from changes.choices import ChangeStatus, Decision
from changes.models import Approval, ApprovalRequirement, EngineeringChange
from changes.services.approvers import members_who_approve
from changes.services.locked import change_locked
from changes.services.rounds import approvals_tell
from plm_project.core import clock
from plm_project.core.actor import Actor


@dataclass
class Chased:
    """How many votes were reminded of, and how many handed up."""

    reminded: int = 0
    escalated: int = 0


def approvals_chase(*, actor: Actor) -> Chased:
    """Remind of every vote whose reminder is due, and hand up those past their deadline, each once: under the lock of
    its change, so safe to run twice and beside itself. Publishes approvals_asked, once a change and kind.
    """
    done = Chased()
    for change_id in list(_late().order_by("change_id").values_list("change_id", flat=True).distinct()):
        with transaction.atomic():
            change = change_locked(change_id)
            _remind(actor, change, done)
            _hand_up(actor, change, done)
    return done


def _late() -> QuerySet[Approval]:
    now = clock.now()
    return Approval.objects.filter(
        Q(remind_at__lte=now, reminded_at__isnull=True) | Q(due_at__lte=now, escalated_at__isnull=True),
        decision=Decision.PENDING,
        is_asked=True,
        round=F("change__round"),
        change__status=ChangeStatus.SUBMITTED,
        change__is_deleted=False,
    )


def _remind(actor: Actor, change: EngineeringChange, done: Chased) -> None:
    """Remind of what is nearly due; what is past its deadline is handed up instead, and its people are told with it."""
    now = clock.now()
    votes = _late().filter(change=change, remind_at__lte=now, due_at__gt=now, reminded_at__isnull=True)
    reminded = list(votes.select_related("approver"))
    for vote in reminded:
        vote.reminded_at = now
        vote.save_as(actor, reason=_("reminded"), update_fields=["reminded_at"])
    if reminded:
        approvals_tell(actor, change, reminded, why="reminder")
        done.reminded += len(reminded)


def _hand_up(actor: Actor, change: EngineeringChange, done: Chased) -> None:
    now = clock.now()
    late = list(_late().filter(change=change, due_at__lte=now, escalated_at__isnull=True).select_related("approver"))
    requirements = {one.code: one for one in change.round_requirements()}
    told: dict[uuid.UUID, Approval] = {}
    for vote in late:
        vote.escalated_at = now
        vote.save_as(actor, reason=_("past its deadline"), update_fields=["escalated_at"])
        told[vote.approver_id] = vote
    for code in dict.fromkeys(code for vote in late for code in vote.rules):
        found = requirements.get(code)
        if found is not None and found.escalation_role:
            told |= {vote.approver_id: vote for vote in _stand_ins(actor, change, found)}
    if told:
        approvals_tell(actor, change, list(told.values()), why="escalation")
        done.escalated += len(late)


def _stand_ins(actor: Actor, change: EngineeringChange, requirement: ApprovalRequirement) -> list[Approval]:
    """Let everybody with the role answer for the requirement who is not asked by it already."""
    found = []
    votes = {vote.approver_id: vote for vote in change.round_approvals().select_related("approver")}
    for user_id, member in members_who_approve().items():
        if requirement.escalation_role not in member.roles or user_id == change.created_by_id:
            continue
        vote = votes.get(user_id) or Approval(
            tenant_id=actor.tenant_id, change=change, round=change.round, approver=member.user, rules=[]
        )
        if requirement.code in (*vote.rules, *vote.stand_in_rules) or vote.decision != Decision.PENDING:
            continue  # what somebody has decided already was for their own rules
        vote.stand_in_rules = [*vote.stand_in_rules, requirement.code]
        if requirement.name:
            vote.rule_names = {**vote.rule_names, requirement.code: requirement.name}
        vote.is_asked, vote.asked_at = True, vote.asked_at or clock.now()
        vote.save_as(actor, reason=_("stands in: %s is late") % requirement.label)
        found.append(vote)
    return found
