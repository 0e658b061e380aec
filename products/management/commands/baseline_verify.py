from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.selectors.baseline_check import baseline_verify
from products.selectors.baselines import baseline_list, baseline_named
from products.selectors.products import product_by_number


class Command(OperatorCommand):
    help = (
        "Take the checksums of baselines again: of all, of one product's, or of one. Exit code 2 where one differs, "
        "with the rows that do."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", default="")
        parser.add_argument("--name", default="", help="this baseline of the product")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        if options["name"] and not options["number"]:
            raise ValidationFailed.field("number", _("Name the product that the baseline is of."))
        product = product_by_number(options["number"]) if options["number"] else None
        if product is not None and options["name"]:
            chosen = [baseline_named(product, options["name"])]
        else:
            chosen = list(baseline_list(product))
        checks = []
        for done, baseline in enumerate(chosen, start=1):
            checks.append(baseline_verify(baseline))
            self.progress(done, len(chosen), "baselines")
        errors = [
            {
                "product_number": check.baseline.product.product_number,
                "name": check.baseline.name,
                "row": fault.row,
                "message": fault.text,
            }
            for check in checks
            for fault in check.faults
        ]
        return {"verified": len(checks), "intact": sum(check.is_intact for check in checks), "errors": errors}

    def text(self, answer: Answer) -> str:
        faults = [f"{row['product_number']} {row['name']}  {row['row']}: {row['message']}" for row in answer["errors"]]
        return "\n".join([f"{answer['intact']} of {answer['verified']} baselines are as they were.", *faults])
