"""The documents of a change, and the changes of a document."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse

from changes.models import ChangeDocument, EngineeringChange
from products.extensions import DocumentUse
from products.models import Document

USES_SHOWN = 50


def change_document_list(change: EngineeringChange | None = None) -> QuerySet[ChangeDocument]:
    """Return the links of live documents (of one change) in the order in which they were made."""
    rows = ChangeDocument.objects.filter(document__is_deleted=False, change__is_deleted=False)
    rows = rows.select_related("document", "change").order_by("created_at", "id")
    return rows.filter(change=change) if change is not None else rows


def document_changes(document: Document) -> Sequence[DocumentUse]:
    """Return the latest changes that a document belongs to, as the document's page shows them. One query."""
    rows = change_document_list().filter(document=document).order_by("-created_at", "-id")[:USES_SHOWN]
    return [
        DocumentUse(
            row.change.change_number,
            row.change.change_title,
            reverse("changes:change-detail", args=[row.change_id]),
            row.change.status,
            row.change.get_status_display(),
        )
        for row in rows
    ]
