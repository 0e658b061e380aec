"""Documents in lists and alone, those of a product, and what a model's parts are called in its bill of materials."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound, ValidationFailed
from products.choices import RevisionState
from products.models import Document, DocumentLink, DocumentRevision, DocumentVersion, Product
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution

SORT_FIELDS = ("created_at", "updated_at", "document_number", "title", "document_type")
SORT_ORDERS = ("asc", "desc")


@dataclass(frozen=True)
class DocumentFilter:
    """What a list of documents is narrowed and sorted by. ``holder``: a user id; ``state``: of the latest revision."""

    q: str = ""
    document_type: Sequence[str] = ()
    state: Sequence[str] = ()
    product_id: uuid.UUID | None = None
    holder: uuid.UUID | None = None
    sort_by: str = "created_at"
    sort_order: str = "desc"


def document_list(wanted: DocumentFilter | None = None) -> QuerySet[Document]:
    """Return documents with their latest revision (``latest_label``, ``latest_state``) and its last file
    (``latest_version_id``, ``latest_file_name``, ``latest_file_kind``, ``latest_has_picture``).

    Raises ValidationFailed for an unknown sort.
    """
    wanted = wanted or DocumentFilter()
    if wanted.sort_by not in SORT_FIELDS or wanted.sort_order not in SORT_ORDERS:
        raise ValidationFailed.field("sort_by", _("Sort by one of: %s") % ", ".join(SORT_FIELDS))
    rows: Any = with_latest(Document.objects.select_related("checked_out_by"))
    for word in wanted.q.split():
        rows = rows.filter(
            Q(document_number__icontains=word) | Q(title__icontains=word) | Q(description__icontains=word)
        )
    if wanted.document_type:
        rows = rows.filter(document_type__in=list(wanted.document_type))
    if wanted.state:
        rows = rows.filter(latest_state__in=list(wanted.state))
    if wanted.product_id is not None:
        rows = rows.filter(pk__in=DocumentLink.objects.filter(product_id=wanted.product_id).values("document_id"))
    if wanted.holder is not None:
        rows = rows.filter(checked_out_by_id=wanted.holder)
    sign = "-" if wanted.sort_order == "desc" else ""
    ordered: QuerySet[Document] = rows.order_by(f"{sign}{wanted.sort_by}", f"{sign}id")
    return ordered


def with_latest(rows: QuerySet[Document]) -> QuerySet[Document]:
    """Add what ``document_list`` says of the latest revision and its last file."""
    revisions = DocumentRevision.objects.filter(document=OuterRef("pk")).order_by("-sequence")
    versions = DocumentVersion.objects.filter(revision__document=OuterRef("pk"), revision__is_deleted=False)
    versions = versions.order_by("-revision__sequence", "-number")
    return rows.annotate(
        latest_label=Subquery(revisions.values("label")[:1]),
        latest_state=Subquery(revisions.values("state")[:1]),
        latest_version_id=Subquery(versions.values("pk")[:1]),
        latest_file_name=Subquery(versions.values("file_name")[:1]),
        latest_file_kind=Subquery(versions.values("file_kind")[:1]),
        latest_picture=Subquery(versions.values("preparation__thumbnail_sha256")[:1]),
    )


def document_get(document_id: uuid.UUID) -> Document:
    """Return one live document; raise NotFound."""
    document = with_latest(Document.objects.select_related("checked_out_by", "created_by")).filter(pk=document_id)
    found = document.first()
    if found is None:
        raise NotFound(_("There is no such document."))
    return found


def document_revisions(document: Document | None = None) -> QuerySet[DocumentRevision]:
    """Return revisions of live documents (of one document), newest first, with their versions."""
    versions = version_list().order_by("-number")
    rows = DocumentRevision.objects.select_related("document__checked_out_by", "released_by")
    rows = rows.filter(document__is_deleted=False).prefetch_related(Prefetch("versions", queryset=versions))
    rows = rows.order_by("document_id", "-sequence")
    return rows.filter(document=document) if document is not None else rows


def released_documents(product_ids: Sequence[uuid.UUID]) -> QuerySet[DocumentRevision]:
    """Return the released revisions of the documents that belong to these products, by document number."""
    links = DocumentLink.objects.filter(product_id__in=product_ids, product__is_deleted=False)
    rows = document_revisions().filter(state=RevisionState.RELEASED, document_id__in=links.values("document_id"))
    return rows.order_by("document__document_number", "id")


def version_list(document: Document | None = None) -> QuerySet[DocumentVersion]:
    """Return versions of live documents (of one document), newest first."""
    rows = DocumentVersion.objects.select_related("revision__document", "preparation", "created_by")
    rows = rows.filter(revision__is_deleted=False, revision__document__is_deleted=False)
    if document is not None:
        rows = rows.filter(revision__document=document)
    return rows.order_by("-revision__sequence", "-number", "-id")


def version_get(version_id: uuid.UUID) -> DocumentVersion:
    """Return one version of a live document; raise NotFound."""
    version = version_list().filter(pk=version_id).first()
    if version is None:
        raise NotFound(_("There is no such file."))
    return version


def link_list(document: Document | None = None) -> QuerySet[DocumentLink]:
    """Return links between live documents and live products (of one document)."""
    rows = DocumentLink.objects.select_related("product", "product_revision", "document")
    rows = rows.filter(product__is_deleted=False, document__is_deleted=False).order_by("created_at", "id")
    return rows.filter(document=document) if document is not None else rows


def link_get(link_id: uuid.UUID) -> DocumentLink:
    """Return one live link; raise NotFound."""
    link = link_list().filter(pk=link_id).first()
    if link is None:
        raise NotFound(_("There is no such link."))
    return link


def document_revision_get(revision_id: uuid.UUID) -> DocumentRevision:
    """Return one revision of a live document; raise NotFound."""
    revision = document_revisions().filter(pk=revision_id).first()
    if revision is None:
        raise NotFound(_("There is no such revision."))
    return revision


def document_by_number(number: str) -> Document:
    """Return the live document with this number; raise ValidationFailed for ``document``."""
    document = Document.objects.filter(document_number=number).first()
    if document is None:
        raise ValidationFailed.field("document", _("There is no document %(number)s.") % {"number": number})
    return document


def product_documents(product: Product) -> QuerySet[DocumentLink]:
    """Return a product's links with their documents (annotated as in ``document_list``), by document number."""
    documents = with_latest(Document.objects.select_related("checked_out_by"))
    rows = DocumentLink.objects.filter(product=product, document__is_deleted=False).select_related("product_revision")
    return rows.order_by("document__document_number", "id").prefetch_related(Prefetch("document", queryset=documents))


