from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from collaboration.services.idle import end_idle_of
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand
from plm_project.tenancy.models import Tenant

LONGEST = 24 * 365


class Command(OperatorCommand):
    help = "End active collaboration sessions that everybody has left, of one tenant or of all."
    needs_tenant = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="this tenant alone")
        parser.add_argument(
            "--hours",
            type=float,
            default=settings.COLLABORATION_IDLE_HOURS,
            metavar="N",
            help="nobody wrote or was present for so long (default: %(default)s)",
        )

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        if not 0 < options["hours"] <= LONGEST:
            raise ValidationFailed.field("hours", f"Give more than 0 and at most {LONGEST} hours.")
        tenants = Tenant.objects.filter(is_active=True).order_by("pk")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise NotFound(f"No active tenant has the slug {options['tenant']!r}.")
        idle = dt.timedelta(hours=options["hours"])
        ended = end_idle_of(list(tenants), idle=idle, label="manage.py collaboration_end_idle")
        sessions = [{"tenant": slug, "session_id": key} for slug, keys in ended.items() for key in keys]
        return {"ended": len(sessions), "sessions": sessions}
