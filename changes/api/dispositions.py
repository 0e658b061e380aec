"""What happens to existing parts: of one change, and who has what to do over all of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from changes import permissions
from changes.api import examples
from changes.api.disposition_serializers import (
    CompleteSerializer,
    DispositionCreateSerializer,
    DispositionFields,
    DispositionQuery,
    DispositionSerializer,
    ReopenSerializer,
)
from changes.models import Disposition
from changes.selectors import disposition_list
from changes.services import (
    disposition_add,
    disposition_complete,
    disposition_remove,
    disposition_reopen,
    disposition_update,
)
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet


class DispositionActions:
    """Mixin of the change's viewset."""

    disposition_permissions = {
        "dispositions": permissions.CHANGES_READ,
        "disposition_create": permissions.CHANGES_UPDATE,
    }

    @extend_schema(responses=DispositionSerializer(many=True))
    @action(detail=True)
    def dispositions(self: Any, request: Request, pk: Any) -> Answer:
        """List what happens to the existing parts of a change, in the order in which it was written."""
        rows = disposition_list(self.get_object())
        answer: Answer = self.answer_page(rows, serializer_class=DispositionSerializer)
        return answer

    @extend_schema(
        operation_id="changes_dispositions_create",
        request=DispositionCreateSerializer,
        responses={201: DispositionSerializer},
        examples=examples.DISPOSITION,
    )
    @dispositions.mapping.post
    def disposition_create(self: Any, request: Request, pk: Any) -> Answer:
        """Say in a draft what happens to the parts at one place. If-Match is judged by the change. CONFLICT when the part
        has a row for this place already; VALIDATION_ERROR for a part that the change does not touch.
        """
        self.get_object()
        values = self.validated(DispositionCreateSerializer)
        affected_id = values.pop("affected_id")
        made = disposition_add(
            actor=self.actor,
            change_id=pk,
            affected_id=affected_id,
            values=values,
            expected_version=self.expected_version,
        )
        row = disposition_list().get(pk=made.pk)
        answer: Answer = self.answer_one(row, status=201, serializer_class=DispositionSerializer)
        answer.headers["Location"] = reverse("api-change-disposition-detail", args=[pk, made.pk])
        return answer


class DispositionViewSet(PlmViewSet):
    """One disposition of a change."""

    serializer_class = DispositionSerializer
    etag_covers_answer = False  # numbers of products, names of people and the change's status are not the row's own
    permission_map = {
        "retrieve": permissions.CHANGES_READ,
        "partial_update": permissions.CHANGES_UPDATE,
        "destroy": permissions.CHANGES_UPDATE,
        "complete": permissions.CHANGES_DISPOSE,
        "reopen": permissions.CHANGES_DISPOSE,
    }

    def get_queryset(self) -> QuerySet[Disposition]:
        """Return those of the change in the address."""
        return disposition_list().filter(change_id=self.kwargs.get("change_pk"))

    def retrieve(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Read a disposition."""
        return self.answer_one(self.get_object())

    @extend_schema(request=DispositionFields, examples=examples.DISPOSITION_ASSIGNED)
    def partial_update(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Change a disposition: in a draft all of it, later owner_id and due_on alone, until the change is closed. CONFLICT
        for anything else, and for one that is done.
        """
        self.get_object()
        changes = self.validated(DispositionFields, partial=True)
        disposition_update(
            actor=self.actor, disposition_id=pk, changes=changes, expected_version=self.expected_version
        )
        return self.answer_one(self.get_queryset().get(pk=pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Removed; nothing to show.")})
    def destroy(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Take a disposition out of a draft."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        disposition_remove(actor=self.actor, disposition_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()

    @extend_schema(
        operation_id="changes_dispositions_complete",
        request=CompleteSerializer,
        responses=DispositionSerializer,
        examples=examples.DISPOSITION_DONE,
    )
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Say that it is done, and what was really done; its owner, or who manages changes. CONFLICT unless the change is
        implemented and not closed, and for one that is done.
        """
        self.get_object()
        given = self.validated(CompleteSerializer)
        disposition_complete(actor=self.actor, disposition_id=pk, expected_version=self.expected_version, **given)
        return self.answer_one(self.get_queryset().get(pk=pk))

    @extend_schema(
        operation_id="changes_dispositions_reopen", request=ReopenSerializer, responses=DispositionSerializer
    )
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Take back that it is done, saying why. CONFLICT for one that is open, or whose change is closed."""
        self.get_object()
        given = self.validated(ReopenSerializer)
        disposition_reopen(actor=self.actor, disposition_id=pk, expected_version=self.expected_version, **given)
        return self.answer_one(self.get_queryset().get(pk=pk))


class AllDispositionsViewSet(PlmViewSet):
    """Dispositions of all changes."""

    serializer_class = DispositionSerializer
    permission_map = {"list": permissions.CHANGES_READ}

    def get_queryset(self) -> QuerySet[Disposition]:
        """Return the tenant's dispositions."""
        return disposition_list()

    @extend_schema(parameters=[DispositionQuery], responses=DispositionSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List what is to be done with existing parts, the first due first."""
        query = read_query(DispositionQuery, request.query_params)
        owner = self.actor.user_id if query.pop("mine") else query.pop("owner", None)
        query.pop("owner", None)
        rows = disposition_list(owner_id=owner, is_overdue=query.pop("overdue"), **query)
        return self.answer_page(rows)
