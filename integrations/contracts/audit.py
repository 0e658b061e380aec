"""plm_audit_stream: every event, as it was recorded, for the company's audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from integrations import events as own_events
from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import ACCEPTED, ID, MAYBE_ID, MOMENT, TEXT, message
from plm_project.ops.logging import masked
from plm_project.outbox.models import OutboxEvent
from products import events as product_events

# The siblings' events by name (SPEC §6); a test compares the list with what is declared.
EVERY_EVENT = (
    *product_events.EVENT_TYPES,
    "compliance_status_changed",
    "change_submitted",
    "change_approved",
    "change_rejected",
    "change_implemented",
    "approvals_asked",
    "change_requested",
    "change_request_answered",
    "disposition_assigned",
    "collaboration_started",
    "collaboration_ended",
    *own_events.EVENT_TYPES,
)


@dataclass(frozen=True)
class EventFacts:
    """One event of the outbox."""

    event_id: str
    event_type: str
    entity_type: str
    entity_id: str
    position: int
    tenant_id: str
    user_id: str | None
    request_id: str
    timestamp: str
    event_data: dict[str, Any]


def gather(subject: Subject) -> EventFacts:
    """Read the event."""
    event = OutboxEvent.objects.get(pk=subject.event_id)
    return EventFacts(
        event_id=str(event.pk),
        event_type=event.event_type,
        entity_type=event.entity_type,
        entity_id=str(event.entity_id),
        position=event.position,
        tenant_id=str(event.tenant_id),
        user_id=str(event.user_id) if event.user_id else None,
        request_id=event.request_id,
        timestamp=event.timestamp.isoformat(),
        event_data=event.event_data,
    )


def to_payload(facts: EventFacts) -> dict[str, Any]:
    """Rename our fields to theirs; what looks like a secret is masked."""
    return {
        "event_id": facts.event_id,
        "action": facts.event_type,
        "resource_type": facts.entity_type,
        "resource_id": facts.entity_id,
        "sequence": facts.position,
        "tenant_id": facts.tenant_id,
        "actor_id": facts.user_id,
        "correlation_id": facts.request_id,
        "occurred_at": facts.timestamp,
        "details": masked(facts.event_data),
    }


CONTRACT = Contract(
    key="plm_audit_stream",
    version=1,
    neighbour="audit_compliance",
    title=gettext_lazy("Audit stream"),
    path="/api/v1/audit/events",
    triggers=EVERY_EVENT,
    tells_events=True,
    schema=message(
        event_id=ID,
        action=TEXT,
        resource_type=TEXT,
        resource_id=ID,
        sequence={"type": "integer", "minimum": 1, "description": "Counts the events of one resource without a gap."},
        tenant_id=ID,
        actor_id=MAYBE_ID,
        correlation_id=TEXT,
        occurred_at=MOMENT,
        details={"type": "object"},
    ),
    answer_schema=ACCEPTED,
    gather=gather,
    map=to_payload,
    mapping=(
        ("event_type", "action"),
        ("entity_type", "resource_type"),
        ("entity_id", "resource_id"),
        ("position", "sequence"),
        ("user_id", "actor_id"),
        ("request_id", "correlation_id"),
        ("timestamp", "occurred_at"),
        ("event_data", "details"),
    ),
)
