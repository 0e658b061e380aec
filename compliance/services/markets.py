"""Where a product is sold."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.models import ProductMarkets
from compliance.services.starting import records_start
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.core.locks import Lock, take
from products.services.inputs import clean
from products.services.locked import product_locked


@transaction.atomic
def product_markets_set(
    *,
    actor: Actor,
    product_id: uuid.UUID,
    markets: Iterable[str],
    reason: str = "",
    expected_version: int | None = None,
) -> ProductMarkets | None:
    """Say in which markets a product is sold: two-letter country codes or EU. None given: everywhere.

    Regulations that reach it now are started; records of those that do not any more stay, and read as not applicable.
    ``expected_version`` is that of the markets' record. Returns the record, None when there is none. Raises NotFound,
    ValidationFailed, PreconditionFailed.
    """
    actor.require(permissions.COMPLIANCE_ASSESS)
    take(Lock.COMPLIANCE, actor.tenant_id)
    product = product_locked(product_id)
    wanted = list(dict.fromkeys(code.strip().upper() for code in markets if code.strip()))
    stored = ProductMarkets.objects.select_for_update().filter(product=product).first()
    if stored is not None:
        stored.expect_version(expected_version)
    if not wanted:
        if stored is not None:
            stored.soft_delete_as(actor, reason=reason or _("sold everywhere"))
            records_start(actor=actor, product_ids=[product.pk])
        return None
    if stored is not None and stored.markets == wanted:
        return stored
    record = stored or ProductMarkets(tenant_id=actor.tenant_id, product=product)
    record.markets = wanted
    clean(record, exclude=("product",))
    record.save_as(actor, reason=reason or _("sold in: %s") % ", ".join(wanted))
    records_start(actor=actor, product_ids=[product.pk])
    return record


@transaction.atomic
def product_markets_clear(
    *, actor: Actor, markets_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> None:
    """Take a product's markets away: it counts as sold everywhere."""
    actor.require(permissions.COMPLIANCE_ASSESS)
    product_id = ProductMarkets.objects.filter(pk=markets_id).values_list("product_id", flat=True).first()
    if product_id is None:
        raise NotFound(_("There is no such record."))
    product_markets_set(
        actor=actor, product_id=product_id, markets=(), reason=reason, expected_version=expected_version
    )
