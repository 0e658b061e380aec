"""``manage.py integrations_catch_up``: tell a neighbour what it missed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from integrations.services import neighbour_catch_up
from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand, moment_of


class Command(OperatorCommand):
    """Everything, or since a moment; what was told already is not told again."""

    help = "Tell a neighbour what happened before it was configured, or while it was switched off."

    def arguments(self, parser: ArgumentParser) -> None:
        """Whom, and since when."""
        parser.add_argument("neighbour", help="such as manufacturing")
        parser.add_argument("--since", metavar="TIME", help="happened since (2026-11-27T06:00)")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Make the deliveries."""
        assert actor is not None
        count = neighbour_catch_up(
            actor=actor, neighbour_key=options["neighbour"], since=moment_of("since", options["since"])
        )
        return {"made": count}
