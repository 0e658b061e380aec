"""Votes: what waits for whom."""

from __future__ import annotations

import uuid

from django.db.models import F, QuerySet

from changes.choices import ChangeStatus, Decision
from changes.models import Approval, EngineeringChange
from plm_project.core.actor import Actor


def approvals_waiting_for(user_id: uuid.UUID | None) -> QuerySet[Approval]:
    """Return the votes a person still has to cast, with their changes; the longest waiting first."""
    rows = Approval.objects.filter(
        approver_id=user_id,
        decision=Decision.PENDING,
        round=F("change__round"),
        change__status=ChangeStatus.SUBMITTED,
        change__is_deleted=False,
    )
    return rows.select_related("change", "change__created_by").order_by("change__submitted_at", "id")


def approvals_waiting_for_count(user_id: uuid.UUID | None) -> int:
    """Return how many votes wait for a person."""
    return approvals_waiting_for(user_id).count()


def vote_of(change: EngineeringChange, actor: Actor) -> Approval | None:
    """Return the vote the actor can cast on the change now, or None."""
    if actor.user_id is None:
        return None
    return approvals_waiting_for(actor.user_id).filter(change=change).first()
