"""The files of documents: one version, its download, the model to draw, its picture."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.viewsets import PlmViewSet
from products import permissions
from products.api.document_serializers import VersionSerializer
from products.document_downloads import version_file, version_model, version_thumbnail
from products.models import DocumentVersion
from products.selectors.documents import version_get, version_list
from products.services.model_preparation import preparation_retry

FILE = OpenApiResponse(OpenApiTypes.BINARY, description="The file.")


class DocumentVersionViewSet(PlmViewSet):
    """Versions: the files as they were checked in."""

    serializer_class = VersionSerializer
    etag_covers_answer = False  # the model is prepared without the version's version
    permission_map = {
        "retrieve": permissions.DOCUMENTS_READ,
        "download": permissions.DOCUMENTS_READ,
        "model": permissions.DOCUMENTS_READ,
        "thumbnail": permissions.DOCUMENTS_READ,
        "prepare": permissions.DOCUMENTS_UPDATE,
    }

    def get_queryset(self) -> QuerySet[DocumentVersion]:
        """Return the tenant's versions."""
        return version_list()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read what is known of one file."""
        return self.answer_one(self.get_object())

    @extend_schema(responses={(200, "application/octet-stream"): FILE})
    @action(detail=True, pagination_class=None)
    def download(self, request: Request, pk: Any) -> StreamingHttpResponse:
        """Download the file as it was checked in."""
        return version_file(request._request, self.actor, pk)

    @extend_schema(responses={(200, "model/gltf-binary"): FILE})
    @action(detail=True, pagination_class=None)
    def model(self, request: Request, pk: Any) -> StreamingHttpResponse:
        """Download what a viewer draws: STL, 3MF, glTF and GLB as they are, the GLB made of a STEP file."""
        return version_model(request._request, self.actor, pk)

    @extend_schema(responses={(200, "image/png"): FILE})
    @action(detail=True, pagination_class=None)
    def thumbnail(self, request: Request, pk: Any) -> StreamingHttpResponse:
        """Download the picture of a model, or a picture file itself."""
        return version_thumbnail(request._request, self.actor, pk)

    @extend_schema(request=None, responses={202: VersionSerializer})
    @action(detail=True, methods=["post"])
    def prepare(self, request: Request, pk: Any) -> Answer:
        """Try a failed conversion again; the work goes on after the answer. CONFLICT where nothing has failed."""
        self.get_object()
        preparation_retry(actor=self.actor, version_id=pk)
        return self.answer_one(version_get(pk), status=202)
