"""twin_state: which twin a product has, and how it is doing."""

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


def twin_state(actor: Actor, told: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the twin's id on the product; a twin that is gone leaves none. The state stands in the history."""
    product = product_get(uuid.UUID(told["twin_source_id"]))
    twin_id = "" if told["state"] == "retired" else told["twin_id"]
    said = _("digital twin %(id)s is %(state)s") % {"id": told["twin_id"], "state": told["state"]}
    product_integration_set(
        actor=actor, product_id=product.pk, changes={"digital_twin_id": twin_id}, reason=said[:500]
    )
    return {"product_id": str(product.pk), "digital_twin_id": twin_id}


KINDS = (
    CallbackKind(
        "twin_state", "digital_twin_marketplace", gettext_lazy("State of a digital twin"),
        callback(
            "twin_state", twin_source_id=ID, twin_id={**TEXT, "minLength": 1, "maxLength": 100},
            state={"enum": ["created", "running", "stopped", "retired"]},
        ),
        twin_state,
    ),
)  # fmt: skip
