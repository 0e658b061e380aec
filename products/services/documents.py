"""Documents: register, edit, delete, link to products. What happens to their files: ``document_files.py``."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.file_store import Upload
from plm_project.tenancy.numbering import take_number
from products import permissions
from products.choices import FROZEN_STATES
from products.models import Document, DocumentLink, DocumentRevision, Product, ProductRevision
from products.selectors.policy import first_label
from products.services.document_files import file_accept, version_add
from products.services.document_locks import document_locked
from products.services.inputs import apply, clean

CHANGEABLE = frozenset({"title", "document_type", "description"})


@transaction.atomic
def document_create(
    *,
    actor: Actor,
    data: Mapping[str, Any],
    upload: Upload | None = None,
    file_name: str = "",
    comment: str = "",
    product_id: uuid.UUID | None = None,
) -> Document:
    """Register a document with revision A in work; with its first file and a link to a product where given.

    ``data``: document_number ("" or left out: the tenant's next one), title, document_type, description. All or nothing.
    Raises ValidationFailed, NotFound for the product, and Conflict when the number is or was ever taken.
    """
    actor.require(permissions.DOCUMENTS_CREATE)
    if refused := sorted(set(data) - CHANGEABLE - {"document_number"}):
        details = {name: [_("Cannot be set.")] for name in refused}
        raise ValidationFailed(_("These fields cannot be set."), details=details)
    document = Document(tenant_id=actor.tenant_id, **data)
    clean(document, exclude=() if document.document_number else ("document_number",))
    accepted = file_accept(actor, upload, file_name) if upload is not None else None
    document.document_number = document.document_number or _next_number()
    if Document.all_objects.filter(document_number=document.document_number).exists():
        raise _number_taken(document.document_number)
    try:
        with transaction.atomic():
            document.save_as(actor, reason=_("created"))
    except IntegrityError as error:  # a colleague took the number between the look and the write
        raise _number_taken(document.document_number) from error
    revision = DocumentRevision(tenant_id=actor.tenant_id, document=document, label=first_label(), sequence=1)
    revision.save_as(actor, reason=_("first revision"))
    if accepted is not None:
        version_add(actor, revision, accepted, comment)
    if product_id is not None:
        link_add(actor, document, product_id, None)
    return document


@transaction.atomic
def document_update(
    *, actor: Actor, document_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> Document:
    """Edit what is written on the record. Nothing changed: nothing is written."""
    actor.require(permissions.DOCUMENTS_UPDATE)
    document = document_locked(document_id)
    document.expect_version(expected_version)
    if differences := apply(document, changes, allowed=CHANGEABLE):
        clean(document)
        document.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))})
    return document


@transaction.atomic
def document_delete(
    *, actor: Actor, document_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Document:
    """Take a document out of sight with its links. Its number stays taken and its files stay stored.

    Raises Conflict when a revision was ever released (make it obsolete instead) or while somebody holds it.
    """
    actor.require(permissions.DOCUMENTS_DELETE)
    document = document_locked(document_id)
    document.expect_version(expected_version)
    if document.revisions.filter(state__in=FROZEN_STATES).exists():
        raise Conflict(_("A document that was released is made obsolete, not deleted."))
    if document.checked_out_by_id is not None:
        raise Conflict(_("It is checked out by %(holder)s.") % {"holder": document.checked_out_by})
    for link in document.links.all():
        link.soft_delete_as(actor, reason=_("document deleted"))
    return document.soft_delete_as(actor, reason=reason or _("deleted"))


@transaction.atomic
def document_link(
    *, actor: Actor, document_id: uuid.UUID, product_id: uuid.UUID, product_revision_id: uuid.UUID | None = None
) -> DocumentLink:
    """Link a document to a product, or to one of its revisions. Raises NotFound, and Conflict when it is linked so."""
    actor.require(permissions.DOCUMENTS_UPDATE)
    return link_add(actor, document_locked(document_id), product_id, product_revision_id)


@transaction.atomic
def document_unlink(*, actor: Actor, link_id: uuid.UUID, reason: str = "") -> DocumentLink:
    """Take a link away; document and product stay."""
    actor.require(permissions.DOCUMENTS_UPDATE)
    document_id = DocumentLink.objects.filter(pk=link_id).values_list("document_id", flat=True).first()
    if document_id is None:
        raise NotFound(_("There is no such link."))
    document_locked(document_id)
    link = DocumentLink.objects.filter(pk=link_id).first()
    if link is None:  # gone while we waited for the lock
        raise NotFound(_("There is no such link."))
    return link.soft_delete_as(actor, reason=reason or _("link removed"))


def link_add(
    actor: Actor, document: Document, product_id: uuid.UUID, product_revision_id: uuid.UUID | None
) -> DocumentLink:
    """Link a document that the caller has locked or just made."""
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        message = _("There is no such product.")
        raise NotFound(message, details={"product_id": [message]})
    revision = None
    if product_revision_id is not None:
        revision = ProductRevision.objects.filter(pk=product_revision_id, product=product).first()
        if revision is None:
            message = _("The product has no such revision.")
            raise NotFound(message, details={"product_revision_id": [message]})
    if document.links.filter(product=product, product_revision=revision).exists():
        message = _("%(document)s is linked to it already.") % {"document": document.document_number}
        raise Conflict(message, details={"product_id": [message]})
    link = DocumentLink(tenant_id=actor.tenant_id, document=document, product=product, product_revision=revision)
    return link.save_as(actor, reason=_("linked to %(product)s") % {"product": product.product_number})


def _next_number() -> str:
    """Take the tenant's next number; one that somebody has given by hand already is passed over."""
    while True:
        number = f"DOC-{take_number('document'):06d}"
        if not Document.all_objects.filter(document_number=number).exists():
            return number


def _number_taken(number: str) -> Conflict:
    message = _("The number %(number)s is taken.") % {"number": number}
    return Conflict(message, details={"document_number": [message]})
