"""What may be chosen for a product: its options, rules, configurations, the check, and what a choice leaves open."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from products import permissions
from products.api.option_serializers import (
    CheckQuery,
    ChoosingQuery,
    ChoosingSerializer,
    ConfigurationChangeSerializer,
    ConfigurationCheckSerializer,
    ConfigurationCreateSerializer,
    ConfigurationSerializer,
    OptionCreateSerializer,
    OptionSerializer,
    RuleChangeSerializer,
    RuleSerializer,
)
from products.api.option_views import ONE_RECORD, REMOVED
from products.configuring.choosing import choosing_of
from products.models import Configuration
from products.selectors.configuration_answers import check_answer, choosing_answer
from products.selectors.configuration_check import configuration_check
from products.selectors.configurations import configuration_rows, option_rows, problem_of, rule_rows
from products.selectors.questions import choices_read, resolution_asked
from products.services.configurations import configuration_create, configuration_remove, configuration_update
from products.services.product_options import option_rule_add, product_option_add


class WithRules:
    """Mixin: configurations are written with what the rules of their products say of them, read once a product."""

    def written(self: Any, record: Any, *, many: bool = False, serializer_class: Any = None) -> Any:
        """Read the rules, then write."""
        if serializer_class is ConfigurationSerializer or (
            serializer_class is None and self.serializer_class is ConfigurationSerializer
        ):
            products = {row.product_id: row.product for row in (record if many else [record])}
            self.problems = {key: problem_of(product) for key, product in products.items()}
        return super().written(record, many=many, serializer_class=serializer_class)  # type: ignore[misc]

    def get_serializer_context(self: Any) -> dict[str, Any]:
        """Hand on the rules."""
        return {**super().get_serializer_context(), "problems": getattr(self, "problems", {})}  # type: ignore[misc]


class ConfigurationActions(WithRules):
    """Mixin of ProductViewSet."""

    configuration_permissions: ClassVar[dict[str, str]] = {
        "product_options": permissions.PRODUCTS_READ,
        "option_create": permissions.PRODUCTS_UPDATE,
        "option_rules": permissions.PRODUCTS_READ,
        "option_rule_create": permissions.PRODUCTS_UPDATE,
        "configurations": permissions.PRODUCTS_READ,
        "configuration_save": permissions.PRODUCTS_UPDATE,
        "configuration_check": permissions.PRODUCTS_READ,
        "choices": permissions.PRODUCTS_READ,
    }

    # ``options`` is what Django calls the answer to OPTIONS, so the action has another name than its address.
    @extend_schema(operation_id="products_options_list", responses=OptionSerializer(many=True))
    @action(detail=True, url_path="options", url_name="options")
    def product_options(self: Any, request: Request, pk: Any) -> Answer:
        """List what may be chosen for the product, by rank."""
        rows = option_rows().filter(product=self.get_object())
        answer: Answer = self.answer_page(rows, serializer_class=OptionSerializer)
        return answer

    @extend_schema(
        operation_id="products_options_create", request=OptionCreateSerializer, responses={201: OptionSerializer}
    )
    @product_options.mapping.post
    def option_create(self: Any, request: Request, pk: Any) -> Answer:
        """Let a family be chosen from for the product. CONFLICT when it is already."""
        self.get_object()
        values = self.validated(OptionCreateSerializer)
        option = product_option_add(actor=self.actor, product_id=pk, family_id=values.pop("family_id"), data=values)
        return _created(self, option, OptionSerializer, "api-product-option-detail")

    @extend_schema(responses=RuleSerializer(many=True))
    @action(detail=True, url_path="option-rules")
    def option_rules(self: Any, request: Request, pk: Any) -> Answer:
        """List what the product's choices ask of each other, oldest first."""
        rows = rule_rows().filter(product=self.get_object())
        answer: Answer = self.answer_page(rows, serializer_class=RuleSerializer)
        return answer

    @extend_schema(
        operation_id="products_option_rules_create", request=RuleChangeSerializer, responses={201: RuleSerializer}
    )
    @option_rules.mapping.post
    def option_rule_create(self: Any, request: Request, pk: Any) -> Answer:
        """Add a rule. CONFLICT when it stands already."""
        self.get_object()
        rule = option_rule_add(actor=self.actor, product_id=pk, data=self.validated(RuleChangeSerializer))
        return _created(self, rule, RuleSerializer, "api-option-rule-detail")

    @extend_schema(responses=ConfigurationSerializer(many=True))
    @action(detail=True)
    def configurations(self: Any, request: Request, pk: Any) -> Answer:
        """List the product's saved configurations by code, each with what it breaks of the rules as they are now."""
        rows = configuration_rows().filter(product=self.get_object())
        answer: Answer = self.answer_page(rows, serializer_class=ConfigurationSerializer)
        return answer

    @extend_schema(
        operation_id="products_configurations_create",
        request=ConfigurationCreateSerializer,
        responses={201: ConfigurationSerializer},
    )
    @configurations.mapping.post
    def configuration_save(self: Any, request: Request, pk: Any) -> Answer:
        """Save a choice. What breaks a rule is refused with the rule; CONFLICT when the code is in use."""
        self.get_object()
        record = configuration_create(
            actor=self.actor, product_id=pk, data=self.validated(ConfigurationCreateSerializer)
        )
        return _created(self, record, ConfigurationSerializer, "api-configuration-detail")

    @extend_schema(parameters=[CheckQuery], responses=ConfigurationCheckSerializer)
    @action(detail=True, url_path="configuration-check")
    def configuration_check(self: Any, request: Request, pk: Any) -> Answer:
        """Prove what options, rules and conditions make of the whole structure; each finding comes with its proof."""
        product = self.get_object()
        query = read_query(CheckQuery, request.query_params)
        return Answer(check_answer(configuration_check(product, resolution_asked(query, product))))

    @extend_schema(parameters=[ChoosingQuery], responses=ChoosingSerializer)
    @action(detail=True)
    def choices(self: Any, request: Request, pk: Any) -> Answer:
        """Say whether a choice is a configuration, what it breaks, and what it leaves open."""
        problem = problem_of(self.get_object())
        asked = choices_read(read_query(ChoosingQuery, request.query_params).get("options"))
        words = {word.lower() for word in asked or ()}
        return Answer(choosing_answer(problem, choosing_of(problem, words)))


