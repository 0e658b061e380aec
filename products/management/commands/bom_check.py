from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.selectors.cycles import cycle_path
from products.selectors.products import product_by_number


class Command(OperatorCommand):
    help = "Say whether a line from PARENT to CHILD would make a cycle, and by which way."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parent")
        parser.add_argument("child")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        path = cycle_path(product_by_number(options["parent"]).pk, product_by_number(options["child"]).pk)
        return {"creates_cycle": bool(path), "path": path}
