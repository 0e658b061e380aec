from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.exporting import FORMATS, bom_export
from products.management.lookup import add_baseline, add_resolution, structure_from
from products.selectors.products import product_by_number


class Command(OperatorCommand):
    help = "Write the bill of materials of a product to a file: indented, or with --flat as totals."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        parser.add_argument("--format", choices=FORMATS, default="csv", dest="kind")
        parser.add_argument(
            "--output", type=Path, required=True, metavar="FILE", help="a file of that name is replaced"
        )
        parser.add_argument("--revision", metavar="R", help="this revision of the product itself")
        parser.add_argument("--flat", action="store_true")
        add_resolution(parser)
        add_baseline(parser)

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        product = product_by_number(options["number"])
        flat = options["flat"]
        structure = structure_from(options, product, sums_only=flat)
        export = bom_export(structure, flat=flat)
        pieces = FORMATS[options["kind"]].write(export)
        try:
            with options["output"].open("wb") as file:
                for piece in pieces:
                    file.write(piece)
        except OSError as error:
            raise ValidationFailed.field("output", f"{options['output']}: {error.strerror}") from error
        return {
            "product": product.product_number,
            "revision": export.revision,
            "format": options["kind"],
            "rows": len(export.lines),
            "file": str(options["output"]),
        }
