"""Documents of the vault: records, check-out and check-in, revisions, links. Files: ``document_file_views.py``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from plm_project.tenancy.states import transition_options
from products import permissions
from products.api.document_serializers import (
    BreakCheckOutSerializer,
    CheckInSerializer,
    DocumentChangeSerializer,
    DocumentCreateSerializer,
    DocumentLinkCreateSerializer,
    DocumentLinkSerializer,
    DocumentQuery,
    DocumentReviseSerializer,
    DocumentRevisionSerializer,
    DocumentRevisionTransitionsSerializer,
    DocumentSerializer,
    DocumentTransitionSerializer,
    VersionSerializer,
)
from products.api.views import DELETED
from products.choices import RevisionState
from products.models import Document, DocumentLink, DocumentRevision
from products.selectors.documents import (
    DocumentFilter,
    document_get,
    document_list,
    document_revisions,
    link_list,
    version_get,
    version_list,
)
from products.services.document_files import (
    document_break_check_out,
    document_check_in,
    document_check_out,
    document_undo_check_out,
)
from products.services.document_revisions import document_revise, document_revision_move
from products.services.documents import (
    document_create,
    document_delete,
    document_link,
    document_unlink,
    document_update,
)


class DocumentViewSet(PlmViewSet):
    """Documents of the tenant."""

    serializer_class = DocumentSerializer
    etag_covers_answer = False  # revision and file change without the document's version
    permission_map = {
        "list": permissions.DOCUMENTS_READ,
        "create": permissions.DOCUMENTS_CREATE,
        "retrieve": permissions.DOCUMENTS_READ,
        "partial_update": permissions.DOCUMENTS_UPDATE,
        "destroy": permissions.DOCUMENTS_DELETE,
        "check_out": permissions.DOCUMENTS_UPDATE,
        "check_in": permissions.DOCUMENTS_UPDATE,
        "undo_check_out": permissions.DOCUMENTS_UPDATE,
        "break_check_out": permissions.DOCUMENTS_MANAGE,
        "revisions": permissions.DOCUMENTS_READ,
        "revise": permissions.DOCUMENTS_UPDATE,
        "versions": permissions.DOCUMENTS_READ,
        "links": permissions.DOCUMENTS_READ,
        "link_create": permissions.DOCUMENTS_UPDATE,
    }

    def get_queryset(self) -> QuerySet[Document]:
        """Return the tenant's live documents."""
        return document_list()

    def get_parsers(self) -> list[Any]:
        """A new document may come with a file (multipart) or without one (JSON)."""
        actions = getattr(self, "action_map", {})  # the action itself is not known yet when parsers are asked for
        method = getattr(self.request, "method", None) or "POST"
        takes_file = actions.get(method.lower()) == "create"
        return [*super().get_parsers(), *([MultiPartParser()] if takes_file else [])]

    @extend_schema(parameters=[DocumentQuery])
    def list(self, request: Request) -> Answer:
        """List documents, filtered and sorted."""
        return self.answer_page(document_list(DocumentFilter(**read_query(DocumentQuery, request.query_params))))

    @extend_schema(
        request={"multipart/form-data": DocumentCreateSerializer, "application/json": DocumentCreateSerializer},
        responses={201: DocumentSerializer},
    )
    def create(self, request: Request) -> Answer:
        """Register a document with revision A in work, with its first file and a link to a product where given.

        VALIDATION_ERROR when the file is empty, too large or not what its name says; CONFLICT when the number is or
        ever was taken.
        """
        values = self.validated(DocumentCreateSerializer)
        upload = values.pop("file", None)
        document = document_create(
            actor=self.actor,
            upload=upload,
            file_name=upload.name if upload else "",
            comment=values.pop("comment", ""),
            product_id=values.pop("product_id", None),
            data=values,
        )
        return self.answer_created(
            document_get(document.pk), message=_("Document %s was created.") % document.document_number
        )

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a document."""
        return self.answer_one(self.get_object())

    @extend_schema(request=DocumentChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change title, type or description."""
        self.get_object()
        document_update(
            actor=self.actor,
            document_id=pk,
            changes=self.validated(DocumentChangeSerializer, partial=True),
            expected_version=self.expected_version,
        )
        return self.answer_one(document_get(pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: DELETED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Delete a document that was never released and that nobody holds. Its number stays taken."""
        self.get_object()
        document_delete(
            actor=self.actor,
            document_id=pk,
            expected_version=self.expected_version,
            **read_query(ReasonQuery, request.query_params),
        )
        return self.answer_deleted()

    # --- check-out and check-in -------------------------------------------------------------------------------------
    @extend_schema(request=None, responses=DocumentSerializer)
    @action(detail=True, methods=["post"], url_path="check-out")
    def check_out(self, request: Request, pk: Any) -> Answer:
        """Take the document to work on it. CONFLICT, with who holds it and since when, when it is taken."""
        self.get_object()
        document_check_out(actor=self.actor, document_id=pk)
        return self.answer_one(document_get(pk))

    @extend_schema(request={"multipart/form-data": CheckInSerializer}, responses={201: VersionSerializer})
    @action(detail=True, methods=["post"], url_path="check-in", parser_classes=[MultiPartParser])
    def check_in(self, request: Request, pk: Any) -> Answer:
        """Make the next version of the file and free the document. Only who checked it out can."""
        self.get_object()
        values = self.validated(CheckInSerializer)
        upload = values["file"]
        version = document_check_in(
            actor=self.actor,
            document_id=pk,
            upload=upload,
            file_name=upload.name,
            comment=values.get("comment", ""),
            keep=values["keep"],
        )
        found = version_get(version.pk)
        return Answer(self.written(found, serializer_class=VersionSerializer), status=201)

    @extend_schema(request=None, responses=DocumentSerializer)
    @action(detail=True, methods=["post"], url_path="undo-check-out")
    def undo_check_out(self, request: Request, pk: Any) -> Answer:
        """Give one's own check-out back without a new version."""
        self.get_object()
        document_undo_check_out(actor=self.actor, document_id=pk)
        return self.answer_one(document_get(pk))

    @extend_schema(request=BreakCheckOutSerializer, responses=DocumentSerializer)
    @action(detail=True, methods=["post"], url_path="break-check-out")
    def break_check_out(self, request: Request, pk: Any) -> Answer:
        """End somebody else's check-out, with a reason."""
        self.get_object()
        document_break_check_out(actor=self.actor, document_id=pk, **self.validated(BreakCheckOutSerializer))
        return self.answer_one(document_get(pk))

    # --- what hangs on it -------------------------------------------------------------------------------------------
    @extend_schema(responses=DocumentRevisionSerializer(many=True))
    @action(detail=True)
    def revisions(self, request: Request, pk: Any) -> Answer:
        """List the document's revisions, newest first."""
        rows = document_revisions(self.get_object())
        return self.answer_page(rows, serializer_class=DocumentRevisionSerializer)

    @extend_schema(
        operation_id="documents_revisions_create",
        request=DocumentReviseSerializer,
        responses={201: DocumentRevisionSerializer},
    )
    @revisions.mapping.post
    def revise(self, request: Request, pk: Any) -> Answer:
        """Start the next revision. CONFLICT when one is in work already."""
        self.get_object()
        revision = document_revise(actor=self.actor, document_id=pk, **self.validated(DocumentReviseSerializer))
        answer = self.answer_one(revision, status=201, serializer_class=DocumentRevisionSerializer)
        answer.headers["Location"] = reverse("api-document-revision-detail", kwargs={"pk": revision.pk})
        return answer

    @extend_schema(responses=VersionSerializer(many=True))
    @action(detail=True)
    def versions(self, request: Request, pk: Any) -> Answer:
        """List the files of all revisions, newest first."""
        return self.answer_page(version_list(self.get_object()), serializer_class=VersionSerializer)

    @extend_schema(responses=DocumentLinkSerializer(many=True))
    @action(detail=True)
    def links(self, request: Request, pk: Any) -> Answer:
        """List the products that the document belongs to."""
        return self.answer_page(link_list(self.get_object()), serializer_class=DocumentLinkSerializer)

    @extend_schema(
        operation_id="documents_links_create",
        request=DocumentLinkCreateSerializer,
        responses={201: DocumentLinkSerializer},
    )
    @links.mapping.post
    def link_create(self, request: Request, pk: Any) -> Answer:
        """Link the document to a product, or to one revision of it."""
        self.get_object()
        link = document_link(actor=self.actor, document_id=pk, **self.validated(DocumentLinkCreateSerializer))
        return self.answer_one(link, status=201, serializer_class=DocumentLinkSerializer)


class DocumentLinkViewSet(PlmViewSet):
    """Links between documents and products."""

    serializer_class = DocumentLinkSerializer
    permission_map = {"destroy": permissions.DOCUMENTS_UPDATE}

    def get_queryset(self) -> QuerySet[DocumentLink]:
        """Return the tenant's links."""
        return link_list()

    @extend_schema(parameters=[ReasonQuery], responses={204: DELETED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Take a link away; document and product stay."""
        self.get_object()
        document_unlink(actor=self.actor, link_id=pk, **read_query(ReasonQuery, request.query_params))
        return self.answer_deleted()


class DocumentRevisionViewSet(PlmViewSet):
    """Revisions of documents."""

    serializer_class = DocumentRevisionSerializer
    permission_map = {
        "retrieve": permissions.DOCUMENTS_READ,
        "transitions": permissions.DOCUMENTS_READ,
        # Each transition has a permission of its own, which the service asks for.
        "transition_apply": permissions.DOCUMENTS_READ,
    }

    def get_queryset(self) -> QuerySet[DocumentRevision]:
        """Return the tenant's document revisions."""
        return document_revisions()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a revision of a document."""
        return self.answer_one(self.get_object())

    @extend_schema(responses=DocumentRevisionTransitionsSerializer)
    @action(detail=True, pagination_class=None)
    def transitions(self, request: Request, pk: Any) -> Answer:
        """Tell where the revision can go now, and why not elsewhere."""
        revision = self.get_object()
        options = [
            option
            for option in transition_options(revision, "state", self.actor)
            if option.to != RevisionState.SUPERSEDED
        ]
        found = {"state": revision.state, "transitions": options}
        return Answer(self.written(found, serializer_class=DocumentRevisionTransitionsSerializer))

    @extend_schema(
        operation_id="document_revisions_transition",
        request=DocumentTransitionSerializer,
        responses={200: DocumentRevisionSerializer},
    )
    @transitions.mapping.post
    def transition_apply(self, request: Request, pk: Any) -> Answer:
        """Submit (in_review), return (in_work), release (released) or withdraw (obsolete) a revision.

        Releasing freezes it for ever and supersedes the one released before. CONFLICT when there is no way now.
        """
        self.get_object()
        revision = document_revision_move(
            actor=self.actor,
            revision_id=pk,
            expected_version=self.expected_version,
            **self.validated(DocumentTransitionSerializer),
        )
        return self.answer_one(revision)
