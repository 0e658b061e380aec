"""Evidence of a record, and what a product's structure is under each regulation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from compliance import permissions
from compliance.api.serializers import (
    EvidenceRemoveQuery,
    EvidenceSerializer,
    EvidenceUploadSerializer,
    MarketsSerializer,
    ProductComplianceQuery,
    ProductComplianceSerializer,
)
from compliance.downloads import evidence_response
from compliance.models import Evidence
from compliance.selectors import evidence_list, record_get
from compliance.selectors.product import product_compliance
from compliance.services import evidence_add, evidence_remove, product_markets_set
from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from plm_project.api.viewsets import PlmView, PlmViewSet
from plm_project.core import clock
from products.selectors.records import product_get


class EvidenceViewSet(PlmViewSet):
    """Evidence of one record."""

    serializer_class = EvidenceSerializer
    permission_map = {
        "list": permissions.COMPLIANCE_READ,
        "create": permissions.COMPLIANCE_ASSESS,
        "retrieve": permissions.COMPLIANCE_READ,
        "destroy": permissions.COMPLIANCE_ASSESS,
        "download": permissions.COMPLIANCE_READ,
    }

    def get_queryset(self) -> QuerySet[Evidence]:
        """Return that of the record in the address."""
        return evidence_list(self.kwargs.get("record_pk"))

    def get_parsers(self) -> list[Any]:
        """A file comes as a form, everything else as usual."""
        is_upload = getattr(self.request, "method", "") == "POST"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    @extend_schema(operation_id="compliance_evidence_list", responses=EvidenceSerializer(many=True))
    def list(self, request: Request, record_pk: Any) -> Answer:
        """List a record's evidence, newest first."""
        record_get(record_pk)
        return self.answer_page(self.get_queryset())

    @extend_schema(
        operation_id="compliance_evidence_create",
        request={"multipart/form-data": EvidenceUploadSerializer},
        responses={201: EvidenceSerializer},
    )
    def create(self, request: Request, record_pk: Any) -> Answer:
        """Attach a file. VALIDATION_ERROR when it is empty, too large, or not what its name says."""
        record_get(record_pk)
        values = self.validated(EvidenceUploadSerializer)
        upload = values.pop("file")
        made = evidence_add(actor=self.actor, record_id=record_pk, upload=upload, file_name=upload.name, **values)
        return self.answer_one(made, status=201)

    def retrieve(self, request: Request, record_pk: Any, pk: Any) -> Answer:
        """Read what an evidence is."""
        return self.answer_one(self.get_object())

    @extend_schema(parameters=[EvidenceRemoveQuery], responses={204: OpenApiResponse(description="Removed.")})
    def destroy(self, request: Request, record_pk: Any, pk: Any) -> Answer:
        """Take an evidence out of sight, with a reason. Its content stays stored."""
        self.get_object()
        query = read_query(EvidenceRemoveQuery, request.query_params)
        evidence_remove(actor=self.actor, evidence_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()

    @extend_schema(
        operation_id="compliance_evidence_download",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def download(self, request: Request, record_pk: Any, pk: Any) -> HttpResponseBase:
        """Download the file, always as an attachment."""
        return evidence_response(request._request, self.get_object())


class ProductComplianceView(PlmView):
    """What a product and its structure are under each regulation."""

    serializer_class = ProductComplianceSerializer
    permission_map = {"get": permissions.COMPLIANCE_READ, "put": permissions.COMPLIANCE_ASSESS}

    def get_queryset(self) -> Any:
        """Return nothing: the answer is computed."""
        raise NotImplementedError("The status of a structure is computed")

    @extend_schema(operation_id="products_compliance", parameters=[ProductComplianceQuery])
    def get(self, request: Request, pk: Any) -> Answer:  # type: ignore[override]
        """Show the product's own records, and the worst status of its structure with the way to the part behind it."""
        query = read_query(ProductComplianceQuery, request.query_params)
        return self._answer(pk, query.get("as_of") or clock.today())

    @extend_schema(operation_id="products_compliance_markets", request=MarketsSerializer)
    def put(self, request: Request, pk: Any) -> Answer:  # type: ignore[override]
        """Say in which markets the product is sold."""
        product_get(pk)
        product_markets_set(actor=self.actor, product_id=pk, **self.validated(MarketsSerializer))
        return self._answer(pk, clock.today())

    def _answer(self, pk: Any, day: Any) -> Answer:
        found = product_compliance(product_get(pk), day)
        return Answer(self.written(found))
