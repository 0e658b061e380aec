from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.choices import ResolutionMode
from products.management.lookup import day
from products.selectors.compare import LEVELS, compare_sides
from products.selectors.compare_question import FROM, TO, sides_asked, sides_read
from products.selectors.products import product_by_number


class Command(OperatorCommand):
    help = "Show what differs between two revisions of a product, two baselines, or what two questions find."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        for side in (FROM, TO):
            parser.add_argument(f"--{side}", dest=side, metavar="R", help="this revision")
            parser.add_argument(f"--{side}-baseline", metavar="NAME", help="this baseline")
            parser.add_argument(f"--{side}-product", metavar="NUMBER", help="of another product")
            parser.add_argument(f"--{side}-as-of", type=day, metavar="DATE", help="effective on this day")
            parser.add_argument(f"--{side}-mode", choices=ResolutionMode.values)
            parser.add_argument(
                f"--{side}-options", metavar="FAMILY:CHOICE,…", help="with these options; none: without"
            )
            parser.add_argument(f"--{side}-optional", action="store_true", help="with optional lines")
        parser.add_argument("--levels", choices=LEVELS, default="all", help="all levels (default) or the first alone")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        sides = sides_read(*sides_asked(product, options))
        return compare_sides(sides, levels=options["levels"]).as_answer()

    def text(self, answer: Answer) -> str:
        lines = [f"+ {row['find_number']:>5} {row['product_number']}" for row in answer["added"]]
        lines += [f"- {row['find_number']:>5} {row['product_number']}" for row in answer["removed"]]
        lines += [
            f"~ {row['find_number']:>5} {row['product_number']}  {row['field']}: {row['from']} → {row['to']}"
            for row in answer["changed"]
        ]
        return "\n".join(lines) or "No difference."
