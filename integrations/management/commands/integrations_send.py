"""``manage.py integrations_send``: send what is due, now and in this process."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from integrations.models import Delivery
from integrations.services import deliveries_send, due_targets
from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    """All neighbours, one after the other."""

    help = "Send to the neighbours what is due now."

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Send, and say how deliveries stand."""
        assert actor is not None
        calls = 0
        targets = due_targets(actor.tenant_id)
        for done, (target_id, neighbour) in enumerate(targets, 1):
            calls += deliveries_send(actor.tenant_id, target_id)
            self.progress(done, len(targets), neighbour)
        standing = Delivery.objects.order_by().values_list("state").annotate(count=Count("id"))
        return {"calls": calls, "deliveries": dict(sorted(standing))}
