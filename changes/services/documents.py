"""Which documents belong to a change."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from changes.models import ChangeDocument
from changes.services.affected import note_edit
from changes.services.locked import document_of_draft, draft_locked
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from products import permissions as product_permissions
from products.models import Document


@transaction.atomic
def change_document_add(
    *, actor: Actor, change_id: uuid.UUID, document_id: uuid.UUID, expected_version: int | None = None
) -> ChangeDocument:
    """Link a document to a draft. ``expected_version`` is the change's.

    Raises ValidationFailed for an unknown document, Conflict when it is linked already.
    """
    actor.require(product_permissions.DOCUMENTS_READ)
    change = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    # Locked, so that nobody deletes it meanwhile.
    document = Document.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        raise ValidationFailed.field("document_id", _("There is no such document."))
    if change.documents.filter(document=document).exists():
        message = _("%(document)s is linked to it already.") % {"document": document.document_number}
        raise Conflict(message, details={"document_id": [message]})
    link = ChangeDocument(tenant_id=actor.tenant_id, change=change, document=document)
    link.save_as(actor, reason=_("document linked"))
    note_edit(actor, change, _("document linked: %s") % document.document_number)
    return link


@transaction.atomic
def change_document_remove(
    *, actor: Actor, link_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> ChangeDocument:
    """Take a document off a draft; the document stays."""
    link = document_of_draft(actor, link_id)
    link.expect_version(expected_version)
    link.soft_delete_as(actor, reason=reason or _("link removed"))
    note_edit(actor, link.change, _("document no longer linked: %s") % link.document.document_number)
    return link
