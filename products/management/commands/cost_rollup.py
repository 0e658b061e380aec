from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.management.lookup import add_resolution, resolution_from
from products.selectors.graph import structure_load
from products.selectors.products import product_by_number
from products.selectors.rollup import product_rollup


class Command(OperatorCommand):
    help = "Show cost and mass of one unit of a product with everything in it, exact."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        add_resolution(parser)

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        rollup = product_rollup(structure_load(product, resolution_from(options), sums_only=True))
        return {**asdict(rollup), "missing_cost": list(rollup.missing_cost)}
