"""Giving deliveries another try by hand, after whatever stopped them was put right."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from plm_project.accounts.permissions import EVENTS_REPLAY
from plm_project.core.actor import Actor
from plm_project.outbox.events import relay_after_commit
from plm_project.outbox.models import Delivery
from plm_project.outbox.relay import retry_now


@transaction.atomic
def deliveries_retry(*, actor: Actor, deliveries: Sequence[Delivery]) -> int:
    """Make the deliveries that have not arrived due again and ask for the relay; return how many there were."""
    actor.require(EVENTS_REPLAY)
    waiting = [delivery for delivery in deliveries if delivery.delivered_at is None]
    for delivery in waiting:
        retry_now(delivery)
    if waiting:
        relay_after_commit(actor.tenant_id)
    return len(waiting)
