"""Documents under lock, or NotFound. The document's row comes first, always: it guards all that hangs on it."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from products.choices import EDITABLE_STATES
from products.exceptions import DocumentFrozen
from products.models import Document, DocumentRevision


def document_locked(document_id: uuid.UUID) -> Document:
    """Return the document, locked to the end of the transaction."""
    document = Document.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        raise NotFound(_("There is no such document."))
    return document


def document_revision_locked(revision_id: uuid.UUID) -> DocumentRevision:
    """Return a document's revision with its document, both locked."""
    known = DocumentRevision.objects.filter(pk=revision_id).values_list("document_id", flat=True).first()
    if known is None:
        raise NotFound(_("There is no such revision."))
    document = document_locked(known)
    revision = DocumentRevision.objects.select_for_update().get(pk=revision_id)
    revision.document = document
    return revision


def revision_in_work(document: Document) -> DocumentRevision:
    """Return the revision that takes files, of a document the caller has locked. Raises DocumentFrozen."""
    latest = document.revisions.order_by("-sequence").first()
    if latest is None or latest.state not in EDITABLE_STATES:
        raise DocumentFrozen(document.document_number, latest.label if latest else "–")
    latest.document = document
    return latest
