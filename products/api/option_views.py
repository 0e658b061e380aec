"""Option families with their choices, and options and rules by their own address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from products import permissions
from products.api.option_serializers import (
    FamilyChangeSerializer,
    FamilyCreateSerializer,
    FamilySerializer,
    OptionChangeSerializer,
    OptionChoiceChangeSerializer,
    OptionChoiceCreateSerializer,
    OptionChoiceSerializer,
    OptionSerializer,
    RuleChangeSerializer,
    RuleSerializer,
)
from products.models import OptionChoice, OptionFamily, OptionRule, ProductOption
from products.selectors.configurations import choice_rows, family_get, family_list, option_rows, rule_rows
from products.services.option_families import (
    option_choice_add,
    option_choice_remove,
    option_choice_update,
    option_family_create,
    option_family_remove,
    option_family_update,
)
from products.services.product_options import (
    option_rule_remove,
    option_rule_update,
    product_option_remove,
    product_option_update,
)

REMOVED = OpenApiResponse(description="Removed.")
ONE_RECORD = {
    "retrieve": permissions.PRODUCTS_READ,
    "partial_update": permissions.PRODUCTS_UPDATE,
    "destroy": permissions.PRODUCTS_UPDATE,
}


class OptionFamilyViewSet(PlmViewSet):
    """What customers are asked, with the answers there are."""

    serializer_class = FamilySerializer
    etag_covers_answer = False  # the choices have versions of their own
    permission_map = {
        "list": permissions.PRODUCTS_READ,
        "create": permissions.PRODUCTS_UPDATE,
        **ONE_RECORD,
        "choice_add": permissions.PRODUCTS_UPDATE,
    }

    def get_queryset(self) -> QuerySet[OptionFamily]:
        """Return the tenant's families."""
        return family_list()

    def list(self, request: Request) -> Answer:
        """List families by name, with their choices."""
        return self.answer_page(family_list())

    @extend_schema(request=FamilyCreateSerializer, responses={201: FamilySerializer})
    def create(self, request: Request) -> Answer:
        """Create a family without choices. CONFLICT when its code is in use."""
        return self.answer_created(option_family_create(actor=self.actor, data=self.validated(FamilyCreateSerializer)))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a family."""
        return self.answer_one(self.get_object())

    @extend_schema(request=FamilyChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change the name."""
        self.get_object()
        changes = self.validated(FamilyChangeSerializer, partial=True)
        option_family_update(actor=self.actor, family_id=pk, changes=changes, expected_version=self.expected_version)
        return self.answer_one(family_get(pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: REMOVED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Remove a family. CONFLICT while a product has it as an option."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        option_family_remove(actor=self.actor, family_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()

    @extend_schema(
        operation_id="option_families_choices_create",
        request=OptionChoiceCreateSerializer,
        responses={201: OptionChoiceSerializer},
    )
    @action(detail=True, methods=["post"], url_path="choices", url_name="choices")
    def choice_add(self, request: Request, pk: Any) -> Answer:
        """Add a choice. CONFLICT when the family has the code already."""
        self.get_object()
        choice = option_choice_add(actor=self.actor, family_id=pk, data=self.validated(OptionChoiceCreateSerializer))
        answer: Answer = self.answer_one(choice, status=201, serializer_class=OptionChoiceSerializer)
        answer.headers["Location"] = reverse("api-option-choice-detail", kwargs={"pk": choice.pk})
        return answer


class OptionChoiceViewSet(PlmViewSet):
    """Choices by their own address."""

    serializer_class = OptionChoiceSerializer
    permission_map = ONE_RECORD

    def get_queryset(self) -> QuerySet[OptionChoice]:
        """Return the tenant's choices."""
        return choice_rows()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a choice."""
        return self.answer_one(self.get_object())

    @extend_schema(request=OptionChoiceChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change name or rank."""
        self.get_object()
        changes = self.validated(OptionChoiceChangeSerializer, partial=True)
        return self.answer_one(
            option_choice_update(
                actor=self.actor, choice_id=pk, changes=changes, expected_version=self.expected_version
            )
        )

    @extend_schema(parameters=[ReasonQuery], responses={204: REMOVED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Remove a choice. CONFLICT while a product names it as allowed or as its default."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        option_choice_remove(actor=self.actor, choice_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()


class ProductOptionViewSet(PlmViewSet):
    """Options of products by their own address."""

    serializer_class = OptionSerializer
    etag_covers_answer = False  # names are the family's and the product's
    permission_map = ONE_RECORD

    def get_queryset(self) -> QuerySet[ProductOption]:
        """Return the options of the tenant's products."""
        return option_rows()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read an option."""
        return self.answer_one(self.get_object())

    @extend_schema(request=OptionChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change whether it must be chosen, its allowed choices, default or rank."""
        self.get_object()
        changes = self.validated(OptionChangeSerializer, partial=True)
        return self.answer_one(
            product_option_update(
                actor=self.actor, option_id=pk, changes=changes, expected_version=self.expected_version
            )
        )

    @extend_schema(parameters=[ReasonQuery], responses={204: REMOVED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Say that the family is chosen from no more."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        product_option_remove(actor=self.actor, option_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()


class OptionRuleViewSet(PlmViewSet):
    """Rules by their own address."""

    serializer_class = RuleSerializer
    etag_covers_answer = False  # the number is the product's
    permission_map = ONE_RECORD

    def get_queryset(self) -> QuerySet[OptionRule]:
        """Return the rules of the tenant's products."""
        return rule_rows()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a rule."""
        return self.answer_one(self.get_object())

    @extend_schema(request=RuleChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change a rule. Saved configurations that break it stay, and say so."""
        self.get_object()
        changes = self.validated(RuleChangeSerializer, partial=True)
        return self.answer_one(
            option_rule_update(actor=self.actor, rule_id=pk, changes=changes, expected_version=self.expected_version)
        )

    @extend_schema(parameters=[ReasonQuery], responses={204: REMOVED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Take a rule away."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        option_rule_remove(actor=self.actor, rule_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()
