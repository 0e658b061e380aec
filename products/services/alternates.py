"""Alternates of a product: add, change, remove."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound
from plm_project.core.locks import Lock, take
from products import permissions
from products.models import Alternate, Product
from products.services.locked import product_locked
from products.services.sourcing_records import named_or_refused, record_change, record_create

FIELDS = frozenset({"is_two_way", "rank", "note"})


@transaction.atomic
def alternate_add(
    *, actor: Actor, product_id: uuid.UUID, alternate_id: uuid.UUID, data: Mapping[str, Any] | None = None
) -> Alternate:
    """Say that one product may be taken for another.

    Raises ValidationFailed for an unknown product, the product itself or one in another unit, Conflict when the pair
    stands already, in either direction. No event: alternates are the product's neighbours, not its fields.
    """
    actor.require(permissions.PRODUCTS_UPDATE)
    take(Lock.STRUCTURE, actor.tenant_id)  # a pair in one direction must not meet one in the other
    product = product_locked(product_id)
    other = named_or_refused(Product.objects.all(), alternate_id, "alternate_id")
    pair = Q(product=product, alternate=other) | Q(product=other, alternate=product)
    if Alternate.objects.filter(pair).exists():
        message = _("%(one)s and %(other)s are alternates already.") % {
            "one": product.product_number,
            "other": other.product_number,
        }
        raise Conflict(message, details={"alternate_id": [message]})
    row = Alternate(tenant_id=actor.tenant_id, product=product, alternate=other)
    return record_create(actor, row, data or {}, allowed=FIELDS, taken="alternate_id")


@transaction.atomic
def alternate_update(
    *, actor: Actor, row_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> Alternate:
    """Change direction, rank or note of an alternate."""
    actor.require(permissions.PRODUCTS_UPDATE)
    row = _locked(row_id)
    row.expect_version(expected_version)
    return record_change(actor, row, changes, allowed=FIELDS, taken="alternate_id")


@transaction.atomic
def alternate_remove(
    *, actor: Actor, row_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Alternate:
    """Say that it may be taken no more. It stays in the history."""
    actor.require(permissions.PRODUCTS_UPDATE)
    row = _locked(row_id)
    row.expect_version(expected_version)
    return row.soft_delete_as(actor, reason=reason or _("removed"))


def _locked(row_id: uuid.UUID) -> Alternate:
    rows = Alternate.objects.select_related("product", "alternate").select_for_update(of=("self",))
    row: Alternate | None = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("There is no such alternate."))
    return row
