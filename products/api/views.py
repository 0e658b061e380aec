"""Products: list, create, read, change, delete, lifecycle, revisions. Structure: ``structure_actions.py``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from plm_project.tenancy.states import transition_options
from products import permissions
from products.api import examples
from products.api.alternate_views import AlternateActions
from products.api.baseline_views import BaselineActions
from products.api.configuration_views import ConfigurationActions
from products.api.export_actions import ExportActions
from products.api.filters import ProductQuery
from products.api.line_input import line_inputs
from products.api.serializers import (
    ProductChangeSerializer,
    ProductCreateSerializer,
    ProductSerializer,
    ProductTransitionSerializer,
    ProductTransitionsSerializer,
    RevisionCreateSerializer,
    RevisionSerializer,
)
from products.api.sourcing_actions import SourcingActions
from products.api.structure_actions import StructureActions
from products.api.substitute_views import SubstituteUseActions
from products.extensions import references_of
from products.models import Product
from products.selectors.graph import revision_named
from products.selectors.products import ProductFilter, product_list, revision_list
from products.services import (
    product_create,
    product_delete,
    product_lifecycle_change,
    product_update,
    revision_create,
)

DELETED = OpenApiResponse(description="Deleted; nothing to show.")


class ProductViewSet(
    ConfigurationActions,
    AlternateActions,
    SubstituteUseActions,
    StructureActions,
    ExportActions,
    BaselineActions,
    SourcingActions,
    PlmViewSet,
):
    """Products of the tenant."""

    serializer_class = ProductSerializer
    etag_covers_answer = False  # compliance and documents change without the product's version
    permission_map = {
        "list": permissions.PRODUCTS_READ,
        "create": permissions.PRODUCTS_CREATE,
        "retrieve": permissions.PRODUCTS_READ,
        "partial_update": permissions.PRODUCTS_UPDATE,
        "destroy": permissions.PRODUCTS_DELETE,
        "transitions": permissions.PRODUCTS_READ,
        # Each transition has a permission of its own, which the service asks for.
        "transition_apply": permissions.PRODUCTS_READ,
        "revisions": permissions.PRODUCTS_READ,
        "revision_start": permissions.REVISIONS_CREATE,
        **ConfigurationActions.configuration_permissions,
        **AlternateActions.alternate_permissions,
        **SubstituteUseActions.substitute_permissions,
        **StructureActions.structure_permissions,
        **SourcingActions.sourcing_permissions,
        **ExportActions.export_permissions,
        **BaselineActions.baseline_permissions,
    }

    def get_queryset(self) -> QuerySet[Product]:
        """Return the tenant's live products."""
        return product_list()

    def written(self, record: Any, *, many: bool = False, serializer_class: Any = None) -> Any:
        """Fetch the references of all products to be written at once, then write them."""
        if serializer_class is None:
            self.references = references_of([product.pk for product in record] if many else [record.pk])
        return super().written(record, many=many, serializer_class=serializer_class)

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand on the references."""
        return {**super().get_serializer_context(), "references": getattr(self, "references", {})}

    @extend_schema(parameters=[ProductQuery])
    def list(self, request: Request) -> Answer:
        """List products, filtered and sorted."""
        return self.answer_page(product_list(ProductFilter(**read_query(ProductQuery, request.query_params))))

    @extend_schema(request=ProductCreateSerializer, responses={201: ProductSerializer}, examples=examples.CREATE)
    def create(self, request: Request) -> Answer:
        """Create a product with revision A, and its structure where given: all or nothing.

        CONFLICT when the number is, or ever was, taken in this tenant. Publishes product_created, and bom_changed with
        lines.
        """
        values = self.validated(ProductCreateSerializer)
        values.pop("revision", None)
        product = product_create(
            actor=self.actor,
            structure=line_inputs(values.pop("structure", ()), prefix="structure"),
            auto_create_digital_twin=values.pop("auto_create_digital_twin"),
            data=values,
        )
        return self.answer_created(product, message=_("Product %s was created.") % product.product_number)

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a product."""
        return self.answer_one(self.get_object())

    @extend_schema(request=ProductChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change a product's own fields. Publishes product_updated, and cost_updated when an amount changed."""
        self.get_object()
        changes = self.validated(ProductChangeSerializer, partial=True)
        product = product_update(
            actor=self.actor,
            product_id=pk,
            reason=changes.pop("reason", ""),
            changes=changes,
            expected_version=self.expected_version,
        )
        return self.answer_one(product)

    @extend_schema(parameters=[ReasonQuery], responses={204: DELETED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Delete a product (it stays in the database; its number stays taken).

        CONFLICT when it was ever released or stands on a line.
        """
        self.get_object()
        product_delete(
            actor=self.actor,
            product_id=pk,
            expected_version=self.expected_version,
            **read_query(ReasonQuery, request.query_params),
        )
        return self.answer_deleted()

    # --- lifecycle --------------------------------------------------------------------------------------------------
    @extend_schema(responses=ProductTransitionsSerializer)
    @action(detail=True, pagination_class=None)
    def transitions(self, request: Request, pk: Any) -> Answer:
        """Tell where the product can go now, and why not elsewhere."""
        product = self.get_object()
        options = {
            "lifecycle_phase": product.lifecycle_phase,
            "transitions": transition_options(product, "lifecycle_phase", self.actor),
        }
        return Answer(self.written(options, serializer_class=ProductTransitionsSerializer))

    @extend_schema(
        operation_id="products_transition",
        request=ProductTransitionSerializer,
        responses={200: ProductSerializer},
        examples=examples.TRANSITION,
    )
    @transitions.mapping.post
    def transition_apply(self, request: Request, pk: Any) -> Answer:
        """Move the product to another phase. CONFLICT, with the reason, when there is no way now.

        Publishes lifecycle_phase_changed.
        """
        self.get_object()
        values = self.validated(ProductTransitionSerializer)
        product = product_lifecycle_change(
            actor=self.actor,
            product_id=pk,
            to=values["to"],
            reason=values.get("reason", ""),
            replaced_by_id=values.get("replaced_by"),
            expected_version=self.expected_version,
        )
        return self.answer_one(product)

    # --- revisions --------------------------------------------------------------------------------------------------
    @extend_schema(responses=RevisionSerializer(many=True))
    @action(detail=True)
    def revisions(self, request: Request, pk: Any) -> Answer:
        """List the product's revisions, newest first."""
        return self.answer_page(revision_list(self.get_object()), serializer_class=RevisionSerializer)

    @extend_schema(
        operation_id="products_revisions_create",
        request=RevisionCreateSerializer,
        responses={201: RevisionSerializer},
    )
    @revisions.mapping.post
    def revision_start(self, request: Request, pk: Any) -> Answer:
        """Start the next revision, with the lines of the released (or latest) one.

        CONFLICT when one is in work already.
        """
        product = self.get_object()
        values = self.validated(RevisionCreateSerializer)
        base = values.pop("base", "")
        revision = revision_create(
            actor=self.actor,
            product_id=pk,
            base_id=revision_named(product, base).pk if base else None,
            **values,
        )
        answer = self.answer_one(revision, status=201, serializer_class=RevisionSerializer)
        answer.headers["Location"] = reverse("api-revision-detail", kwargs={"pk": revision.pk})
        return answer
