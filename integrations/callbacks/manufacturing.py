"""bom_accepted and bom_rejected: what manufacturing made of a bill of material that it was sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.callbacks.base import CallbackKind
from integrations.contracts.schemas import ID, TEXT, callback
from plm_project.core.actor import Actor
from products.selectors.records import product_get
from products.services import product_integration_set

ACCEPTED, REJECTED = "accepted", "rejected"


def accepted(actor: Actor, told: Mapping[str, Any]) -> dict[str, Any]:
    """Note on the product that manufacturing builds by it."""
    return _note(actor, told, ACCEPTED, _("manufacturing accepted it as %(id)s") % {"id": told["bom_id"]})


def rejected(actor: Actor, told: Mapping[str, Any]) -> dict[str, Any]:
    """Note on the product that manufacturing does not, and why."""
    return _note(actor, told, REJECTED, _("manufacturing rejected it: %(why)s") % {"why": told["reason"]})


def _note(actor: Actor, told: Mapping[str, Any], status: str, reason: str) -> dict[str, Any]:
    product = product_get(uuid.UUID(told["product_id"]))
    product_integration_set(
        actor=actor, product_id=product.pk, changes={"manufacturing_status": status}, reason=reason[:500]
    )
    return {"product_id": str(product.pk), "manufacturing_status": status}


KINDS = (
    CallbackKind(
        "bom_accepted", "manufacturing", gettext_lazy("Bill of material accepted"),
        callback("bom_accepted", product_id=ID, bom_id=TEXT), accepted,
    ),
    CallbackKind(
        "bom_rejected", "manufacturing", gettext_lazy("Bill of material rejected"),
        callback("bom_rejected", product_id=ID, reason=TEXT), rejected,
    ),
)  # fmt: skip
