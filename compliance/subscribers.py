"""What compliance does when something happens elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.services.starting import records_start
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import require_tenant_id


def tracking_start(events: Sequence[OutboxEvent]) -> None:
    """Start what is missing for the products of these events, all at once.

    Told of product_created and product_updated: a new product, a new revision, another type, another catalogue. May be
    told twice; a second time nothing is missing.
    """
    actor = Actor.system(require_tenant_id(), "compliance")
    records_start(actor=actor, product_ids={event.entity_id for event in events})
