"""Documents of a change."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from changes import permissions
from changes.api.serializers import ChangeDocumentCreateSerializer, ChangeDocumentSerializer
from changes.models import ChangeDocument
from changes.selectors import change_document_list
from changes.services import change_document_add, change_document_remove
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet


class DocumentActions:
    """Mixin of the change's viewset."""

    document_permissions = {"documents": permissions.CHANGES_READ, "document_create": permissions.CHANGES_UPDATE}

    @extend_schema(responses=ChangeDocumentSerializer(many=True))
    @action(detail=True)
    def documents(self: Any, request: Request, pk: Any) -> Answer:
        """List the documents that belong to the change."""
        rows = change_document_list(self.get_object())
        answer: Answer = self.answer_page(rows, serializer_class=ChangeDocumentSerializer)
        return answer

    @extend_schema(
        operation_id="changes_documents_create",
        request=ChangeDocumentCreateSerializer,
        responses={201: ChangeDocumentSerializer},
    )
    @documents.mapping.post
    def document_create(self: Any, request: Request, pk: Any) -> Answer:
        """Link a document to a draft. If-Match is judged by the change. CONFLICT when it is linked already."""
        self.get_object()
        values = self.validated(ChangeDocumentCreateSerializer)
        link = change_document_add(actor=self.actor, change_id=pk, expected_version=self.expected_version, **values)
        answer: Answer = self.answer_one(link, status=201, serializer_class=ChangeDocumentSerializer)
        answer.headers["Location"] = reverse("api-change-document-detail", args=[pk, link.pk])
        return answer


class ChangeDocumentViewSet(PlmViewSet):
    """One document of a change."""

    serializer_class = ChangeDocumentSerializer
    etag_covers_answer = False  # the title is the document's
    permission_map = {"retrieve": permissions.CHANGES_READ, "destroy": permissions.CHANGES_UPDATE}

    def get_queryset(self) -> QuerySet[ChangeDocument]:
        """Return those of the change in the address."""
        return change_document_list().filter(change_id=self.kwargs.get("change_pk"))

    def retrieve(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Read a document's link."""
        return self.answer_one(self.get_object())

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Removed; nothing to show.")})
    def destroy(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Take a document off a draft; the document stays."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        change_document_remove(actor=self.actor, link_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()
