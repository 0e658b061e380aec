"""The bill of materials as a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from plm_project.api.query import read_query
from plm_project.web.csv_download import file_download
from products import permissions
from products.api.filters import RollupQuery
from products.exporting import FORMATS, bom_export
from products.selectors.structures import structure_asked


class ExportQuery(RollupQuery):
    """What to export, and as which kind of file."""

    format = serializers.ChoiceField(list(FORMATS), required=False, default="csv")  # type: ignore[assignment]
    flat = serializers.BooleanField(
        required=False, default=False, help_text="Totals per product instead of the indented tree."
    )


class AnyAccept(DefaultContentNegotiation):
    """A file is sent as what it is: neither ``Accept`` nor ``format`` chooses how; an error is JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type or ""


class ExportActions:
    """Mixin of ProductViewSet."""

    export_permissions: ClassVar[dict[str, str]] = {"export": permissions.PRODUCTS_READ}

    @extend_schema(
        parameters=[ExportQuery],
        responses={
            (200, kind.content_type.partition(";")[0]): OpenApiResponse(OpenApiTypes.BINARY)
            for kind in FORMATS.values()
        },
        filters=False,
    )
    @action(detail=True, pagination_class=None, content_negotiation_class=AnyAccept)
    def export(self: Any, request: Request, pk: Any) -> StreamingHttpResponse:
        """Export the bill of materials as CSV, XLSX or CycloneDX 1.6, indented or with ``flat`` as totals.

        An import of the indented file gives an equal bill of materials. CONFLICT when the stored structure contains a
        cycle, or is more than a file can hold.
        """
        query = read_query(ExportQuery, request.query_params)
        export = bom_export(structure_asked(self.get_object(), query, sums_only=query["flat"]), flat=query["flat"])
        kind = FORMATS[query["format"]]
        return file_download(f"{export.name}{kind.ending}", kind.content_type, kind.write(export))