def _created(view: Any, record: Any, serializer_class: Any, address: str) -> Answer:
    answer: Answer = view.answer_one(record, status=201, serializer_class=serializer_class)
    answer.headers["Location"] = reverse(address, kwargs={"pk": record.pk})
    return answer


class ConfigurationViewSet(WithRules, PlmViewSet):
    """Saved configurations by their own address. What one builds is read as explosion, roll-up, comparison or export with
    ``configuration``.
    """

    serializer_class = ConfigurationSerializer
    etag_covers_answer = False  # the rules decide what is said of it
    permission_map = ONE_RECORD

    def get_queryset(self) -> QuerySet[Configuration]:
        """Return the configurations of the tenant's products."""
        return configuration_rows()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a configuration, with what it breaks of the rules as they are now."""
        return self.answer_one(self.get_object())

    @extend_schema(request=ConfigurationChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change name, choices or note."""
        self.get_object()
        changes = self.validated(ConfigurationChangeSerializer, partial=True)
        return self.answer_one(
            configuration_update(
                actor=self.actor, configuration_id=pk, changes=changes, expected_version=self.expected_version
            )
        )

    @extend_schema(parameters=[ReasonQuery], responses={204: REMOVED})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Remove a configuration. Baselines taken of it stay."""
        self.get_object()
        reason = read_query(ReasonQuery, request.query_params)
        configuration_remove(actor=self.actor, configuration_id=pk, expected_version=self.expected_version, **reason)
        return self.answer_deleted()
