from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal, InvalidOperation
from typing import Any

from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.choices import MissingPolicy
from products.management.lookup import add_resolution, resolution_from
from products.selectors.products import product_by_number
from products.selectors.quantity_rollup import quantity_rollup
from products.selectors.sourcing_answers import rollup_answer


class Command(OperatorCommand):
    help = "Show what building a number of units costs, with every bought part at its best offer for that quantity."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        parser.add_argument(
            "--quantity", type=_quantities, default=[Decimal(1)], metavar="N[,N…]", help="units to build (default 1)"
        )
        parser.add_argument("--missing", choices=MissingPolicy.values, default=MissingPolicy.LISTED.value)
        add_resolution(parser)

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        policy = MissingPolicy(options["missing"])
        return rollup_answer(
            quantity_rollup(product, resolution_from(options, product), options["quantity"], policy=policy)
        )

    def text(self, answer: Answer) -> str:
        lines = [f"{answer['product_number']} {answer['revision']}, {answer['as_of']}, {answer['currency']}"]
        for cost in answer["quantities"]:
            days = "unknown" if cost["lead_time_days"] is None else f"{cost['lead_time_days']} days"
            total, unit = plain(cost["total_cost"]), plain(cost["unit_cost"])
            lines.append(f"{plain(cost['quantity'])} units: {total}, {unit} each, lead time {days}")
        lines += [f"missing: {entry['product_number']}: {entry['message']}" for entry in answer["missing"]]
        return "\n".join(lines)


def _quantities(text: str) -> list[Decimal]:
    try:
        return [Decimal(word.strip()) for word in text.split(",")]
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is not a list of numbers (1,10,100)") from None
