"""The process that the crash test kills: it commits one event and dies, at the point its arguments name.

crash.py SLUG before     killed after the commit, before any subscriber is called
crash.py SLUG within     killed in the subscriber, after it wrote its row and before the delivery is noted
crash.py SLUG relay      delivers what waits, as ``manage.py outbox_relay`` does
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from plm_project.core.actor import Actor  # noqa: E402
from plm_project.core.ids import uuid7  # noqa: E402
from plm_project.outbox import registry  # noqa: E402
from plm_project.outbox.events import publish  # noqa: E402
from plm_project.tenancy.models import NumberSequence, Tenant  # noqa: E402
from plm_project.tenancy.scope import tenant_scope  # noqa: E402

MOVED = "test_moved"


def main(slug: str, point: str) -> None:
    """Do as the arguments say."""

    def handler(event: Any) -> None:
        NumberSequence.objects.create(key=f"heard {event.event_data['n']}")
        if point == "within":
            os.kill(os.getpid(), signal.SIGKILL)

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    registry.declare([MOVED])
    registry.subscribe(MOVED, name="writer", handler=handler)
    if point == "relay":
        call_command("outbox_relay", "--json", tenant=slug)
        return
    tenant = Tenant.objects.get(slug=slug)
    with tenant_scope(tenant.pk, atomic=True):
        if point == "before":
            connection.on_commit(die)  # registered first, so that it runs first
        entity: Any = NumberSequence(id=uuid7(), tenant_id=tenant.pk)
        publish(Actor.system(tenant.pk), MOVED, entity=entity, data={"n": 1})


main(*sys.argv[1:])
