from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.management.lookup import add_resolution, levels, resolution_from
from products.selectors.answers import where_used_answer
from products.selectors.products import product_by_number
from products.selectors.where_used import where_used


class Command(OperatorCommand):
    help = "Show every product that contains this one, directly or through others."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        add_resolution(parser)
        parser.add_argument("--depth", type=levels, metavar="N", help="this many levels up (default all)")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        return where_used_answer(where_used(product, resolution_from(options, upwards=True), depth=options["depth"]))
