"""Jobs: list, read, cancel, and the file that one made. They are started where their work is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from plm_project.api.viewsets import PlmViewSet
from plm_project.jobs import permissions
from plm_project.jobs.api.serializers import JobQuery, JobRowSerializer, JobSerializer
from plm_project.jobs.models import Job
from plm_project.jobs.progress import with_progress
from plm_project.jobs.selectors import job_get, job_list
from plm_project.jobs.services import job_cancel
from plm_project.jobs.views import job_file_answer


class JobViewSet(PlmViewSet):
    """The caller's jobs, or everybody's for who manages them."""

    serializer_class = JobSerializer
    etag_covers_answer = False  # progress moves without the job's version
    permission_map = {
        "list": permissions.JOBS_READ,
        "retrieve": permissions.JOBS_READ,
        "cancel": permissions.JOBS_CANCEL,
        "file": permissions.JOBS_READ,
    }

    def get_queryset(self) -> QuerySet[Job]:
        """Return those the caller may see."""
        return job_list(self.actor)

    def written(self, record: Any, *, many: bool = False, serializer_class: Any = None) -> Any:
        """Write with the freshest progress."""
        with_progress(record if many else [record])
        return super().written(record, many=many, serializer_class=serializer_class)

    @extend_schema(parameters=[JobQuery], responses=JobRowSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List jobs, newest first, without their results."""
        query = read_query(JobQuery, request.query_params)
        rows = job_list(self.actor, states=query.get("state", ()), mine=query["mine"])
        return self.answer_page(rows, serializer_class=JobRowSerializer)

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read how far a job is and, once it has ended, what came out."""
        return self.answer_one(job_get(self.actor, pk))

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any) -> Answer:
        """Call a job off: one that waits is cancelled at once, one that runs stops at the next chance and undoes its work.

        CONFLICT when it has ended already.
        """
        job_cancel(actor=self.actor, job_id=pk)
        return self.answer_one(job_get(self.actor, pk))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None)
    def file(self, request: Request, pk: Any) -> StreamingHttpResponse:
        """Download the file that the job made."""
        return job_file_answer(request._request, self.actor, pk)
