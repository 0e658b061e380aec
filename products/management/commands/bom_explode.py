from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.management.lookup import add_baseline, add_resolution, levels, structure_from
from products.selectors.answers import explosion_answer
from products.selectors.products import product_by_number


class Command(OperatorCommand):
    help = "Show everything below a product: indented, or with --flat as totals."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        parser.add_argument("--revision", metavar="R", help="this revision of the product itself")
        add_resolution(parser)
        add_baseline(parser)
        parser.add_argument("--depth", type=levels, metavar="N", help="this many levels (default all)")
        parser.add_argument("--flat", action="store_true")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        structure = structure_from(options, product, sums_only=options["flat"])
        return explosion_answer(structure, depth=options["depth"], flat=options["flat"])

    def text(self, answer: Answer) -> str:
        lines = [f"{answer['root']} {answer['revision']}  {answer['rows']} rows, {answer['depth']} levels"]
        for line in answer["lines"]:
            indent = "  " * line.get("level", 1)
            quantity = f"{line['total_quantity']:f}".rstrip("0").rstrip(".") or "0"
            lines.append(f"{indent}{line['product_number']}  {quantity} {line['unit_of_measure']}")
        return "\n".join(lines)
