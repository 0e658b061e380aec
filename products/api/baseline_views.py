"""Baselines: list, read, verify, withdraw. They are taken, and asked for by product, at the product's own address."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from plm_project.api.viewsets import PlmViewSet
from products import permissions
from products.api.baseline_serializers import (
    BaselineCheckSerializer,
    BaselineCreateSerializer,
    BaselineQuery,
    BaselineSerializer,
    BaselineWithdrawSerializer,
    HoldingBaselineSerializer,
)
from products.models import Baseline
from products.selectors.baseline_check import baseline_verify
from products.selectors.baselines import baseline_get, baseline_list, baselines_holding
from products.selectors.questions import resolution_asked
from products.services.baselines import baseline_create, baseline_withdraw


class BaselineViewSet(PlmViewSet):
    """Baselines of the tenant. What one froze is read as explosion, roll-up, comparison or export with ``baseline``."""

    serializer_class = BaselineSerializer
    permission_map = {
        "list": permissions.PRODUCTS_READ,
        "retrieve": permissions.PRODUCTS_READ,
        "verify": permissions.PRODUCTS_READ,
        "withdraw": permissions.BASELINES_WITHDRAW,
    }

    def get_queryset(self) -> QuerySet[Baseline]:
        """Return the tenant's baselines."""
        return baseline_list()

    @extend_schema(parameters=[BaselineQuery])
    def list(self, request: Request) -> Answer:
        """List baselines, newest first."""
        query = read_query(BaselineQuery, request.query_params)
        rows = baseline_list(withdrawn=query.get("withdrawn"))
        if "product_id" in query:
            rows = rows.filter(product_id=query["product_id"])
        return self.answer_page(rows)

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a baseline."""
        return self.answer_one(self.get_object())

    @extend_schema(responses=BaselineCheckSerializer)
    @action(detail=True)
    def verify(self, request: Request, pk: Any) -> Answer:
        """Take the checksum again from the rows; ``faults`` names those that differ."""
        check = baseline_verify(self.get_object())
        return Answer(self.written(check, serializer_class=BaselineCheckSerializer))

    @extend_schema(request=BaselineWithdrawSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: Any) -> Answer:
        """Say that a baseline was taken by mistake. It stays readable; CONFLICT when it is withdrawn already."""
        self.get_object()
        reason = self.validated(BaselineWithdrawSerializer)["reason"]
        baseline_withdraw(actor=self.actor, baseline_id=pk, reason=reason, expected_version=self.expected_version)
        return self.answer_one(baseline_get(pk))


class BaselineActions:
    """Mixin of ProductViewSet: the product's own baselines, and those that hold it."""

    baseline_permissions: ClassVar[dict[str, str]] = {
        "baselines": permissions.PRODUCTS_READ,
        "baseline_take": permissions.BASELINES_CREATE,
        "in_baselines": permissions.PRODUCTS_READ,
    }

    @extend_schema(responses=BaselineSerializer(many=True))
    @action(detail=True)
    def baselines(self: Any, request: Request, pk: Any) -> Answer:
        """List the product's baselines, newest first."""
        answer: Answer = self.answer_page(baseline_list(self.get_object()), serializer_class=BaselineSerializer)
        return answer

    @extend_schema(
        operation_id="products_baselines_create", request=BaselineCreateSerializer, responses={201: BaselineSerializer}
    )
    @baselines.mapping.post
    def baseline_take(self: Any, request: Request, pk: Any) -> Answer:
        """Freeze the structure that the question finds. CONFLICT when the name was ever taken, or there is nothing."""
        product = self.get_object()
        values = self.validated(BaselineCreateSerializer)
        baseline = baseline_create(
            actor=self.actor,
            product_id=product.pk,
            name=values["name"],
            note=values["note"],
            revision_label=values["revision"],
            resolution=resolution_asked(values, product),
        )
        answer: Answer = self.answer_one(baseline_get(baseline.pk), status=201, serializer_class=BaselineSerializer)
        answer.headers["Location"] = reverse("api-baseline-detail", kwargs={"pk": baseline.pk})
        return answer

    @extend_schema(responses=HoldingBaselineSerializer(many=True))
    @action(detail=True, url_path="in-baselines")
    def in_baselines(self: Any, request: Request, pk: Any) -> Answer:
        """List the baselines that hold the product, of whatever product, newest first."""
        rows = baselines_holding(self.get_object())
        answer: Answer = self.answer_page(rows, serializer_class=HoldingBaselineSerializer)
        return answer
