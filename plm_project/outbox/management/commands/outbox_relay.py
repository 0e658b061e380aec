from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.outbox.relay import relay_all, relay_tenant
from plm_project.tenancy.commands import Answer, OperatorCommand
from plm_project.tenancy.models import Tenant


class Command(OperatorCommand):
    help = "Deliver waiting events to their subscribers, of one tenant or of all; --watch keeps on."
    needs_tenant = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="this tenant alone")
        parser.add_argument("--watch", type=float, metavar="SECONDS", help="repeat every SECONDS until stopped")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        tenant = None
        if options["tenant"]:
            tenant = Tenant.objects.filter(slug=options["tenant"]).first()
            if tenant is None:
                raise NotFound(f"No tenant has the slug {options['tenant']!r}.")
        while True:
            outcome = relay_tenant(tenant.pk) if tenant else relay_all()
            if not options["watch"]:
                return {"delivered": outcome.delivered, "failed": outcome.failed, "settled": outcome.settled}
            time.sleep(options["watch"])
