"""What events about a change carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from changes.models import Approval, EngineeringChange
from changes.policy.standing import delegations_of
from plm_project.core import clock


def change_facts(change: EngineeringChange) -> dict[str, Any]:
    """Return what every event about a change carries; amounts in the tenant's currency."""
    affected = change.affected.select_related("product", "base_revision", "resulting_revision", "replacement")
    dispositions = change.dispositions.select_related("product")
    return {
        "change_id": change.pk,
        "change_number": change.change_number,
        "change_title": change.change_title,
        "change_type": change.change_type,
        "priority": change.priority,
        "urgency": change.urgency,
        "status": change.status,
        "cost_impact": change.cost_impact,
        "author_id": change.created_by_id,
        "affected_products": [
            {
                "product_id": entry.product_id,
                "product_number": entry.product.product_number,
                "action": entry.action,
                "replacement": entry.replacement.product_number if entry.replacement else None,
                "effective_from": entry.begins(change.effective_from),
                "base_revision": entry.base_revision.label,
                "resulting_revision": entry.resulting_revision.label if entry.resulting_revision else None,
            }
            for entry in affected
        ],
        "dispositions": [
            {
                "product_id": row.product_id,
                "product_number": row.product.product_number,
                "place": row.place,
                "action": row.action,
                "quantity": row.quantity,
                "cost": row.cost,
                "owner_id": row.owner_id,
                "due_on": row.due_on,
            }
            for row in dispositions
        ],
        "occurred_at": clock.now(),
    }


def submission_facts(change: EngineeringChange, asked: Sequence[Approval], comment: str) -> dict[str, Any]:
    """Return what change_submitted and approvals_asked tell: the change, and who is asked now. Whoever stands in for one of
    them today is asked as well; ``deputy_for`` says for whom.
    """
    approvers: list[dict[str, Any]] = [
        {"user_id": vote.approver_id, "email": vote.approver.email, "rules": [*vote.rules, *vote.stand_in_rules]}
        for vote in asked
    ]
    rules = {entry["user_id"]: entry["rules"] for entry in approvers}
    approvers += [
        {
            "user_id": one.deputy_id,
            "email": one.deputy.email,
            "rules": rules[one.person_id],
            "deputy_for": one.person_id,
        }
        for one in delegations_of(list(rules)).exclude(deputy_id=change.created_by_id).select_related("deputy")
        if one.deputy_id not in rules
    ]
    return {
        **change_facts(change),
        "comment": comment,
        "approvers": approvers,
        "fast_track": _fast_track_facts(change),
        "notification_priority": "high" if change.is_high_priority else "normal",
    }


def _fast_track_facts(change: EngineeringChange) -> dict[str, Any] | None:
    """Return why the running round goes the fast track and which rules it leaves out; None where all that apply are
    asked.
    """
    track = change.round_fast_track()
    return None if track is None else {"why": track.why, "left_out": [row["code"] for row in track.left_out]}
