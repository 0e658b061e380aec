"""Suggestions on products: thin doors."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from integrations import permissions
from integrations.choices import Question, SuggestionState
from integrations.models import Suggestion
from integrations.selectors import SuggestionFilter, suggestion_list
from integrations.services import suggestion_ask, suggestion_judge
from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from plm_project.api.viewsets import PlmViewSet


class SuggestionEvidenceSerializer(PlmSerializer):
    """What an answer rests on."""

    source = serializers.CharField()  # type: ignore[assignment] # its name on the wire
    quote = serializers.CharField()


class SuggestionSerializer(PlmSerializer):
    """A question about a product and its answer."""

    suggestion_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    question = serializers.ChoiceField(Question.choices)
    state = serializers.ChoiceField(SuggestionState.choices)
    text = serializers.CharField()
    confidence = serializers.DecimalField(max_digits=4, decimal_places=3, allow_null=True, help_text="0 to 1.")
    evidence = SuggestionEvidenceSerializer(many=True)
    model_name = serializers.CharField()
    asked_at = UtcDateTimeField(source="created_at")
    answered_at = UtcDateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="Why it was dismissed.")
    version = serializers.IntegerField()


class SuggestionRequest(PlmSerializer):
    """What to ask about which product."""

    product_id = serializers.UUIDField()
    question = serializers.ChoiceField(Question.choices)


class SuggestionVerdict(PlmSerializer):
    """Whether a suggestion is good."""

    to = serializers.ChoiceField([SuggestionState.ACCEPTED.value, SuggestionState.DISMISSED.value])
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")


class SuggestionQuery(PlmSerializer):
    """What a list is narrowed by."""

    product = serializers.UUIDField(required=False)
    question = serializers.ChoiceField(Question.choices, required=False)
    state = serializers.ListField(child=serializers.ChoiceField(SuggestionState.choices), required=False)


class SuggestionViewSet(PlmViewSet):
    """What was asked about products, and what came back."""

    serializer_class = SuggestionSerializer
    etag_covers_answer = False  # the product's number changes without it
    permission_map = {
        "list": permissions.SUGGESTIONS_READ,
        "retrieve": permissions.SUGGESTIONS_READ,
        "create": permissions.SUGGESTIONS_ASK,
        "judge": permissions.SUGGESTIONS_ASK,
    }

    def get_queryset(self) -> QuerySet[Suggestion]:
        """Return the tenant's."""
        return suggestion_list()

    @extend_schema(parameters=[SuggestionQuery], responses=SuggestionSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List suggestions, newest first."""
        wanted = SuggestionFilter(**read_query(SuggestionQuery, request.query_params))
        return self.answer_page(suggestion_list(wanted))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a suggestion."""
        return self.answer_one(self.get_object())

    @extend_schema(request=SuggestionRequest, responses={201: SuggestionSerializer})
    def create(self, request: Request) -> Answer:
        """Ask about a product; the answer comes by itself. CONFLICT where no AI is configured, or it is asked already."""
        return self.answer_created(suggestion_ask(actor=self.actor, **self.validated(SuggestionRequest)))

    @extend_schema(request=SuggestionVerdict)
    @action(detail=True, methods=["post"])
    def judge(self, request: Request, pk: Any) -> Answer:
        """Accept or dismiss a suggestion. It changes nothing else."""
        self.get_object()
        suggestion_judge(actor=self.actor, suggestion_id=pk, **self.validated(SuggestionVerdict))
        return self.answer_one(self.get_object())
