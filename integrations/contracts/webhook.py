"""plm_webhook: an event as it was recorded, for whoever asked to hear of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from integrations.contracts.audit import EVERY_EVENT, EventFacts, gather
from integrations.contracts.base import Contract
from integrations.contracts.schemas import ID, MAYBE_ID, MOMENT, TEXT, message
from integrations.neighbours import WEBHOOK
from plm_project.ops.logging import masked

PING = "ping"


def to_payload(facts: EventFacts) -> dict[str, Any]:
    """Say it under our own names (SPEC §6); what looks like a secret is masked."""
    return {
        "event_id": facts.event_id,
        "event_type": facts.event_type,
        "entity_type": facts.entity_type,
        "entity_id": facts.entity_id,
        "position": facts.position,
        "tenant_id": facts.tenant_id,
        "user_id": facts.user_id,
        "timestamp": facts.timestamp,
        "event_data": masked(facts.event_data),
    }


CONTRACT = Contract(
    key="plm_webhook",
    version=1,
    neighbour=WEBHOOK.key,
    title=gettext_lazy("Webhook"),
    path="",
    triggers=EVERY_EVENT,
    tells_events=True,
    success=frozenset(range(200, 300)),
    reads_answer=False,
    schema=message(
        event_id=ID,
        event_type=TEXT,
        entity_type=TEXT,
        entity_id=ID,
        position={"type": "integer", "minimum": 1, "description": "Counts the events of one entity without a gap."},
        tenant_id=ID,
        user_id=MAYBE_ID,
        timestamp=MOMENT,
        event_data={"type": "object"},
    ),
    answer_schema={},
    gather=gather,
    map=to_payload,
)
