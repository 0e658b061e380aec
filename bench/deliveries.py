"""``python -m bench.deliveries``: thousands of events through a neighbour that fails a share of its calls.

    python -m bench.deliveries [--events 10000] [--share 0.3] [--json FILE]

Two of three failing calls answer 500 without doing anything; the third does it and loses the answer on its way. Waiting
(back-off, breaker) is done by moving the clock, so that the time told is that of the work alone. What is left to a
person is sent again as a person would. It ends with the check that each event was carried out once and in order.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import time
import uuid
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from bench.database import bench_database

EACH = 10  # events of one product
ROUND = dt.timedelta(seconds=5)  # between two looks at what is due, as the schedule does
AUDIT, PATH = "audit_compliance", "/api/v1/audit/events"


@dataclass(frozen=True)
class Result:
    """What came of it. ``repeated``: calls of something that was carried out before, which the receiver knew by its key."""

    events: int
    calls: int
    failed_calls: int
    repeated: int
    for_review: int
    breaker_opened: int
    carried_out: int
    lost: int
    twice: int
    out_of_order: int
    seconds: float
    per_second: float

    @property
    def is_right(self) -> bool:
        """Whether each was carried out once, in the order of its product."""
        return self.carried_out == self.events and not (self.lost or self.twice or self.out_of_order)


def main() -> int:
    """Run on a database of its own; 0 when every event arrived once and in order."""
    parser = argparse.ArgumentParser(prog="bench.deliveries", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--share", type=float, default=0.3)
    options = parser.parse_args()
    os.environ["CELERY_BROKER_URL"] = "memory://"  # nobody listens there: what is sent is sent by the loop below
    with bench_database():
        from integrations.simulators.server import Simulator
        from plm_project.tenancy.provisioning import tenant_create

        tenant, _made = tenant_create(slug="bench", name="Bench", currency="EUR")
        with Simulator() as simulator:
            result = deliveries_run(tenant.pk, simulator, products=options.events // EACH, share=options.share)
    print(json.dumps(asdict(result), indent=2))
    return 0 if result.is_right else 1


def deliveries_run(tenant_id: uuid.UUID, simulator: Any, *, products: int, share: float) -> Result:
    """Publish ``EACH`` events for each of ``products``, send them all, and judge what arrived."""
    from integrations.clients.breaker import CHANGES
    from integrations.models import Attempt, Delivery
    from integrations.services import deliveries_replay, deliveries_send, target_save
    from plm_project.core import clock
    from plm_project.core.actor import Actor
    from plm_project.tenancy.scope import tenant_scope

    actor = Actor.system(tenant_id, "bench")
    with tenant_scope(tenant_id, atomic=True):
        target = target_save(
            actor=actor,
            neighbour_key=AUDIT,
            base_url=simulator.url,
            token=uuid.uuid4().hex,
            allow_private=True,
        )
    events = _publish(actor, products)
    simulator.fail(PATH, "500", -1, share=share * 2 / 3)
    simulator.fail(PATH, "lost", -1, share=share / 3 / (1 - share * 2 / 3))
    opened = CHANGES.labels(neighbour=AUDIT, to="open")._value.get()
    reviews, start, moment = 0, time.monotonic(), clock.now()
    while True:
        with clock.fixed(moment):
            deliveries_send(tenant_id, target.pk)
            with tenant_scope(tenant_id, atomic=True):
                waiting = Delivery.objects.filter(state="waiting").exists()
                stuck = Delivery.objects.filter(state="review").count()
                if not waiting and not stuck:
                    break
                if stuck:
                    reviews += stuck
                    deliveries_replay(actor=actor, neighbour_key=AUDIT)
        moment += ROUND
    seconds = time.monotonic() - start
    with tenant_scope(tenant_id):
        calls = Attempt.objects.count()
        failed = Attempt.objects.exclude(outcome="success").count()
    return _judged(
        simulator,
        events,
        calls=calls,
        failed_calls=failed,
        for_review=reviews,
        breaker_opened=int(CHANGES.labels(neighbour=AUDIT, to="open")._value.get() - opened),
        seconds=round(seconds, 1),
        per_second=round(events / seconds, 1),
    )


def _publish(actor: Any, products: int) -> int:
    """Make products and tell of each several times; return the number of events that are on their way."""
    from integrations.models import Delivery
    from plm_project.outbox.events import publish_many
    from plm_project.outbox.relay import relay_tenant
    from plm_project.tenancy.scope import tenant_scope
    from products.events import PRODUCT_UPDATED
    from products.services import product_create
    from products.services.products import product_facts

    with tenant_scope(actor.tenant_id, atomic=True):
        made = [
            product_create(actor=actor, data={"product_number": f"P-{at}", "product_name": f"Product {at}"})
            for at in range(products)
        ]
        for _round in range(EACH - 1):
            publish_many(actor, PRODUCT_UPDATED, [(one, {**product_facts(one), "changes": {}}) for one in made])
    relay_tenant(actor.tenant_id)
    with tenant_scope(actor.tenant_id):
        return int(Delivery.objects.count())


def _judged(simulator: Any, events: int, **figures: Any) -> Result:
    arrived: dict[str, list[int]] = defaultdict(list)
    for entry in simulator.done(PATH):
        arrived[entry["payload"]["resource_id"]].append(entry["payload"]["sequence"])
    carried_out = sum(map(len, arrived.values()))
    different = sum(len(set(numbers)) for numbers in arrived.values())
    received = [entry for entry in simulator.received if entry["path"] == PATH]
    answered = [entry for entry in received if entry["mode"] in ("", "lost")]
    return Result(
        events=events,
        repeated=len(answered) - carried_out,
        carried_out=carried_out,
        lost=events - different,
        twice=carried_out - different,
        out_of_order=sum(numbers != sorted(numbers) for numbers in arrived.values()),
        **figures,
    )


if __name__ == "__main__":
    sys.exit(main())
