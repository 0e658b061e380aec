from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.management.lookup import add_resolution, resolution_from
from products.selectors.graph import structure_load
from products.selectors.products import product_by_number
from products.selectors.requirements import requirement_list, requirements_answer


class Command(OperatorCommand):
    help = "Show what an order takes of every product: with attrition, set-up and rounding, level by level."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        parser.add_argument("--quantity", type=_quantity, default=Decimal(1), metavar="N", help="units (default 1)")
        add_resolution(parser)

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        structure = structure_load(product, resolution_from(options, product))
        lines = [asdict(row) for row in requirement_list(structure, options["quantity"])]
        return {**requirements_answer(structure, options["quantity"]), "lines": lines}

    def text(self, answer: Answer) -> str:
        head = f"{plain(answer['quantity'])} × {answer['product_number']} {answer['revision']}, {answer['as_of']}"
        rows = [
            f"{row['product_number']}: {plain(row['needed'])} {row['unit_of_measure']} (by design {plain(row['designed'])})"
            for row in answer["lines"]
        ]
        return "\n".join([head, *rows])


def _quantity(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is not a number") from None
