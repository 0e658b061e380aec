"""Which products a change gives a new revision."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from changes.models import AffectedProduct, EngineeringChange
from changes.services.locked import affected_of_draft, draft_locked
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from products.choices import RevisionState
from products.models import Product, ProductRevision


@transaction.atomic
def affected_add(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    product_id: uuid.UUID,
    base_revision_id: uuid.UUID | None = None,
    expected_version: int | None = None,
) -> AffectedProduct:
    """Add a product to a draft. The base is its released revision, else the one in work (or ``base_revision_id``).

    ``expected_version`` is the change's. Raises ValidationFailed for an unknown product or a base that is neither,
    Conflict when the product is in the change already.
    """
    change = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    affected = attach(actor, change, product_id, base_revision_id)
    note_edit(actor, change, _("product added: %s") % affected.product.product_number)
    return affected


@transaction.atomic
def affected_remove(
    *, actor: Actor, affected_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> AffectedProduct:
    """Take a product, its redlines and its dispositions off a draft."""
    affected = affected_of_draft(actor, affected_id)
    affected.expect_version(expected_version)
    text = reason or _("product removed")
    for part in (*affected.redlines.all(), *affected.dispositions.all()):
        part.soft_delete_as(actor, reason=text)
    affected.soft_delete_as(actor, reason=text)
    note_edit(actor, affected.change, _("product removed: %s") % affected.product.product_number)
    return affected


def attach(
    actor: Actor, change: EngineeringChange, product_id: uuid.UUID, base_revision_id: uuid.UUID | None
) -> AffectedProduct:
    """Add a product to a change the caller has locked or just made. Raises as ``affected_add``."""
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise ValidationFailed.field("product_id", _("There is no such product."))
    if change.affected.filter(product=product).exists():
        message = _("%(number)s is in this change already.") % {"number": product.product_number}
        raise Conflict(message, details={"product_id": [message]})
    affected = AffectedProduct(
        tenant_id=actor.tenant_id, change=change, product=product, base_revision=_base_of(product, base_revision_id)
    )
    return affected.save_as(actor, reason=_("product added"))


def note_edit(actor: Actor, change: EngineeringChange, reason: str) -> None:
    """Count the change's version up: what hangs on it is part of what its ETag stands for."""
    change.save_as(actor, reason=reason, update_fields=[])


def _base_of(product: Product, wanted: uuid.UUID | None) -> ProductRevision:
    rows = product.revisions.filter(state__in=(RevisionState.RELEASED, RevisionState.IN_WORK, RevisionState.IN_REVIEW))
    found = {row.state: row for row in rows}
    current = (
        found.get(RevisionState.RELEASED) or found.get(RevisionState.IN_WORK) or found.get(RevisionState.IN_REVIEW)
    )
    if current is None or wanted not in (None, current.pk):
        raise ValidationFailed.field(
            "base_revision_id",
            _("%(number)s can only be changed from its released revision, or from the one in work if there is none.")
            % {"number": product.product_number},
        )
    return current
