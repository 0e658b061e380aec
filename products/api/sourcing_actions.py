"""What a product's own address answers about sourcing: its AML, its offers, its cost by quantity."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from products import permissions
from products.api.filters import PageQuery
from products.api.sourcing_serializers import (
    OfferCreateSerializer,
    OfferSerializer,
    PaginatedQuantityCostSerializer,
    PaginatedRequirementsSerializer,
    QuantityCostQuery,
    RequirementQuery,
    SourceCreateSerializer,
    SourceSerializer,
)
from products.choices import MissingPolicy
from products.selectors.graph import structure_load
from products.selectors.quantity_rollup import quantity_rollup
from products.selectors.questions import resolution_asked
from products.selectors.requirements import requirement_list, requirements_answer
from products.selectors.sourcing import offer_get, offer_list, source_list
from products.selectors.sourcing_answers import cost_head, cost_line, rollup_head
from products.services.approved_sources import source_add
from products.services.supplier_offers import offer_create
from products.sourcing.pricing import Break


class SourcingActions:
    """Mixin of ProductViewSet."""

    sourcing_permissions: ClassVar[dict[str, str]] = {
        "sources": permissions.SOURCING_READ,
        "source_create": permissions.SOURCING_UPDATE,
        "offers": permissions.SOURCING_READ,
        "offer_create": permissions.SOURCING_UPDATE,
        "quantity_cost": permissions.SOURCING_READ,
        "requirements": permissions.PRODUCTS_READ,
    }

    @extend_schema(responses=SourceSerializer(many=True))
    @action(detail=True)
    def sources(self: Any, request: Request, pk: Any) -> Answer:
        """List the product's approved manufacturer list, the preferred source first."""
        answer: Answer = self.answer_page(source_list(self.get_object()), serializer_class=SourceSerializer)
        return answer

    @extend_schema(
        operation_id="products_sources_create", request=SourceCreateSerializer, responses={201: SourceSerializer}
    )
    @sources.mapping.post
    def source_create(self: Any, request: Request, pk: Any) -> Answer:
        """Add a manufacturer part to the list as a potential source. CONFLICT when it stands there already."""
        self.get_object()
        values = self.validated(SourceCreateSerializer)
        part_id = values.pop("manufacturer_part_id")
        source = source_add(actor=self.actor, product_id=pk, manufacturer_part_id=part_id, data=values)
        return _made(self, source, SourceSerializer, "api-source-detail")

    @extend_schema(responses=OfferSerializer(many=True))
    @action(detail=True)
    def offers(self: Any, request: Request, pk: Any) -> Answer:
        """List the offers for the product itself and for the parts on its approved manufacturer list."""
        answer: Answer = self.answer_page(offer_list(self.get_object()), serializer_class=OfferSerializer)
        return answer

    @extend_schema(
        operation_id="products_offers_create", request=OfferCreateSerializer, responses={201: OfferSerializer}
    )
    @offers.mapping.post
    def offer_create(self: Any, request: Request, pk: Any) -> Answer:
        """Enter an offer for a manufacturer part, or without one for the product itself, with its prices."""
        self.get_object()
        values = self.validated(OfferCreateSerializer)
        breaks = [Break(**entry) for entry in values.pop("breaks")]
        if values.get("manufacturer_part_id") is None:
            values["product_id"] = pk
        offer = offer_create(actor=self.actor, data=values, breaks=breaks)
        return _made(self, offer_get(offer.pk), OfferSerializer, "api-offer-detail")

    @extend_schema(parameters=[QuantityCostQuery, PageQuery], responses=PaginatedQuantityCostSerializer)
    @action(detail=True, url_path="quantity-cost")
    def quantity_cost(self: Any, request: Request, pk: Any) -> Answer:
        """Tell what building a number of units costs, every bought part at its best offer for the quantity needed.

        ``missing`` names the parts without a price; they are in no total. ``lines`` is a page of the first quantity's.
        CONFLICT when the stored structure contains a cycle.
        """
        query = read_query(QuantityCostQuery, request.query_params)
        product = self.get_object()
        rollup = quantity_rollup(
            product,
            resolution_asked(query, product),
            query.get("quantity", [Decimal(1)]),
            policy=MissingPolicy(query.get("missing", MissingPolicy.LISTED)),
        )
        page = self.paginator.paginate_queryset(rollup.costs[0].lines, request, view=self)
        found = {
            **rollup_head(rollup),
            "quantities": [cost_head(cost) for cost in rollup.costs],
            "lines": [cost_line(line) for line in page],
        }
        data = self.written(found, serializer_class=PaginatedQuantityCostSerializer)
        return Answer(data, pagination=self.paginator.block())

    @extend_schema(parameters=[RequirementQuery, PageQuery], responses=PaginatedRequirementsSerializer)
    @action(detail=True)
    def requirements(self: Any, request: Request, pk: Any) -> Answer:
        """Tell what an order of ``quantity`` units takes of every product: with attrition, set-up and rounding.

        Optional lines count with ``optional`` alone, lines for reference never. CONFLICT when the stored structure
        contains a cycle.
        """
        query = read_query(RequirementQuery, request.query_params)
        product = self.get_object()
        structure = structure_load(product, resolution_asked(query, product))
        rows = requirement_list(structure, query["quantity"])
        page = self.paginator.paginate_queryset(rows, request, view=self)
        found = {**requirements_answer(structure, query["quantity"]), "lines": page}
        data = self.written(found, serializer_class=PaginatedRequirementsSerializer)
        return Answer(data, pagination=self.paginator.block())


def _made(view: Any, record: Any, serializer_class: Any, route: str) -> Answer:
    """Answer a record made below the product: 201 with its own address."""
    answer: Answer = view.answer_one(record, status=201, serializer_class=serializer_class)
    answer.headers["Location"] = reverse(route, kwargs={"pk": record.pk})
    return answer
