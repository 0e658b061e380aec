"""Manufacturers, suppliers, manufacturer parts, sources, offers, exchange rates and the single-source report."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmView, PlmViewSet
from plm_project.tenancy.states import transition_options
from products import permissions
from products.api.filters import PageQuery
from products.api.sourcing_serializers import (
    ExchangeRateQuery,
    ExchangeRateSerializer,
    ManufacturerPartQuery,
    ManufacturerPartSerializer,
    ManufacturerSerializer,
    OfferChangeSerializer,
    OfferSerializer,
    PaginatedSingleSourceSerializer,
    PartnerQuery,
    SingleSourceQuery,
    SourceChangeSerializer,
    SourceSerializer,
    SourceTransitionSerializer,
    SourceTransitionsSerializer,
    SupplierSerializer,
)
from products.models import ApprovedSource, ExchangeRate, Manufacturer, ManufacturerPart, Supplier, SupplierOffer
from products.selectors.products import product_by_number
from products.selectors.questions import resolution_asked
from products.selectors.single_source import SingleSources
from products.selectors.sourcing import (
    exchange_rate_list,
    manufacturer_list,
    manufacturer_part_list,
    offer_get,
    offer_list,
    source_get,
    source_list,
    supplier_list,
)
from products.selectors.sourcing_answers import single_source_head, single_source_row
from products.services.approved_sources import source_remove, source_step, source_update
from products.services.partners import (
    manufacturer_create,
    manufacturer_delete,
    manufacturer_part_create,
    manufacturer_part_delete,
    manufacturer_part_update,
    manufacturer_update,
    supplier_create,
    supplier_delete,
    supplier_update,
)
from products.services.supplier_offers import (
    exchange_rate_create,
    exchange_rate_delete,
    exchange_rate_update,
    offer_remove,
    offer_update,
)
from products.sourcing.pricing import Break

DELETED = OpenApiResponse(description="Deleted; nothing to show.")


def _crud(write: str) -> dict[str, str]:
    reads = dict.fromkeys(("list", "retrieve"), permissions.SOURCING_READ)
    return {**reads, **dict.fromkeys(("create", "partial_update", "destroy"), write)}


class MasterViewSet(PlmViewSet):
    """What the plain records share: list with filters, create, read, change, delete by their services.

    ``services`` are create, update and delete; ``key`` is what the last two call the record's id.
    """

    etag_covers_answer = False  # the name of a manufacturer changes without the version of its part
    services: ClassVar[tuple[Any, Any, Any]]
    key: ClassVar[str]

    def create(self, request: Request) -> Answer:
        """Create one. CONFLICT, naming the field, when there is such a record already."""
        make = type(self).services[0]
        return self.answer_created(make(actor=self.actor, data=self.validated()))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read one."""
        return self.answer_one(self.get_object())

    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change one."""
        self.get_object()
        change = type(self).services[1]
        changes = self.validated(partial=True)
        change(actor=self.actor, changes=changes, expected_version=self.expected_version, **{self.key: pk})
        return self.answer_one(self.get_queryset().get(pk=pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: DELETED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Delete one. CONFLICT while something stands on it."""
        self.get_object()
        delete = type(self).services[2]
        reason = read_query(ReasonQuery, request.query_params)
        delete(actor=self.actor, expected_version=self.expected_version, **{self.key: pk}, **reason)
        return self.answer_deleted()


class ManufacturerViewSet(MasterViewSet):
    """Manufacturers of the tenant."""

    serializer_class = ManufacturerSerializer
    permission_map = _crud(permissions.SOURCING_UPDATE)
    services = (manufacturer_create, manufacturer_update, manufacturer_delete)
    key = "manufacturer_id"

    def get_queryset(self) -> QuerySet[Manufacturer]:
        """Return the tenant's manufacturers."""
        return manufacturer_list()

    @extend_schema(parameters=[PartnerQuery])
    def list(self, request: Request) -> Answer:
        """List manufacturers by name."""
        query = read_query(PartnerQuery, request.query_params)
        return self.answer_page(manufacturer_list(query.get("q", ""), active=query["is_active"]))


class SupplierViewSet(MasterViewSet):
    """Suppliers of the tenant."""

    serializer_class = SupplierSerializer
    permission_map = _crud(permissions.SOURCING_UPDATE)
    services = (supplier_create, supplier_update, supplier_delete)
    key = "supplier_id"

    def get_queryset(self) -> QuerySet[Supplier]:
        """Return the tenant's suppliers."""
        return supplier_list()

    @extend_schema(parameters=[PartnerQuery])
    def list(self, request: Request) -> Answer:
        """List suppliers by name."""
        query = read_query(PartnerQuery, request.query_params)
        return self.answer_page(supplier_list(query.get("q", ""), active=query["is_active"]))


class ManufacturerPartViewSet(MasterViewSet):
    """Manufacturer parts of the tenant."""

    serializer_class = ManufacturerPartSerializer
    permission_map = _crud(permissions.SOURCING_UPDATE)
    services = (manufacturer_part_create, manufacturer_part_update, manufacturer_part_delete)
    key = "part_id"

    def get_queryset(self) -> QuerySet[ManufacturerPart]:
        """Return the tenant's manufacturer parts."""
        return manufacturer_part_list()

    @extend_schema(parameters=[ManufacturerPartQuery])
    def list(self, request: Request) -> Answer:
        """List manufacturer parts by number."""
        return self.answer_page(manufacturer_part_list(**read_query(ManufacturerPartQuery, request.query_params)))


