"""Neighbours, contracts, deliveries: thin doors."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from integrations import permissions
from integrations.api.serializers import (
    AsBuiltRequest,
    AssignRequest,
    CallbackSecretSerializer,
    CapabilitySerializer,
    CatchUpRequest,
    ContractDetailSerializer,
    ContractSerializer,
    CountSerializer,
    DeliveryDetailSerializer,
    DeliveryQuery,
    DeliverySerializer,
    DiscardRequest,
    DryRunRequest,
    DryRunSerializer,
    HealthSerializer,
    NeighbourFields,
    NeighbourSerializer,
    ReplayManyRequest,
    ReplayRequest,
    TrySerializer,
)
from integrations.capability import capability_record
from integrations.contracts.registry import contract, contracts
from integrations.models import Delivery, Target
from integrations.selectors import (
    DeliveryFilter,
    board,
    callback_address,
    delivery_get,
    delivery_list,
    integrations_health,
)
from integrations.selectors.dry_run import dry_run
from integrations.services import (
    callback_secret_change,
    deliveries_replay,
    delivery_assign,
    delivery_discard,
    delivery_replay,
    neighbour_catch_up,
    target_remove,
    target_save,
)
from integrations.services.as_built import as_built_tell
from integrations.services.targets import try_words
from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from plm_project.api.viewsets import PlmView, PlmViewSet


class NeighbourListView(PlmView):
    """The twelve neighbours."""

    serializer_class = NeighbourSerializer
    permission_map = {"get": permissions.INTEGRATIONS_READ}

    def get_queryset(self) -> QuerySet[Target]:
        """Return those that are configured."""
        found: QuerySet[Target] = Target.objects.all()
        return found

    @extend_schema(operation_id="integrations_neighbours", responses=NeighbourSerializer(many=True))
    def get(self, request: Request) -> Answer:  # type: ignore[override]
        """List all twelve with how they are configured and how they fare."""
        return self.answer_page(board())


class NeighbourView(PlmView):
    """One neighbour."""

    serializer_class = NeighbourSerializer
    permission_map = {
        "get": permissions.INTEGRATIONS_READ,
        "put": permissions.INTEGRATIONS_MANAGE,
        "delete": permissions.INTEGRATIONS_MANAGE,
    }

    @extend_schema(operation_id="integrations_neighbour")
    def get(self, request: Request, key: str) -> Answer:  # type: ignore[override]
        """Read how a neighbour is configured and how it fares."""
        return Answer(self.written(board(key)[0]))

    @extend_schema(operation_id="integrations_neighbour_save", request=NeighbourFields)
    def put(self, request: Request, key: str) -> Answer:
        """Configure a neighbour. Another address without a token drops the one there was."""
        target_save(actor=self.actor, neighbour_key=key, **self.validated(NeighbourFields))
        return Answer(self.written(board(key)[0]))

    @extend_schema(
        operation_id="integrations_neighbour_remove", responses={204: OpenApiResponse(description="Removed.")}
    )
    def delete(self, request: Request, key: str) -> Answer:
        """Forget address and token. CONFLICT while something has still to arrive there."""
        target_remove(actor=self.actor, neighbour_key=key)
        return Answer(None, status=204)


class NeighbourTryView(PlmView):
    """Whether a neighbour is there."""

    serializer_class = TrySerializer
    permission_map = {"post": permissions.INTEGRATIONS_MANAGE}

    @extend_schema(operation_id="integrations_neighbour_try", request=None)
    def post(self, request: Request, key: str) -> Answer:  # type: ignore[override]
        """Call GET /healthz there with our token, and say how it went."""
        is_there, words = try_words(self.actor, key)
        return Answer(self.written({"is_there": is_there, "message": words}))


class CallbackSecretView(PlmView):
    """What a neighbour signs its callbacks with."""

    serializer_class = CallbackSecretSerializer
    permission_map = {"post": permissions.INTEGRATIONS_MANAGE}

    @extend_schema(operation_id="integrations_neighbour_callback_secret", request=None)
    def post(self, request: Request, key: str) -> Answer:  # type: ignore[override]
        """Give it a new secret, told this once. The old one holds for 24 hours more."""
        secret = callback_secret_change(actor=self.actor, neighbour_key=key)
        answer = Answer(self.written({"secret": secret, "url": callback_address(self.actor, key)}))
        answer.told_once = (secret,)
        return answer


class NeighbourCatchUpView(PlmView):
    """What a neighbour missed."""

    serializer_class = CountSerializer
    permission_map = {"post": permissions.INTEGRATIONS_OPERATE}

    @extend_schema(operation_id="integrations_neighbour_catch_up", request=CatchUpRequest)
    def post(self, request: Request, key: str) -> Answer:  # type: ignore[override]
        """Tell it what it missed, of everything or since a moment: what happened before it was configured, or while it
        was switched off. What was told already is not told again. CONFLICT for one that is not switched on.
        """
        count = neighbour_catch_up(actor=self.actor, neighbour_key=key, **self.validated(CatchUpRequest))
        return Answer(self.written({"count": count}))


class ContractListView(PlmView):
    """The contracts."""

    serializer_class = ContractSerializer
    permission_map = {"get": permissions.INTEGRATIONS_READ}

    def get_queryset(self) -> QuerySet[Delivery]:
        """Return none: a contract is no record."""
        found: QuerySet[Delivery] = Delivery.objects.none()
        return found

    @extend_schema(operation_id="integrations_contracts", responses=ContractSerializer(many=True))
    def get(self, request: Request) -> Answer:  # type: ignore[override]
        """List what each neighbour is told, after which events."""
        return self.answer_page(contracts())


class ContractView(PlmView):
    """One contract."""

    serializer_class = ContractDetailSerializer
    permission_map = {"get": permissions.INTEGRATIONS_READ}

    @extend_schema(operation_id="integrations_contract")
    def get(self, request: Request, key: str) -> Answer:  # type: ignore[override]
        """Read a contract with its mapping and the JSON Schema of both sides."""
        return Answer(self.written(contract(key)))


class HealthView(PlmView):
    """How integrations fare."""

    serializer_class = HealthSerializer
    permission_map = {"get": permissions.INTEGRATIONS_READ}

    @extend_schema(operation_id="integrations_health")
    def get(self, request: Request) -> Answer:  # type: ignore[override]
        """Read status, dependencies, figures of each integration and the errors of the last hour."""
        return Answer(self.written(integrations_health()))


class CapabilityView(PlmView):
    """What this installation is."""

    serializer_class = CapabilitySerializer
    permission_map = {"get": permissions.CAPABILITY_READ}

    @extend_schema(operation_id="capability")
    def get(self, request: Request) -> Answer:  # type: ignore[override]
        """Read the capability record: what it needs, what it offers, and where."""
        return Answer(self.written(capability_record()))


class DryRunView(PlmView):
    """What would be sent."""

    serializer_class = DryRunSerializer
    permission_map = {"post": permissions.INTEGRATIONS_OPERATE}

    @extend_schema(operation_id="integrations_contract_dry_run", request=DryRunRequest)
    def post(self, request: Request, key: str) -> Answer:  # type: ignore[override]
        """Show what the other side would receive about a product now, what speaks against it, and what differs from
        what it last got. Nothing is sent or written.
        """
        found = dry_run(contract(key), self.validated(DryRunRequest)["entity_id"])
        return Answer(self.written(found))


class AsBuiltView(PlmView):
    """What one unit was built from."""

    serializer_class = DeliverySerializer
    permission_map = {"post": permissions.INTEGRATIONS_OPERATE}

    @extend_schema(operation_id="integrations_as_built", request=AsBuiltRequest, responses={202: DeliverySerializer})
    def post(self, request: Request) -> Answer:  # type: ignore[override]
        """Have the structure of one unit, as effective for its serial number, sent to the asset management. The same
        unit and day again is the same delivery.
        """
        return Answer(self.written(as_built_tell(actor=self.actor, **self.validated(AsBuiltRequest))), status=202)


class DeliveryViewSet(PlmViewSet):
    """What was to be delivered, and what became of it."""

    serializer_class = DeliveryDetailSerializer
    etag_covers_answer = False  # attempts move without a reader's doing
    permission_map = {
        "list": permissions.INTEGRATIONS_READ,
        "retrieve": permissions.INTEGRATIONS_READ,
        "replay": permissions.INTEGRATIONS_OPERATE,
        "replay_many": permissions.INTEGRATIONS_OPERATE,
        "discard": permissions.INTEGRATIONS_OPERATE,
        "assign": permissions.INTEGRATIONS_OPERATE,
    }

    def get_queryset(self) -> QuerySet[Delivery]:
        """Return the tenant's."""
        return delivery_list()

    @extend_schema(parameters=[DeliveryQuery], responses=DeliverySerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List deliveries, newest first."""
        wanted = DeliveryFilter(**read_query(DeliveryQuery, request.query_params))
        return self.answer_page(delivery_list(wanted), serializer_class=DeliverySerializer)

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a delivery with what was sent and every attempt."""
        return self.answer_one(delivery_get(pk))

    @extend_schema(request=ReplayRequest)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: Any) -> Answer:
        """Send one again. CONFLICT when it is on its way."""
        self.get_object()  # what is not there is not found, whatever else is wrong
        delivery_replay(actor=self.actor, delivery_id=pk, **self.validated(ReplayRequest))
        return self.answer_one(delivery_get(pk))

    @extend_schema(
        operation_id="integrations_deliveries_replay_many", request=ReplayManyRequest, responses=CountSerializer
    )
    @action(detail=False, methods=["post"], url_path="replay", pagination_class=None)
    def replay_many(self, request: Request) -> Answer:
        """Send many again: by id, or a neighbour's, or all since a moment; those for review unless ``states`` says more."""
        given = self.validated(ReplayManyRequest)
        ids: list[uuid.UUID] | None = given.pop("ids", None)
        count = deliveries_replay(actor=self.actor, ids=ids, neighbour_key=given.pop("neighbour", ""), **given)
        return Answer(self.written({"count": count}, serializer_class=CountSerializer))

    @extend_schema(request=DiscardRequest)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: Any) -> Answer:
        """Decide that one need not arrive; what waits behind it goes on."""
        self.get_object()  # what is not there is not found, whatever else is wrong
        delivery_discard(actor=self.actor, delivery_id=pk, **self.validated(DiscardRequest))
        return self.answer_one(delivery_get(pk))

    @extend_schema(request=AssignRequest)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: Any) -> Answer:
        """Say who looks after one; null: nobody."""
        self.get_object()  # what is not there is not found, whatever else is wrong
        delivery_assign(actor=self.actor, delivery_id=pk, **self.validated(AssignRequest))
        return self.answer_one(delivery_get(pk))
