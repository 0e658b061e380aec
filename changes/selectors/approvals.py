"""Votes: what waits for whom, and who stands in for whom."""

from __future__ import annotations

import uuid

from django.db.models import F, Q, QuerySet

from changes.choices import ChangeStatus, Decision
from changes.models import Approval, Delegation, EngineeringChange
from changes.policy.standing import delegations_of
from plm_project.core.actor import Actor


def approvals_waiting_for(user_id: uuid.UUID | None) -> QuerySet[Approval]:
    """Return the votes a person is asked for now, their own and those they may cast for somebody who is away, with their
    changes; the longest waiting first.
    """
    away = delegations_of(deputy=user_id).order_by().values("person_id") if user_id else ()
    rows = Approval.objects.filter(
        Q(approver_id=user_id) | (Q(approver_id__in=away) & ~Q(change__created_by_id=user_id)),
        decision=Decision.PENDING,
        is_asked=True,
        round=F("change__round"),
        change__status=ChangeStatus.SUBMITTED,
        change__is_deleted=False,
    )
    rows = rows.select_related("change", "change__created_by", "approver")
    return rows.order_by("change__submitted_at", "id")


def approvals_waiting_for_count(user_id: uuid.UUID | None) -> int:
    """Return how many votes wait for a person."""
    return approvals_waiting_for(user_id).count()


def vote_of(change: EngineeringChange, actor: Actor) -> Approval | None:
    """Return the vote the actor can cast on the change now, their own before one for somebody else, or None."""
    if actor.user_id is None:
        return None
    own = approvals_waiting_for(actor.user_id).filter(change=change)
    return min(own, key=lambda vote: vote.approver_id != actor.user_id, default=None)


def delegation_list(*, person_id: uuid.UUID | None = None, deputy_id: uuid.UUID | None = None) -> QuerySet[Delegation]:
    """Return delegations, the latest first: of a person, to a deputy, or where both are given of either."""
    rows = Delegation.objects.select_related("person", "deputy")
    wanted = Q()
    if person_id:
        wanted |= Q(person_id=person_id)
    if deputy_id:
        wanted |= Q(deputy_id=deputy_id)
    return rows.filter(wanted).order_by("-first_day", "-id")
