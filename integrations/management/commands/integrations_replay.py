"""``manage.py integrations_replay``: have deliveries sent again."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from integrations.services import deliveries_replay
from integrations.services.operating import AGAIN
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand, moment_of


class Command(OperatorCommand):
    """By id, by neighbour, or all since a moment."""

    help = "Have deliveries sent again: those for review, unless --state says more."

    def arguments(self, parser: ArgumentParser) -> None:
        """Which."""
        parser.add_argument("--id", action="append", metavar="ID", help="a delivery; may be given again")
        parser.add_argument("--neighbour", default="", help="all of this neighbour")
        parser.add_argument("--since", metavar="TIME", help="made since (2026-11-27T06:00, in the server's time zone)")
        parser.add_argument(
            "--state", action="append", choices=[str(state) for state in AGAIN], help="default: review"
        )

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Send them again."""
        assert actor is not None
        try:
            ids = [uuid.UUID(text) for text in options["id"]] if options["id"] else None
        except ValueError as error:
            raise ValidationFailed.field("id", "A delivery's id is a UUID.") from error
        count = deliveries_replay(
            actor=actor,
            ids=ids,
            neighbour_key=options["neighbour"],
            states=options["state"] or ["review"],
            since=moment_of("since", options["since"]),
        )
        return {"replayed": count}
