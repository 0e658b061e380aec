"""plm_document_release: which released documents belong to what a change has released. Files are named, never sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import ACCEPTED, ID, TEXT, listing, message, record
from products.models import DocumentRevision
from products.selectors.documents import released_documents


@dataclass(frozen=True)
class ReleaseFacts:
    """The change, as its event tells of it, and the documents."""

    change_id: str
    change_number: str
    revisions: tuple[DocumentRevision, ...]


def gather(subject: Subject) -> ReleaseFacts:
    """Read the released documents of the products that the change affected."""
    products = [entry["product_id"] for entry in subject.data.get("affected_products", [])]
    return ReleaseFacts(
        str(subject.entity_id), str(subject.data.get("change_number", "")), tuple(released_documents(products))
    )


def to_payload(facts: ReleaseFacts) -> dict[str, Any]:
    """Name each document with its revision and files."""
    return {
        "change_id": facts.change_id,
        "change_number": facts.change_number,
        "documents": [
            {
                "document_id": str(revision.document_id),
                "document_number": revision.document.document_number,
                "title": revision.document.title,
                "type": revision.document.document_type,
                "revision": revision.label,
                "files": [
                    {
                        "file_name": version.file_name,
                        "sha256": version.file_sha256,
                        "bytes": version.file_size,
                        "media_type": version.media_type,
                    }
                    for version in revision.versions.all()
                ],
            }
            for revision in facts.revisions
        ],
    }


CONTRACT = Contract(
    key="plm_document_release",
    version=1,
    neighbour="document_management",
    title=gettext_lazy("Released documents"),
    path="/api/v1/documents/releases",
    triggers=("change_implemented",),
    tells_events=True,
    schema=message(
        change_id=ID,
        change_number=TEXT,
        documents=listing(
            record(
                document_id=ID,
                document_number=TEXT,
                title=TEXT,
                type=TEXT,
                revision=TEXT,
                files=listing(
                    record(
                        file_name=TEXT,
                        sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
                        bytes={"type": "integer", "minimum": 0},
                        media_type=TEXT,
                    )
                ),
            )
        ),
    ),
    answer_schema=ACCEPTED,
    gather=gather,
    map=to_payload,
    mapping=(
        ("document.document_number", "documents.document_number"),
        ("document.document_type", "documents.type"),
        ("revision.label", "documents.revision"),
        ("version.file_sha256", "documents.files.sha256"),
        ("version.file_size", "documents.files.bytes"),
    ),
)
