from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.selectors.compare import LEVELS, compare_revisions
from products.selectors.graph import revision_named
from products.selectors.products import product_by_number


class Command(OperatorCommand):
    help = "Show what differs between two revisions of a product."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        parser.add_argument("--from", dest="from_label", required=True, metavar="R1")
        parser.add_argument("--to", dest="to_label", required=True, metavar="R2")
        parser.add_argument("--levels", choices=LEVELS, default="all", help="all levels (default) or the first alone")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        return compare_revisions(
            revision_named(product, options["from_label"]),
            revision_named(product, options["to_label"]),
            levels=options["levels"],
        ).as_answer()

    def text(self, answer: Answer) -> str:
        lines = [f"+ {row['find_number']:>5} {row['product_number']}" for row in answer["added"]]
        lines += [f"- {row['find_number']:>5} {row['product_number']}" for row in answer["removed"]]
        lines += [
            f"~ {row['find_number']:>5} {row['product_number']}  {row['field']}: {row['from']} → {row['to']}"
            for row in answer["changed"]
        ]
        return "\n".join(lines) or "No difference."
