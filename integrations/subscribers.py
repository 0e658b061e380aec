"""What integrations do when something happens."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.services.making import deliveries_make
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import require_tenant_id


def neighbours_tell(events: Sequence[OutboxEvent]) -> None:
    """Make the deliveries of these events. May be told twice; a second time nothing is missing."""
    deliveries_make(actor=Actor.system(require_tenant_id(), "integrations"), events=events)
