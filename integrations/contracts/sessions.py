"""plm_session_notice: when a session began and ended, who took part, what it was about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import ACCEPTED, ID, MOMENT, TEXT, listing, message, record


def gather(subject: Subject) -> Mapping[str, Any]:
    """Take it from the event, which says what the session was then."""
    return {**subject.data, "session_id": str(subject.entity_id)}


def to_payload(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Rename our fields to theirs; what was said and drawn stays here."""
    return {
        "room_id": facts["session_id"],
        "title": facts["title"],
        "state": facts["status"],
        "started_at": facts.get("started_at"),
        "ended_at": facts.get("ended_at"),
        "seconds": facts.get("duration_seconds"),
        "members": [{"user_id": str(one["user_id"]), "role": one["role"]} for one in facts.get("participants", [])],
        "topics": [
            *(f"product:{one['product_number']}" for one in facts.get("products", [])),
            *(f"change:{one['change_number']}" for one in facts.get("changes", [])),
        ],
    }


CONTRACT = Contract(
    key="plm_session_notice",
    version=1,
    neighbour="real_time_collaboration",
    title=gettext_lazy("Session"),
    path="/api/v1/collaboration/rooms",
    triggers=("collaboration_started", "collaboration_ended"),
    tells_events=True,
    schema=message(
        room_id=ID,
        title=TEXT,
        state=TEXT,
        started_at=MOMENT,
        ended_at=MOMENT,
        seconds={"type": ["integer", "null"], "minimum": 0},
        members=listing(record(user_id=ID, role=TEXT)),
        topics=listing(TEXT),
    ),
    answer_schema=ACCEPTED,
    gather=gather,
    map=to_payload,
    mapping=(
        ("session_id", "room_id"),
        ("status", "state"),
        ("duration_seconds", "seconds"),
        ("participants", "members"),
    ),
)
