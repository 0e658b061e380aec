"""What the tenant has decided about its products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from plm_project.api.endpoints import one_or_not_found
from plm_project.api.envelope import Answer
from plm_project.api.serializers import PlmSerializer
from plm_project.api.viewsets import PlmViewSet
from products import permissions
from products.choices import RevisionScheme
from products.models import ProductPolicy
from products.services.policy import product_policy_update


class ProductPolicyFields(PlmSerializer):
    """What may be changed of the policy."""

    revision_scheme = serializers.ChoiceField(
        RevisionScheme.choices, required=False, help_text="How revisions made from now on are called."
    )


class ProductPolicySerializer(PlmSerializer):
    """The policy of products."""

    revision_scheme = serializers.ChoiceField(RevisionScheme.choices)
    version = serializers.IntegerField()


class ProductPolicyViewSet(PlmViewSet):
    """The tenant's policy of products: one record, which comes with the tenant."""

    serializer_class = ProductPolicySerializer
    permission_map: ClassVar[Mapping[str, str]] = {
        "retrieve": permissions.PRODUCTS_READ,
        "partial_update": permissions.PRODUCTS_CONFIGURE,
    }

    def get_queryset(self) -> QuerySet[ProductPolicy]:
        """Return the tenant's policy."""
        rows: QuerySet[ProductPolicy] = ProductPolicy.objects.all()
        return rows

    def get_object(self) -> ProductPolicy:
        """Return the one there is."""
        found: ProductPolicy = one_or_not_found(self.get_queryset())
        return found

    @extend_schema(operation_id="product_policy_retrieve")
    def retrieve(self, request: Request) -> Answer:
        """Read the policy of products."""
        return self.answer_one(self.get_object())

    @extend_schema(operation_id="product_policy_update", request=ProductPolicyFields)
    def partial_update(self, request: Request) -> Answer:
        """Change the policy. Revisions there are keep their labels."""
        policy = self.get_object()
        changes = self.validated(ProductPolicyFields, partial=True)
        product_policy_update(
            actor=self.actor, policy_id=policy.pk, changes=changes, expected_version=self.expected_version
        )
        return self.answer_one(self.get_object())
