"""Change requests over the API: ask, edit, answer, take back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from changes import permissions
from changes.api.examples import PRODUCT_ID
from changes.api.serializers import StepSerializer
from changes.api.vote_serializers import PersonSerializer
from changes.choices import ChangeStatus, ChangeType, Priority, RequestStatus, Urgency
from changes.models import ChangeRequest
from changes.models.request import MAX_ANSWER, MAX_REQUEST_TEXT
from changes.selectors import products_not_in, request_detail, request_get, request_list, request_story
from changes.selectors.requests import SORT_FIELDS, SORT_ORDERS
from changes.services import (
    request_accept,
    request_create,
    request_decline,
    request_reopen,
    request_unlink,
    request_update,
    request_withdraw,
)
from changes.services.requests import MOST_PRODUCTS
from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from plm_project.api.viewsets import PlmViewSet
from plm_project.tenancy.states import transition_options

ORDER_ID = "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c16"
ASK_EXAMPLE = [
    OpenApiExample(
        "From the shop floor",
        value={
            "title": "Spokes break under load",
            "description": "Eleven rear wheels came back since March, all with broken spokes on the drive side.",
            "proposal": "More spokes, or thicker ones.",
            "change_type": "quality_improvement",
            "priority": "high",
            "products": [PRODUCT_ID],
        },
        request_only=True,
    )
]
ACCEPT_EXAMPLE = [
    OpenApiExample("As a new change", value={"comment": "We go for 36 spokes."}, request_only=True),
    OpenApiExample("With a change that is open", value={"order_id": ORDER_ID}, request_only=True),
]
REASON_EXAMPLE = [OpenApiExample("With a reason", value={"comment": "The rims are at fault."}, request_only=True)]


class RequestFields(PlmSerializer):
    """What somebody asks for."""

    title = serializers.CharField(min_length=3, max_length=200)
    description = serializers.CharField(max_length=MAX_REQUEST_TEXT, help_text="What is wrong.")
    proposal = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_REQUEST_TEXT, help_text="What is wanted, where it is known."
    )
    change_type = serializers.ChoiceField(ChangeType.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    urgency = serializers.ChoiceField(Urgency.choices, required=False)
    products = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=MOST_PRODUCTS,
        help_text="Ids of the products it is about; in an edit exactly these from now on.",
    )


class RequestedProductSerializer(PlmSerializer):
    """A product that a request is about."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    product_name = serializers.CharField(source="product.product_name")


class RequestOrderSerializer(PlmSerializer):
    """The change that answers a request."""

    change_id = serializers.UUIDField(source="pk")
    change_number = serializers.CharField()
    change_title = serializers.CharField()
    status = serializers.ChoiceField(ChangeStatus.choices)


class ChangeRequestSerializer(PlmSerializer):
    """A change request, and what became of it."""

    request_id = serializers.UUIDField(source="pk")
    request_number = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    proposal = serializers.CharField()
    change_type = serializers.ChoiceField(ChangeType.choices)
    priority = serializers.ChoiceField(Priority.choices)
    urgency = serializers.ChoiceField(Urgency.choices)
    status = serializers.ChoiceField(RequestStatus.choices)
    products = RequestedProductSerializer(source="products.all", many=True)
    order = RequestOrderSerializer(allow_null=True, help_text="The change that answers it, while accepted or done.")
    answer = serializers.CharField(help_text="What was said to it last.")
    answered_at = UtcDateTimeField(allow_null=True)
    answered_by = PersonSerializer(allow_null=True)
    requester = PersonSerializer(source="created_by", allow_null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()


class NotTakenOverSerializer(PlmSerializer):
    """A product that a request is about and its change does not affect."""

    product_id = serializers.UUIDField(source="pk")
    product_number = serializers.CharField()


class AcceptedRequestSerializer(ChangeRequestSerializer):
    """An accepted request, with what its change does not cover."""

    not_in_order = NotTakenOverSerializer(many=True, help_text="Products it is about that the change does not affect.")


class RequestStepsSerializer(PlmSerializer):
    """Where a request can go now, and why not elsewhere."""

    status = serializers.ChoiceField(RequestStatus.choices)
    transitions = StepSerializer(many=True)


class RequestEventSerializer(PlmSerializer):
    """One thing that happened to a request."""

    when = UtcDateTimeField()
    who = serializers.CharField()
    status = serializers.ChoiceField(
        [("", "-"), *RequestStatus.choices], help_text="What it became; empty where only edited."
    )
    why = serializers.CharField(help_text="What was said with it.")
    edited = serializers.ListField(child=serializers.CharField(), help_text="The fields that an edit changed.")


class AcceptSerializer(PlmSerializer):
    """How a request is accepted."""

    order_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="An open change that answers it. Default: a new draft of the caller's.",
    )
    comment = serializers.CharField(required=False, allow_blank=True, max_length=MAX_ANSWER, default="")


