"""What events about a session carry."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from collaboration.models import CollaborationSession, SessionUpdate
from plm_project.core import clock


def session_facts(session: CollaborationSession) -> dict[str, Any]:
    """Return what every event about a session carries: people, and what it is about."""
    participants = session.participants.order_by("created_at")
    products = session.product_links.select_related("product").order_by("created_at")
    changes = session.change_links.select_related("change").order_by("created_at")
    return {
        "session_id": session.pk,
        "title": session.title,
        "status": session.status,
        "owner_id": session.owner_id,
        "features": session.features,
        "scheduled_for": session.scheduled_for,
        "started_at": session.started_at,
        "participants": [{"user_id": entry.user_id, "role": entry.role} for entry in participants],
        "products": [
            {"product_id": link.product_id, "product_number": link.product.product_number} for link in products
        ],
        "changes": [{"change_id": link.change_id, "change_number": link.change.change_number} for link in changes],
        "occurred_at": clock.now(),
    }


def ending_facts(session: CollaborationSession) -> dict[str, Any]:
    """Return what the end adds: when and why, how long it was (whole seconds; None when it never began), and how many
    updates of which kind were stored ("other": extensions)."""
    counted = SessionUpdate.objects.filter(session=session).order_by().values_list("kind").annotate(number=Count("pk"))
    length = session.ended_at - session.started_at if session.ended_at and session.started_at else None
    return {
        "ended_at": session.ended_at,
        "reason": session.end_reason,
        "duration_seconds": int(length.total_seconds()) if length is not None else None,
        "update_count": session.last_sequence,
        "update_counts": {kind or "other": number for kind, number in counted},
    }
