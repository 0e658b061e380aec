"""Regulations, records, the matrix: thin doors."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from compliance import permissions
from compliance.api.serializers import (
    ComplianceRecordSerializer,
    HistoryEntrySerializer,
    MatrixQuery,
    MatrixRowSerializer,
    RecordQuery,
    RecordTransitionOptionSerializer,
    RecordTransitionSerializer,
    RegulationFields,
    RegulationQuery,
    RegulationSerializer,
)
from compliance.models import ComplianceRecord, Regulation
from compliance.selectors import MatrixFilter, RecordFilter, matrix_products, record_list, regulation_list
from compliance.selectors.matrix import MatrixPage
from compliance.services import record_move, regulation_create, regulation_delete, regulation_update
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmView, PlmViewSet
from plm_project.tenancy.states import transition_options


class RegulationViewSet(PlmViewSet):
    """Regulations of the tenant."""

    serializer_class = RegulationSerializer
    permission_map = {
        "list": permissions.COMPLIANCE_READ,
        "create": permissions.REGULATIONS_MANAGE,
        "retrieve": permissions.COMPLIANCE_READ,
        "partial_update": permissions.REGULATIONS_MANAGE,
        "destroy": permissions.REGULATIONS_MANAGE,
        "history": permissions.COMPLIANCE_READ,
    }

    def get_queryset(self) -> QuerySet[Regulation]:
        """Return the tenant's regulations."""
        return regulation_list()

    @extend_schema(parameters=[RegulationQuery], responses=RegulationSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List regulations by code and version."""
        return self.answer_page(regulation_list(**read_query(RegulationQuery, request.query_params)))

    @extend_schema(request=RegulationFields, responses={201: RegulationSerializer})
    def create(self, request: Request) -> Answer:
        """Enter a regulation. Tracking starts at once for every product that it reaches."""
        return self.answer_created(regulation_create(actor=self.actor, data=self.validated(RegulationFields)))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a regulation."""
        return self.answer_one(self.get_object())

    @extend_schema(request=RegulationFields)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change a regulation. A wider scope starts tracking for whom it reaches now."""
        self.get_object()
        changes = self.validated(RegulationFields, partial=True)
        regulation_update(actor=self.actor, regulation_id=pk, changes=changes, expected_version=self.expected_version)
        return self.answer_one(self.get_queryset().get(pk=pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Deleted.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Delete a regulation under which nothing was assessed. CONFLICT otherwise: give it an end date."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        regulation_delete(actor=self.actor, regulation_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()

    @extend_schema(responses=HistoryEntrySerializer(many=True))
    @action(detail=True)
    def history(self, request: Request, pk: Any) -> Answer:
        """List who changed the regulation, when and why, newest first."""
        return self.answer_page(history_rows(self.get_object()), serializer_class=HistoryEntrySerializer)


class ComplianceRecordViewSet(PlmViewSet):
    """Compliance records: one per product revision and regulation."""

    serializer_class = ComplianceRecordSerializer
    etag_covers_answer = False  # names of products and people change without it, and a date ends a status
    permission_map = {
        "list": permissions.COMPLIANCE_READ,
        "retrieve": permissions.COMPLIANCE_READ,
        "history": permissions.COMPLIANCE_READ,
        "transitions": permissions.COMPLIANCE_READ,
        # which one a step takes, the state machine says
        "transition": permissions.COMPLIANCE_READ,
    }

    def get_queryset(self) -> QuerySet[ComplianceRecord]:
        """Return the tenant's records."""
        return record_list()

    @extend_schema(parameters=[RecordQuery], responses=ComplianceRecordSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List records by product number and regulation."""
        query = read_query(RecordQuery, request.query_params)
        for name in ("product", "assessor"):
            if name in query:
                query[f"{name}_id"] = query.pop(name)
        if "regulation" in query:
            query.update(_regulation_named(query.pop("regulation")))
        return self.answer_page(record_list(RecordFilter(**query)))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a record."""
        return self.answer_one(self.get_object())

    @extend_schema(responses=HistoryEntrySerializer(many=True))
    @action(detail=True)
    def history(self, request: Request, pk: Any) -> Answer:
        """List who changed the record, when and why, newest first."""
        return self.answer_page(history_rows(self.get_object()), serializer_class=HistoryEntrySerializer)

    @extend_schema(operation_id="compliance_transitions_list", responses=RecordTransitionOptionSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def transitions(self, request: Request, pk: Any) -> Answer:
        """Tell where the record can go now, and why not elsewhere."""
        options = transition_options(self.get_object(), "status", self.actor)
        return Answer(self.written(options, many=True, serializer_class=RecordTransitionOptionSerializer))

    @extend_schema(
        operation_id="compliance_transition",
        request=RecordTransitionSerializer,
        responses=ComplianceRecordSerializer,
    )
    @transitions.mapping.post
    def transition(self, request: Request, pk: Any) -> Answer:
        """Move the record. Non-compliant, waived and reopening need a reason, compliant valid evidence or a reason; a
        waiver needs plm.compliance.waive. CONFLICT when there is no way. Publishes compliance_status_changed.
        """
        self.get_object()
        record_move(
            actor=self.actor,
            record_id=pk,
            expected_version=self.expected_version,
            **self.validated(RecordTransitionSerializer),
        )
        return self.answer_one(self.get_queryset().get(pk=pk))


class MatrixView(PlmView):
    """Products × regulations."""

    serializer_class = MatrixRowSerializer
    permission_map = {"get": permissions.COMPLIANCE_READ}

    def get_queryset(self) -> Any:
        """Return the rows' products."""
        return matrix_products(MatrixFilter(), ())

    @extend_schema(
        operation_id="compliance_matrix", parameters=[MatrixQuery], responses=MatrixRowSerializer(many=True)
    )
    def get(self, request: Request) -> Answer:  # type: ignore[override]
        """Show products by number with a cell for each regulation in force today."""
        wanted = MatrixFilter(**read_query(MatrixQuery, request.query_params))
        return self.answer_page(MatrixPage(wanted))


def history_rows(record: Any) -> list[dict[str, Any]]:
    """Return a record's own history, newest first."""
    words = {"+": "created", "~": "changed", "-": "deleted"}
    return [
        {
            "action": "deleted" if row.is_deleted else words[row.history_type],
            "when": row.history_date,
            "who": row.history_actor,
            "why": row.history_change_reason or "",
            "version": row.version,
        }
        for row in record.history.order_by("-history_date", "-history_id")
    ]


def _regulation_named(text: str) -> dict[str, Any]:
    try:
        return {"regulation_id": uuid.UUID(text)}
    except ValueError:
        return {"regulation_code": text}
