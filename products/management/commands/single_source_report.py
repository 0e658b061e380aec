from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.management.lookup import add_resolution, resolution_from
from products.selectors.products import product_by_number
from products.selectors.single_source import SingleSources
from products.selectors.sourcing_answers import single_source_head, single_source_row


class Command(OperatorCommand):
    help = "List bought products with no approved manufacturer or one: of the tenant, or below one product."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", help="only what this product is built of")
        add_resolution(parser)

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        below = product_by_number(options["number"]) if options["number"] else None
        report = SingleSources(resolution_from(options), below=below)
        return {**single_source_head(report), "lines": [single_source_row(row) for row in report[:]]}

    def text(self, answer: Answer) -> str:
        head = f"{answer['checked']} bought products: {answer['no_source']} without a source"
        return "\n".join([f"{head}, {answer['single_source']} with one", *map(_line, answer["lines"])])


def _line(row: dict[str, Any]) -> str:
    return f"{row['product_number']}: {row['manufacturer'] or '-'} (in {', '.join(row['used_in']) or '-'})"
