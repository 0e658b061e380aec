from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.importing.numbers import NotANumberError, read_decimal
from products.management.lookup import add_baseline, add_resolution, resolution_from, structure_from
from products.selectors.products import product_by_number
from products.selectors.rollup import product_rollup, tenant_currency
from products.selectors.rollup_all import price_changes, rollup_everything


class Command(OperatorCommand):
    help = (
        "Show cost and mass of one unit of a product with everything in it, exact; with --all those of every product, "
        "with --price what another price of the product would change above it."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", default="")
        add_resolution(parser)
        add_baseline(parser)
        parser.add_argument("--all", action="store_true", help="every product of the tenant")
        parser.add_argument("--price", metavar="COST", help="a new own cost of the product: what it changes above")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        if bool(options["number"]) == options["all"] or (options["all"] and options["price"]):
            raise ValidationFailed.field("number", _("Name one product, or ask for --all."))
        if options["baseline"] and (options["all"] or options["price"]):
            raise ValidationFailed.field("baseline", _("A baseline is of one product, and its prices are frozen."))
        product = product_by_number(options["number"]) if options["number"] else None
        resolution = resolution_from(options, product)
        if product is None:
            products = [asdict(cost) for cost in rollup_everything(resolution)]
            return {"currency": tenant_currency(), "products": products}
        if options["price"]:
            changes = price_changes(product, resolution, _price(options["price"]))
            shown = [{"product_number": entry.product_number, "change": entry.change} for entry in changes]
            return {"product_number": product.product_number, "currency": tenant_currency(), "changes": shown}
        rollup = product_rollup(structure_from(options, product, sums_only=True))
        return {**asdict(rollup), "missing_cost": list(rollup.missing_cost)}


def _price(text: str) -> Decimal:
    try:
        return read_decimal(text)
    except NotANumberError:
        raise ValidationFailed.field("price", _("Not a number: %s") % text[:40]) from None
