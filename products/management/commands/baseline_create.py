from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.management.lookup import add_resolution, resolution_from
from products.selectors.baselines import baseline_answer
from products.selectors.products import product_by_number
from products.services.baselines import baseline_create


class Command(OperatorCommand):
    help = "Freeze the structure of a product under a name, with a checksum."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        parser.add_argument("--name", required=True, help="free for ever in this product")
        parser.add_argument("--note", default="")
        parser.add_argument("--revision", metavar="R", default="", help="this revision of the product itself")
        add_resolution(parser)

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        assert actor is not None
        product = product_by_number(options["number"])
        baseline = baseline_create(
            actor=actor,
            product_id=product.pk,
            name=options["name"],
            note=options["note"],
            revision_label=options["revision"],
            resolution=resolution_from(options, product),
        )
        return baseline_answer(baseline)
