"""Substitutes: below their line, by their own address, and where a product is one."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from plm_project.api.viewsets import PlmViewSet
from plm_project.core.exceptions import ValidationFailed
from products import permissions
from products.api.fields import QuantityField, UnitField
from products.models import LineSubstitute
from products.selectors.products import product_ids
from products.selectors.substitutes import substitute_rows, substitute_uses, substitutes_of_line
from products.services.substitutes import substitute_add, substitute_remove, substitute_update


class SubstituteChangeSerializer(PlmSerializer):
    """What may be said of a substitute."""

    rank = serializers.IntegerField(required=False, min_value=1, max_value=32_767, help_text="1 is tried first.")
    quantity = QuantityField(required=False, help_text="Above 0, for the whole line. Default: the line's.")
    unit_of_measure = UnitField(
        required=False, help_text="Of the quantity given here, default the product's; it is stored in the product's."
    )
    reference_designators = serializers.ListField(child=serializers.CharField(max_length=50), required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class SubstituteCreateSerializer(SubstituteChangeSerializer):
    """A product that may be taken for the part of the line, named by ``product_id`` or ``product_number``."""

    product_id = serializers.UUIDField(required=False)
    product_number = serializers.CharField(required=False, max_length=50)

    def validate(self, attrs: Any) -> Any:
        """Check that one product is named."""
        if len({"product_id", "product_number"} & set(attrs)) != 1:
            raise serializers.ValidationError({"product_id": [_("Name the product by id or by number.")]})
        return attrs


class SubstituteSerializer(PlmSerializer):
    """A product that may be taken for the part of one line; the quantity stands for the line's and is in its own unit."""

    row_id = serializers.UUIDField(source="pk")
    line_id = serializers.UUIDField()
    find_number = serializers.IntegerField(source="line.find_number")
    part_number = serializers.CharField(source="line.child.product_number", help_text="The part of the line.")
    parent_id = serializers.UUIDField(source="line.parent_revision.product_id")
    parent_number = serializers.CharField(source="line.parent_revision.product.product_number")
    parent_revision = serializers.CharField(source="line.parent_revision.label")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    product_name = serializers.CharField(source="product.product_name")
    rank = serializers.IntegerField()
    quantity = QuantityField()
    unit_of_measure = serializers.CharField()
    reference_designators = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()


class LineSubstituteActions:
    """Mixin of LineViewSet."""

    substitute_permissions = {"substitutes": permissions.PRODUCTS_READ, "substitute_create": permissions.BOM_UPDATE}

    @extend_schema(responses=SubstituteSerializer(many=True))
    @action(detail=True)
    def substitutes(self: Any, request: Request, pk: Any) -> Answer:
        """List what may be taken for the part of the line, by rank."""
        rows = substitutes_of_line(self.get_object())
        answer: Answer = self.answer_page(rows, serializer_class=SubstituteSerializer)
        return answer

    @extend_schema(
        operation_id="lines_substitutes_create",
        request=SubstituteCreateSerializer,
        responses={201: SubstituteSerializer},
    )
    @substitutes.mapping.post
    def substitute_create(self: Any, request: Request, pk: Any) -> Answer:
        """Say that a product may be taken for the part of the line, while its revision is in work.

        CONFLICT when it stands on the line already. Publishes bom_changed.
        """
        self.get_object()
        values = self.validated(SubstituteCreateSerializer)
        row = substitute_add(actor=self.actor, line_id=pk, product_id=_named(values), data=values)
        answer: Answer = self.answer_one(row, status=201, serializer_class=SubstituteSerializer)
        answer.headers["Location"] = reverse("api-substitute-detail", kwargs={"pk": row.pk})
        return answer


class SubstituteUseActions:
    """Mixin of ProductViewSet."""

    substitute_permissions = {"substitute_uses": permissions.PRODUCTS_READ}

    @extend_schema(responses=SubstituteSerializer(many=True))
    @action(detail=True, url_path="substitute-uses")
    def substitute_uses(self: Any, request: Request, pk: Any) -> Answer:
        """List the lines of revisions in use on which the product is a substitute."""
        answer: Answer = self.answer_page(substitute_uses(self.get_object()), serializer_class=SubstituteSerializer)
        return answer


class SubstituteViewSet(PlmViewSet):
    """Substitutes by their own address."""

    serializer_class = SubstituteSerializer
    etag_covers_answer = False  # numbers and names are the products'
    permission_map = {
        "retrieve": permissions.PRODUCTS_READ,
        "partial_update": permissions.BOM_UPDATE,
        "destroy": permissions.BOM_UPDATE,
    }

    def get_queryset(self) -> QuerySet[LineSubstitute]:
        """Return the tenant's substitutes."""
        return substitute_rows()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a substitute."""
        return self.answer_one(self.get_object())

    @extend_schema(request=SubstituteChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change rank, quantity, designators or note. Publishes bom_changed."""
        self.get_object()
        changes = self.validated(SubstituteChangeSerializer, partial=True)
        row = substitute_update(actor=self.actor, row_id=pk, changes=changes, expected_version=self.expected_version)
        return self.answer_one(row)

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Removed.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Say that it may be taken no more on this line; its history is kept. Publishes bom_changed."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        substitute_remove(actor=self.actor, row_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()


def _named(values: dict[str, Any]) -> uuid.UUID:
    """Take the product out of the values; raise ValidationFailed for a number that is no product's."""
    if "product_id" in values:
        found: uuid.UUID = values.pop("product_id")
        return found
    number = values.pop("product_number")
    known = product_ids([number])
    if number not in known:
        raise ValidationFailed.field("product_number", _("There is no product %(number)s.") % {"number": number})
    return known[number]
