"""What a session is about. Links are set by hosts while it has not ended."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from changes.models import EngineeringChange
from collaboration.models import CollaborationSession, SessionChange, SessionProduct
from collaboration.services.locked import session_to_edit
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from products.models import Product


@transaction.atomic
def product_link_add(
    *, actor: Actor, session_id: uuid.UUID, product_id: uuid.UUID, expected_version: int | None = None
) -> SessionProduct:
    """Say that the session is about a product, too. ``expected_version`` is the session's.

    Raises NoSuchSession, PermissionDenied, ValidationFailed for an unknown product, Conflict when it is linked already
    or the session has ended.
    """
    session = session_to_edit(actor, session_id, expected_version=expected_version).session
    link = link_product(actor, session, product_id)
    _note(actor, session, _("product linked: %s") % link.product.product_number)
    return link


@transaction.atomic
def change_link_add(
    *, actor: Actor, session_id: uuid.UUID, change_id: uuid.UUID, expected_version: int | None = None
) -> SessionChange:
    """The same for an engineering change."""
    session = session_to_edit(actor, session_id, expected_version=expected_version).session
    link = link_change(actor, session, change_id)
    _note(actor, session, _("change linked: %s") % link.change.change_number)
    return link


@transaction.atomic
def product_link_remove(
    *, actor: Actor, session_id: uuid.UUID, product_id: uuid.UUID, expected_version: int | None = None
) -> SessionProduct:
    """The session is not about this product. Raises NotFound when it is not linked."""
    session = session_to_edit(actor, session_id, expected_version=expected_version).session
    rows = SessionProduct.objects.select_related("product").filter(session=session, product_id=product_id)
    link = rows.first()
    if link is None:
        raise NotFound(_("This product is not linked."))
    link.soft_delete_as(actor, reason=_("link removed"))
    _note(actor, session, _("link removed: %s") % link.product.product_number)
    return link


@transaction.atomic
def change_link_remove(
    *, actor: Actor, session_id: uuid.UUID, change_id: uuid.UUID, expected_version: int | None = None
) -> SessionChange:
    """The session is not about this change. Raises NotFound when it is not linked."""
    session = session_to_edit(actor, session_id, expected_version=expected_version).session
    rows = SessionChange.objects.select_related("change").filter(session=session, change_id=change_id)
    link = rows.first()
    if link is None:
        raise NotFound(_("This change is not linked."))
    link.soft_delete_as(actor, reason=_("link removed"))
    _note(actor, session, _("link removed: %s") % link.change.change_number)
    return link


def link_product(actor: Actor, session: CollaborationSession, product_id: uuid.UUID) -> SessionProduct:
    """Link a product to a session that the caller has locked or just made. Raises as ``product_link_add``."""
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise ValidationFailed.field("product_id", _("There is no such product."))
    if SessionProduct.objects.filter(session=session, product=product).exists():
        message = _("%(number)s is linked already.") % {"number": product.product_number}
        raise Conflict(message, details={"product_id": [message]})
    link = SessionProduct(tenant_id=actor.tenant_id, session=session, product=product)
    return link.save_as(actor, reason=_("linked"))


def link_change(actor: Actor, session: CollaborationSession, change_id: uuid.UUID) -> SessionChange:
    """The same for an engineering change."""
    change = EngineeringChange.objects.filter(pk=change_id).first()
    if change is None:
        raise ValidationFailed.field("change_id", _("There is no such change."))
    if SessionChange.objects.filter(session=session, change=change).exists():
        message = _("%(number)s is linked already.") % {"number": change.change_number}
        raise Conflict(message, details={"change_id": [message]})
    link = SessionChange(tenant_id=actor.tenant_id, session=session, change=change)
    return link.save_as(actor, reason=_("linked"))


def _note(actor: Actor, session: CollaborationSession, reason: str) -> None:
    """Count the session's version up: its links are part of what its ETag stands for."""
    session.save_as(actor, reason=reason, update_fields=[])
