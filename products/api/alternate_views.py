"""Alternates: below their product, and by their own address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from plm_project.api.viewsets import PlmViewSet
from products import permissions
from products.models import Alternate
from products.selectors.alternates import alternate_rows, alternates_of
from products.services.alternates import alternate_add, alternate_remove, alternate_update


class AlternateChangeSerializer(PlmSerializer):
    """What may be said of an alternate."""

    is_two_way = serializers.BooleanField(required=False, help_text="The product may be taken for the alternate too.")
    rank = serializers.IntegerField(required=False, min_value=1, max_value=32_767, help_text="1 is tried first.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class AlternateCreateSerializer(AlternateChangeSerializer):
    """A product that may be taken for this one."""

    alternate_id = serializers.UUIDField()


class AlternateSerializer(PlmSerializer):
    """A pair of products, of which the alternate may be taken for the product."""

    row_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    alternate_id = serializers.UUIDField()
    alternate_number = serializers.CharField(source="alternate.product_number")
    alternate_name = serializers.CharField(source="alternate.product_name")
    is_two_way = serializers.BooleanField()
    rank = serializers.IntegerField()
    note = serializers.CharField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()


class AlternateActions:
    """Mixin of ProductViewSet."""

    alternate_permissions = {"alternates": permissions.PRODUCTS_READ, "alternate_create": permissions.PRODUCTS_UPDATE}

    @extend_schema(responses=AlternateSerializer(many=True))
    @action(detail=True)
    def alternates(self: Any, request: Request, pk: Any) -> Answer:
        """List what may be taken for the product, by rank; pairs in both directions stand with both products."""
        answer: Answer = self.answer_page(alternates_of(self.get_object()), serializer_class=AlternateSerializer)
        return answer

    @extend_schema(
        operation_id="products_alternates_create",
        request=AlternateCreateSerializer,
        responses={201: AlternateSerializer},
    )
    @alternates.mapping.post
    def alternate_create(self: Any, request: Request, pk: Any) -> Answer:
        """Say that another product may be taken for this one. CONFLICT when the pair stands already."""
        self.get_object()
        values = self.validated(AlternateCreateSerializer)
        row = alternate_add(actor=self.actor, product_id=pk, alternate_id=values.pop("alternate_id"), data=values)
        answer: Answer = self.answer_one(row, status=201, serializer_class=AlternateSerializer)
        answer.headers["Location"] = reverse("api-alternate-detail", kwargs={"pk": row.pk})
        return answer


class AlternateViewSet(PlmViewSet):
    """Alternates by their own address."""

    serializer_class = AlternateSerializer
    etag_covers_answer = False  # numbers and names are the products'
    permission_map = {
        "retrieve": permissions.PRODUCTS_READ,
        "partial_update": permissions.PRODUCTS_UPDATE,
        "destroy": permissions.PRODUCTS_UPDATE,
    }

    def get_queryset(self) -> QuerySet[Alternate]:
        """Return the tenant's alternates."""
        return alternate_rows()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read an alternate."""
        return self.answer_one(self.get_object())

    @extend_schema(request=AlternateChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change direction, rank or note."""
        self.get_object()
        changes = self.validated(AlternateChangeSerializer, partial=True)
        return self.answer_one(
            alternate_update(actor=self.actor, row_id=pk, changes=changes, expected_version=self.expected_version)
        )

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Removed.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Say that it may be taken no more; its history is kept."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        alternate_remove(actor=self.actor, row_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()
