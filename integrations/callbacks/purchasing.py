"""price_answer: what a supplier asks for a product."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.callbacks.base import CallbackKind
from integrations.contracts.schemas import CURRENCY, EXACT, ID, TEXT, callback, listing, record
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from products.models import Supplier, SupplierOffer
from products.selectors.records import product_get
from products.selectors.sourcing import partner_named
from products.services.supplier_offers import offer_create, offer_update
from products.sourcing.pricing import Break


def price_answer(actor: Actor, told: Mapping[str, Any]) -> dict[str, Any]:
    """Enter the offer, or bring the one of the same product, supplier, part number and currency to these prices.

    Raises NotFound for an unknown product and ValidationFailed for an unknown supplier: neither is made by a message.
    """
    product = product_get(uuid.UUID(told["item_id"]))
    supplier = partner_named(Supplier, told["supplier"])
    if supplier is None:
        raise ValidationFailed.field(
            "supplier", _("No supplier is called %(name)s.") % {"name": told["supplier"][:100]}
        )
    breaks = [Break(Decimal(row["from_quantity"]), Decimal(row["unit_price"])) for row in told["prices"]]
    terms = {"minimum_quantity": Decimal(told["minimum_quantity"]), "lead_time_days": told["lead_time_days"]}
    number = told["supplier_part_number"]
    same = {"product": product, "supplier": supplier, "supplier_part_number": number, "currency": told["currency"]}
    offer = SupplierOffer.objects.filter(**same).order_by("-id").first()
    if offer is None:
        made = {"supplier_id": supplier.pk, "product_id": product.pk, "supplier_part_number": number, **terms}
        offer = offer_create(actor=actor, data={**made, "currency": told["currency"]}, breaks=breaks)
    else:
        offer = offer_update(actor=actor, offer_id=offer.pk, changes=terms, breaks=breaks)
    return {"offer_id": str(offer.pk)}


KINDS = (
    CallbackKind(
        "price_answer", "procurement_purchasing", gettext_lazy("Answer to a price question"),
        callback(
            "price_answer", item_id=ID, supplier=TEXT, supplier_part_number={**TEXT, "maxLength": 100},
            currency=CURRENCY, minimum_quantity=EXACT, lead_time_days={"type": ["integer", "null"], "minimum": 0},
            prices={**listing(record(from_quantity=EXACT, unit_price=EXACT)), "minItems": 1, "maxItems": 20},
        ),
        price_answer,
    ),
)  # fmt: skip
