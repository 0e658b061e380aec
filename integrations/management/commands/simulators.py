"""``manage.py simulators``: the twelve neighbours, played on this machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integrations.simulators.server import MODES, Simulator


class Command(BaseCommand):
    """Serve until stopped."""

    help = "Play the neighbouring systems on this machine, with the documented answers; for trying out and for tests."

    def add_arguments(self, parser: CommandParser) -> None:
        """Port and a way to fail."""
        parser.add_argument("--port", type=int, default=8900, help="0 takes a free one (default 8900)")
        parser.add_argument("--fail", choices=MODES, default="", help="fail every call in this way")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say where, and serve."""
        simulator = Simulator(options["port"])
        if options["fail"]:
            simulator.fail("/api/", options["fail"], -1)
        self.stdout.write(f"The neighbours answer at {simulator.url}; control: {simulator.url}/_received, /_fail")
        self.stdout.flush()
        try:
            simulator.serve_for_ever()
        except KeyboardInterrupt:
            return
