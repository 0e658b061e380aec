from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.management.lookup import add_resolution, resolution_from
from products.selectors.configuration_answers import check_answer
from products.selectors.configuration_check import configuration_check
from products.selectors.products import product_by_number


class Command(OperatorCommand):
    help = (
        "Prove what the options, rules and line conditions of a product make of its whole structure, and count its valid "
        "configurations. Exit code 1 where something is found."
    )

    found = 0

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        add_resolution(parser, with_choices=False)

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        answer = check_answer(configuration_check(product, resolution_from(options, product)))
        self.found = len(answer["findings"])
        return answer

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the answer, then tell a shell whether all is well."""
        super().handle(*args, **options)
        if self.found:
            raise CommandError(f"{self.found} finding(s).", returncode=1)

    def text(self, answer: Answer) -> str:
        count = answer["configurations"] or "an unknown number of"
        head = (
            f"{answer['product_number']} {answer['revision']}: {count} valid configurations, {answer['options']} options, "
            f"{answer['rules']} rules, {answer['conditioned_lines']} of {answer['lines']} lines with a condition"
        )
        return "\n".join([head, *(_finding(row) for row in answer["findings"])])


def _finding(row: dict[str, Any]) -> str:
    lines = ", ".join(
        f"{line['parent_number']} {line['find_number']} {line['product_number']}" for line in row["lines"][:10]
    )
    subject = " ".join(filter(None, (row["choice"], lines)))
    parts = [f"- {row['message']}: {subject}" if subject else f"- {row['message']}"]
    if row["example"]:
        parts.append(f"  example: {', '.join(row['example'])}")
    if row["because"]:
        parts.append(f"  because: {'; '.join(row['because'])}")
    return "\n".join(parts)
