from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from collaboration.services import mails_send_due, mails_send_due_all
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.tenancy.commands import Answer, OperatorCommand
from plm_project.tenancy.models import Tenant


class Command(OperatorCommand):
    help = "Send the mails of notices that are due, of one tenant or of all. For a schedule where no beat runs."
    needs_tenant = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="this tenant alone")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        tenant = None
        if options["tenant"]:
            tenant = Tenant.objects.filter(slug=options["tenant"], is_active=True).first()
            if tenant is None:
                raise NotFound(f"No active tenant has the slug {options['tenant']!r}.")
        run = mails_send_due(tenant.pk) if tenant else mails_send_due_all()
        return {
            "sent": run.sent,
            "postponed": run.postponed,
            "failed": run.failed,
            "dropped": run.dropped,
            "server_answers": not run.is_down,
        }
