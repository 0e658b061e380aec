"""``manage.py capability_check``: are the neighbours there, and do they take our contracts?"""

from __future__ import annotations

from typing import Any

from integrations.services.platform import dependencies_check
from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    """Exits with 2 when a neighbour that is switched on does not answer or does not take a contract."""

    help = "Ask every neighbour of the tenant whether it is there and takes our contracts."

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Ask them all."""
        assert actor is not None
        found = dependencies_check(actor=actor)
        errors = [f"{entry.key}: {entry.message or entry.state}" for entry in found if entry.is_fault]
        return {"dependencies": [entry.as_dict() for entry in found], "errors": errors}

    def text(self, answer: Answer) -> str:
        """A line for each."""
        rows = (
            f"{row['key']:28} {row['state']:15} {row['contracts']:13} {row['message']}"
            for row in answer["dependencies"]
        )
        return "\n".join(row.rstrip() for row in rows)