class ExchangeRateViewSet(MasterViewSet):
    """Exchange rates of the tenant."""

    serializer_class = ExchangeRateSerializer
    permission_map = _crud(permissions.SOURCING_RATES)
    services = (exchange_rate_create, exchange_rate_update, exchange_rate_delete)
    key = "rate_id"

    def get_queryset(self) -> QuerySet[ExchangeRate]:
        """Return the tenant's rates."""
        return exchange_rate_list()

    @extend_schema(parameters=[ExchangeRateQuery])
    def list(self, request: Request) -> Answer:
        """List exchange rates, the newest of each currency first."""
        return self.answer_page(exchange_rate_list(**read_query(ExchangeRateQuery, request.query_params)))


class SourceViewSet(PlmViewSet):
    """Sources by their own address; a product's list is below the product's."""

    serializer_class = SourceSerializer
    etag_covers_answer = False
    permission_map = {
        "retrieve": permissions.SOURCING_READ,
        "partial_update": permissions.SOURCING_UPDATE,
        "destroy": permissions.SOURCING_UPDATE,
        "transitions": permissions.SOURCING_READ,
        # The verdict has a permission of its own, which the service asks for.
        "transition_apply": permissions.SOURCING_READ,
    }

    def get_queryset(self) -> QuerySet[ApprovedSource]:
        """Return the tenant's sources."""
        return source_list()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a source."""
        return self.answer_one(self.get_object())

    @extend_schema(request=SourceChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change a source's validity, or prefer it: the product's other sources lose the preference."""
        self.get_object()
        changes = self.validated(SourceChangeSerializer, partial=True)
        source_update(actor=self.actor, source_id=pk, changes=changes, expected_version=self.expected_version)
        return self.answer_one(source_get(pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: DELETED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Take a source off the list; one that was judged needs plm.sourcing.approve."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        source_remove(actor=self.actor, source_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()

    @extend_schema(responses=SourceTransitionsSerializer)
    @action(detail=True, pagination_class=None)
    def transitions(self, request: Request, pk: Any) -> Answer:
        """Tell where the source can go now, and why not elsewhere."""
        source = self.get_object()
        found = {"status": source.status, "transitions": transition_options(source, "status", self.actor)}
        return Answer(self.written(found, serializer_class=SourceTransitionsSerializer))

    @extend_schema(
        operation_id="sources_transition", request=SourceTransitionSerializer, responses={200: SourceSerializer}
    )
    @transitions.mapping.post
    def transition_apply(self, request: Request, pk: Any) -> Answer:
        """Approve a source, disqualify it, or look at it again. CONFLICT, with the reason, when there is no way now."""
        self.get_object()
        values = self.validated(SourceTransitionSerializer)
        source_step(actor=self.actor, source_id=pk, expected_version=self.expected_version, **values)
        return self.answer_one(source_get(pk))


class OfferViewSet(PlmViewSet):
    """Offers by their own address."""

    serializer_class = OfferSerializer
    etag_covers_answer = False
    permission_map = {
        "retrieve": permissions.SOURCING_READ,
        "partial_update": permissions.SOURCING_UPDATE,
        "destroy": permissions.SOURCING_UPDATE,
    }

    def get_queryset(self) -> QuerySet[SupplierOffer]:
        """Return the tenant's offers."""
        return offer_list()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read an offer with its prices."""
        return self.answer_one(self.get_object())

    @extend_schema(request=OfferChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change an offer; ``breaks``, where given, are all its prices from now on."""
        self.get_object()
        changes = self.validated(OfferChangeSerializer, partial=True)
        given = changes.pop("breaks", None)
        breaks = None if given is None else [Break(**entry) for entry in given]
        offer_update(
            actor=self.actor, offer_id=pk, changes=changes, breaks=breaks, expected_version=self.expected_version
        )
        return self.answer_one(offer_get(pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: DELETED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Take an offer with its prices away; its history is kept."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        offer_remove(actor=self.actor, offer_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()


class SingleSourceView(PlmView):
    """The single-source report."""

    permission_map = {"get": permissions.SOURCING_READ}
    serializer_class = PaginatedSingleSourceSerializer

    def get_queryset(self) -> QuerySet[ApprovedSource]:
        """Return what the report counts."""
        return source_list()

    @extend_schema(
        operation_id="reports_single_source",
        parameters=[SingleSourceQuery, PageQuery],
        responses=PaginatedSingleSourceSerializer,
    )
    def get(self, request: Request) -> Answer:  # type: ignore[override]
        """List bought products with no approved manufacturer or one, with the end products that contain them."""
        query = read_query(SingleSourceQuery, request.query_params)
        below = product_by_number(query["product"], field="product") if "product" in query else None
        report = SingleSources(resolution_asked(query, below), below=below)
        paginator: Any = self.paginator
        page = paginator.paginate_queryset(report, request, view=self)
        found = {**single_source_head(report), "lines": [single_source_row(row) for row in page]}
        return Answer(self.written(found), pagination=paginator.block())
