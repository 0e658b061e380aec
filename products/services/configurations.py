"""Saved configurations of a product: create, change, remove."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from products import permissions
from products.models import Configuration, Product
from products.selectors.configurations import problem_of
from products.services.locked import product_locked
from products.services.sourcing_records import record_change, record_create, record_locked

FIELDS = frozenset({"code", "name", "choices", "note"})


@transaction.atomic
def configuration_create(*, actor: Actor, product_id: uuid.UUID, data: Mapping[str, Any]) -> Configuration:
    """Save a choice of a product's options under a code. Raises ValidationFailed naming the rules that it breaks,
    Conflict when the product has the code already.
    """
    actor.require(permissions.PRODUCTS_UPDATE)
    product = product_locked(product_id)
    given = {**data, "choices": _checked(product, data.get("choices", ()))}
    record = Configuration(tenant_id=actor.tenant_id, product=product)
    return record_create(actor, record, given, allowed=FIELDS, taken="code")


@transaction.atomic
def configuration_update(
    *, actor: Actor, configuration_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> Configuration:
    """Change name, choices or note. Raises ValidationFailed naming the rules that new choices break."""
    actor.require(permissions.PRODUCTS_UPDATE)
    record = record_locked(Configuration, configuration_id)
    record.expect_version(expected_version)
    given = dict(changes)
    if "choices" in given:
        given["choices"] = _checked(product_locked(record.product_id), given["choices"])
    return record_change(actor, record, given, allowed=FIELDS, taken="code")


@transaction.atomic
def configuration_remove(
    *, actor: Actor, configuration_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Configuration:
    """Take a configuration out of sight. Baselines taken of it stay."""
    actor.require(permissions.PRODUCTS_UPDATE)
    record = record_locked(Configuration, configuration_id)
    record.expect_version(expected_version)
    return record.soft_delete_as(actor, reason=reason or _("removed"))


def _checked(product: Product, choices: Iterable[Any]) -> list[str]:
    """Return the choices as they are stored: small letters, sorted. Refuse what is no valid configuration."""
    words = sorted({str(word).strip().lower() for word in choices})
    broken = problem_of(product).broken(words)
    if broken:
        raise ValidationFailed(
            _("This is no valid configuration."), details={"choices": [entry.text for entry in broken]}
        )
    return words
