"""Cost and mass of every product: a job that makes a file."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.viewsets import PlmView
from plm_project.jobs.api.answers import job_answer
from plm_project.jobs.api.serializers import JobSerializer
from products import permissions
from products.api.filters import ResolutionQuery
from products.services.rollup_job import rollup_all_start


class RollupAllSerializer(ResolutionQuery):
    """Which revisions and lines count."""


class RollupAllView(PlmView):
    """Roll up everything."""

    permission_map = {"post": permissions.PRODUCTS_READ}
    serializer_class = RollupAllSerializer

    def get_queryset(self) -> Any:
        """Return nothing: the view has no records of its own."""
        raise NotImplementedError("A roll-up has no records to list")

    @extend_schema(operation_id="products_rollup_all", responses={202: JobSerializer})
    def post(self, request: Request) -> Answer:  # type: ignore[override]
        """Have cost and mass of all products computed: 202 with the job, whose file is a CSV of number, unit_cost, currency
        and mass_kg. While the same question runs, asking again answers that job.
        """
        return job_answer(self, rollup_all_start(actor=self.actor, **self.validated()))
