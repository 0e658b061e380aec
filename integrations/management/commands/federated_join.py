"""``manage.py federated_join``: take part in a round of federated learning."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from integrations.services.federated import federated_join
from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    """Numbers leave, records never."""

    help = "Fit the small model on the tenant's released assemblies and send its parameters to the round."

    def arguments(self, parser: ArgumentParser) -> None:
        """Which round."""
        parser.add_argument("round", help="its name, as the neighbour gave it")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Join."""
        assert actor is not None
        found = federated_join(actor=actor, round_key=options["round"])
        return {"round": found.round_key, "samples": found.sample_count, "parameters": found.parameters}
