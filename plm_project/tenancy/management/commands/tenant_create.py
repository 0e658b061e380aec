from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from plm_project.tenancy.provisioning import tenant_create


class Command(OperatorCommand):
    help = "Create a tenant."
    needs_tenant = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--currency", default="EUR", help="ISO 4217 code (default EUR)")
        parser.add_argument("--if-missing", action="store_true", help="do nothing when the slug is taken")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        tenant, created = tenant_create(
            slug=options["slug"],
            name=options["name"],
            currency=options["currency"],
            if_missing=options["if_missing"],
        )
        return {"tenant_id": tenant.pk, "slug": tenant.slug, "created": created}
