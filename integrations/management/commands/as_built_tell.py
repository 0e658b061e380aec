"""``manage.py as_built_tell``: tell the asset management what one unit was built from."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from integrations.services.as_built import as_built_tell
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.models import Product


class Command(OperatorCommand):
    """The same unit and day twice is told once."""

    help = "Send the structure of one unit, as effective for its serial number, to the asset management."

    def arguments(self, parser: ArgumentParser) -> None:
        """Which unit."""
        parser.add_argument("product", help="product number of the end item")
        parser.add_argument("serial", type=int)
        parser.add_argument("--built-on", metavar="DAY", help="2026-11-27; default today")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Make the delivery."""
        assert actor is not None
        product = Product.objects.filter(product_number=options["product"]).first()
        if product is None:
            raise NotFound(f"No product has the number {options['product']!r}.")
        try:
            day = dt.date.fromisoformat(options["built_on"]) if options["built_on"] else None
        except ValueError as error:
            raise ValidationFailed.field(
                "built_on", f"{options['built_on']!r} is no day such as 2026-11-27."
            ) from error
        delivery = as_built_tell(actor=actor, product_id=product.pk, serial=options["serial"], built_on=day)
        return {"delivery_id": delivery.pk, "state": delivery.state}