class SaidSerializer(PlmSerializer):
    """What is said with a step."""

    comment = serializers.CharField(required=False, allow_blank=True, max_length=MAX_ANSWER, default="")


class ReasonSaidSerializer(PlmSerializer):
    """A step that has to be explained."""

    comment = serializers.CharField(max_length=MAX_ANSWER)


class RequestQuery(PlmSerializer):
    """What a list of change requests is narrowed and sorted by."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Words that must each occur in number, title or texts."
    )
    status = serializers.ListField(
        child=serializers.ChoiceField(RequestStatus.choices), required=False, help_text="Any of these; repeatable."
    )
    change_type = serializers.ListField(
        child=serializers.ChoiceField(ChangeType.choices), required=False, help_text="Any of these; repeatable."
    )
    priority = serializers.ListField(
        child=serializers.ChoiceField(Priority.choices), required=False, help_text="Any of these; repeatable."
    )
    requester = serializers.UUIDField(required=False, help_text="User id of who asked.")
    mine = serializers.BooleanField(required=False, default=False, help_text="What the caller asked for.")
    product = serializers.UUIDField(required=False, help_text="Requests about this product.")
    order = serializers.UUIDField(required=False, help_text="Requests that this change answers.")
    sort_by = serializers.ChoiceField(SORT_FIELDS, required=False, help_text="Default: created_at.")
    sort_order = serializers.ChoiceField(SORT_ORDERS, required=False, help_text="Default: desc.")


class ChangeRequestViewSet(PlmViewSet):
    """What people and neighbouring systems ask to be changed."""

    serializer_class = ChangeRequestSerializer
    etag_covers_answer = False  # the order's state and the names of products and people are not the request's own
    permission_map = {
        "list": permissions.REQUESTS_READ,
        "retrieve": permissions.REQUESTS_READ,
        "transitions": permissions.REQUESTS_READ,
        "history": permissions.REQUESTS_READ,
        "create": permissions.REQUESTS_CREATE,
        "partial_update": permissions.REQUESTS_CREATE,
        "withdraw": permissions.REQUESTS_CREATE,
        "reopen": permissions.REQUESTS_CREATE,
        "accept": permissions.REQUESTS_ANSWER,
        "decline": permissions.REQUESTS_ANSWER,
        "unlink": permissions.REQUESTS_ANSWER,
    }

    def get_queryset(self) -> QuerySet[ChangeRequest]:
        """Return the tenant's requests."""
        return request_detail()

    @extend_schema(parameters=[RequestQuery], responses=ChangeRequestSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List change requests, filtered and sorted."""
        query = read_query(RequestQuery, request.query_params)
        if query.pop("mine"):
            query["requester"] = self.actor.user_id
        for name in ("requester", "product", "order"):
            if name in query:
                query[f"{name}_id"] = query.pop(name)
        return self.answer_page(request_list(**query))

    @extend_schema(request=RequestFields, responses={201: ChangeRequestSerializer}, examples=ASK_EXAMPLE)
    def create(self, request: Request) -> Answer:
        """Ask for a change. Publishes change_requested: whoever answers requests is told."""
        data = self.validated(RequestFields)
        made = request_create(actor=self.actor, products=data.pop("products", ()), data=data)
        return self.answer_created(request_get(made.pk), message=_("%s is asked for.") % made.request_number)

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a change request with its products and the change that answers it."""
        return self.answer_one(self.get_object())

    @extend_schema(request=RequestFields, examples=ASK_EXAMPLE)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Edit an open request; who asked alone. CONFLICT once it is answered."""
        self.get_object()
        changes = self.validated(RequestFields, partial=True)
        products = changes.pop("products", None)
        request_update(
            actor=self.actor,
            request_id=pk,
            changes=changes,
            products=products,
            expected_version=self.expected_version,
        )
        return self.answer_one(request_get(pk))

    @extend_schema(responses=RequestStepsSerializer)
    @action(detail=True, pagination_class=None)
    def transitions(self, request: Request, pk: Any) -> Answer:
        """Tell what can become of the request now, and why not else."""
        found = self.get_object()
        options = transition_options(found, "status", self.actor)
        told = {"status": found.status, "transitions": options}
        return Answer(self.written(told, serializer_class=RequestStepsSerializer))

    @extend_schema(responses=RequestEventSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def history(self, request: Request, pk: Any) -> Answer:
        """Tell what happened to the request, newest first: asked, edited, answered, taken back, and what was said to it."""
        story = request_story(self.get_object())
        return Answer(self.written(story, many=True, serializer_class=RequestEventSerializer))

    @extend_schema(request=AcceptSerializer, responses=AcceptedRequestSerializer, examples=ACCEPT_EXAMPLE)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: Any) -> Answer:
        """Accept an open request: as a new draft of the caller's that takes over what was asked, or with order_id by a
        change that is open. CONFLICT when it is answered already. Publishes change_request_answered.
        """
        self.get_object()
        given = self.validated(AcceptSerializer)
        request_accept(
            actor=self.actor,
            request_id=pk,
            order_id=given.get("order_id"),
            reason=given["comment"],
            expected_version=self.expected_version,
        )
        found = request_get(pk)
        assert found.order is not None
        found.not_in_order = products_not_in(found, found.order)  # type: ignore[attr-defined] # for the answer alone
        return self.answer_one(found, serializer_class=AcceptedRequestSerializer)

    @extend_schema(request=ReasonSaidSerializer, responses=ChangeRequestSerializer, examples=REASON_EXAMPLE)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: Any) -> Answer:
        """Decline an open request, saying why. Publishes change_request_answered."""
        return self._step(request_decline, pk, ReasonSaidSerializer)

    @extend_schema(request=SaidSerializer, responses=ChangeRequestSerializer, examples=REASON_EXAMPLE)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: Any) -> Answer:
        """Take an open request back; who asked, or who manages changes. Publishes change_request_answered."""
        return self._step(request_withdraw, pk, SaidSerializer)

    @extend_schema(request=ReasonSaidSerializer, responses=ChangeRequestSerializer, examples=REASON_EXAMPLE)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any) -> Answer:
        """Ask again for what was declined or withdrawn, saying what is new; who asked. Publishes change_requested."""
        return self._step(request_reopen, pk, ReasonSaidSerializer)

    @extend_schema(request=ReasonSaidSerializer, responses=ChangeRequestSerializer, examples=REASON_EXAMPLE)
    @action(detail=True, methods=["post"])
    def unlink(self, request: Request, pk: Any) -> Answer:
        """Take an accepted request off its change, saying why: it is open again. CONFLICT when the change is implemented.
        Publishes change_request_answered.
        """
        return self._step(request_unlink, pk, ReasonSaidSerializer)

    def _step(self, service: Callable[..., Any], pk: Any, reads: Any) -> Answer:
        self.get_object()
        said = self.validated(reads)["comment"]
        service(actor=self.actor, request_id=pk, reason=said, expected_version=self.expected_version)
        return self.answer_one(request_get(pk))