def product_model(product: Product) -> DocumentVersion | None:
    """Return the model to show of a product: the last file that is one, a released revision's before a newer one's."""
    kinds = ("step", "stl", "3mf", "gltf", "glb")
    rows = version_list().filter(
        revision__document__links__product=product,
        revision__document__links__is_deleted=False,
        file_kind__in=kinds,
    )
    released = rows.filter(revision__state=RevisionState.RELEASED)
    return released.order_by("-created_at", "-id").first() or rows.order_by("-created_at", "-id").first()


def document_references(product_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Mapping[str, Any]]]:
    """Return what a product's answer says of its documents, for a whole page of products at once (one query)."""
    documents = DocumentLink.objects.filter(product_id__in=product_ids, document__is_deleted=False)
    revisions = DocumentRevision.objects.filter(document=OuterRef("document_id")).order_by("-sequence")
    rows = documents.annotate(
        number=F("document__document_number"),
        title=F("document__title"),
        kind=F("document__document_type"),
        label=Subquery(revisions.values("label")[:1]),
        state=Subquery(revisions.values("state")[:1]),
        of_revision=F("product_revision__label"),
    ).order_by("document__document_number", "id")
    found: dict[uuid.UUID, list[Mapping[str, Any]]] = {}
    for row in rows.values("product_id", "document_id", "number", "title", "kind", "label", "state", "of_revision"):
        found.setdefault(row["product_id"], []).append(
            {
                "document_id": str(row["document_id"]),
                "document_number": row["number"],
                "title": row["title"],
                "document_type": row["kind"],
                "revision": row["label"],
                "state": row["state"],
                "product_revision": row["of_revision"],
            }
        )
    return found


def model_parts(product: Product) -> list[dict[str, Any]]:
    """Return every product below ``product`` with one of its BOM lines, for the viewer to find by a node's name."""
    structure = structure_load(product, Resolution.of())
    products, lines = structure.products, structure.lines
    parts: dict[int, dict[str, Any]] = {}
    for parent in range(len(structure)):
        for line in structure.below(parent):
            at = structure.child[line]
            parts.setdefault(
                at,
                {
                    "product_number": structure.number(at),
                    "product_name": products.name[at],
                    "revision": structure.label(at),
                    "find_number": lines.find_number[line],
                    "quantity": structure.quantities[line],
                    "unit_of_measure": lines.unit[line],
                    "parent_number": structure.number(parent),
                    "url": reverse("products:product-detail", args=[uuid.UUID(bytes=products.key[at])]),
                },
            )
    return list(parts.values())
