"""The approval policy: its rules, who stands in for whom, and what it would ask of a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from changes import permissions
from changes.api.vote_serializers import ConditionSerializer, PersonSerializer
from changes.choices import Quorum, RuleWeight
from changes.models import ApprovalRule, Delegation
from changes.models.rule import LAST_STEP, MOST_DAYS
from changes.policy.conditions import conditions_stored, conditions_text
from changes.selectors import delegation_list
from changes.services import (
    approval_rule_add,
    approval_rule_remove,
    approval_rule_update,
    delegation_add,
    delegation_end,
    policy_apply,
)
from plm_project.accounts.roles import Role
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.serializers import PlainDecimalField, PlainJSONField, PlmSerializer, UtcDateTimeField
from plm_project.api.viewsets import PlmViewSet

RULE_EXAMPLE = [
    OpenApiExample(
        "Two of the quality people for purchased parts, after the technical rule",
        value={
            "name": "Incoming inspection",
            "conditions": [[{"attribute": "product_type", "operator": "is", "values": ["purchased"]}]],
            "role": "quality_approver",
            "decides": "count",
            "quorum": 2,
            "step": 2,
            "deadline_days": 5,
            "remind_days": 1,
            "escalation_role": "plm_manager",
        },
        request_only=True,
    )
]
DELEGATION_EXAMPLE = [
    OpenApiExample(
        "Two weeks away",
        value={
            "deputy_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c13",
            "first_day": "2027-07-05",
            "last_day": "2027-07-18",
            "note": "Summer holidays",
        },
        request_only=True,
    )
]


class ApprovalRuleFields(PlmSerializer):
    """What a rule says (docs/approvals.md)."""

    name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    conditions = PlainJSONField(
        required=False, help_text="Alternatives, each a list of conditions that must all hold; empty: always."
    )
    role = serializers.ChoiceField(Role.choices)
    threshold = PlainDecimalField(max_digits=15, decimal_places=4, required=False, min_value=0)
    is_enabled = serializers.BooleanField(required=False)
    weight = serializers.ChoiceField(RuleWeight.choices, required=False)
    decides = serializers.ChoiceField(Quorum.choices, required=False)
    quorum = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1000)
    step = serializers.IntegerField(required=False, min_value=1, max_value=LAST_STEP)
    bars_author = serializers.BooleanField(required=False)
    bars_release = serializers.BooleanField(required=False)
    on_fast_track = serializers.BooleanField(required=False, help_text="Whether a small change is asked of it too.")
    effective_from = serializers.DateField(required=False, allow_null=True)
    effective_to = serializers.DateField(required=False, allow_null=True, help_text="The first day it holds no more.")
    deadline_days = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MOST_DAYS)
    remind_days = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MOST_DAYS)
    escalation_role = serializers.ChoiceField(Role.choices, required=False, allow_blank=True)
    people = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=200,
        help_text="User ids; empty: everybody with the role.",
    )


class ApprovalRuleSerializer(PlmSerializer):
    """A rule of the policy."""

    rule_id = serializers.UUIDField(source="pk")
    code = serializers.CharField()
    name = serializers.CharField(source="label")
    conditions = serializers.SerializerMethodField()
    conditions_text = serializers.SerializerMethodField(help_text="The same as people write it.")
    role = serializers.ChoiceField(Role.choices)
    threshold = PlainDecimalField(max_digits=15, decimal_places=4)
    is_enabled = serializers.BooleanField()
    weight = serializers.ChoiceField(RuleWeight.choices)
    decides = serializers.ChoiceField(Quorum.choices)
    quorum = serializers.IntegerField(allow_null=True)
    step = serializers.IntegerField()
    bars_author = serializers.BooleanField()
    bars_release = serializers.BooleanField()
    on_fast_track = serializers.BooleanField()
    effective_from = serializers.DateField(allow_null=True)
    effective_to = serializers.DateField(allow_null=True)
    deadline_days = serializers.IntegerField(allow_null=True)
    remind_days = serializers.IntegerField(allow_null=True)
    escalation_role = serializers.ChoiceField(Role.choices, allow_blank=True)
    people = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    @extend_schema_field(serializers.ListField(child=ConditionSerializer(many=True)))
    def get_conditions(self, rule: ApprovalRule) -> Any:
        """Alternatives of conditions."""
        return conditions_stored(rule.alternatives)

    def get_conditions_text(self, rule: ApprovalRule) -> str:
        """One a line."""
        return conditions_text(rule.alternatives)

    @extend_schema_field(PersonSerializer(many=True))
    def get_people(self, rule: ApprovalRule) -> Any:
        """Whom it names instead of everybody with the role."""
        return PersonSerializer([entry.user for entry in rule.people.all()], many=True).data


class ApprovalRuleViewSet(PlmViewSet):
    """The rules that say who approves a change."""

    serializer_class = ApprovalRuleSerializer
    etag_covers_answer = False  # people's names
    permission_map: ClassVar[Mapping[str, str]] = {
        "list": permissions.CHANGES_READ,
        "retrieve": permissions.CHANGES_READ,
        "create": permissions.CHANGES_CONFIGURE,
        "partial_update": permissions.CHANGES_CONFIGURE,
        "destroy": permissions.CHANGES_CONFIGURE,
    }

    def get_queryset(self) -> QuerySet[ApprovalRule]:
        """Return the tenant's rules with whom they name."""
        rows: QuerySet[ApprovalRule] = ApprovalRule.objects.prefetch_related("people__user")
        return rows

    @extend_schema(responses=ApprovalRuleSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List the rules in the order of their steps, those switched off too."""
        return self.answer_page(self.get_queryset())

    @extend_schema(request=ApprovalRuleFields, responses={201: ApprovalRuleSerializer}, examples=RULE_EXAMPLE)
    def create(self, request: Request) -> Answer:
        """Add a rule. What is submitted already keeps its approvers."""
        data = self.validated(ApprovalRuleFields)
        rule = approval_rule_add(actor=self.actor, people=data.pop("people", ()), data=data)
        return self.answer_created(self.get_queryset().get(pk=rule.pk))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a rule."""
        return self.answer_one(self.get_object())

    @extend_schema(request=ApprovalRuleFields, examples=RULE_EXAMPLE)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change a rule. What is submitted already keeps its approvers."""
        self.get_object()
        changes = self.validated(ApprovalRuleFields, partial=True)
        people = changes.pop("people", None)
        approval_rule_update(
            actor=self.actor, rule_id=pk, changes=changes, people=people, expected_version=self.expected_version
        )
        return self.answer_one(self.get_queryset().get(pk=pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Deleted.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Take a rule of the tenant's own away. CONFLICT for a standard one: switch it off."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        approval_rule_remove(actor=self.actor, rule_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()


class DelegationFields(PlmSerializer):
    """Who stands in for whom, and when."""

    person_id = serializers.UUIDField(required=False, help_text="Who is away. Default: the caller.")
    deputy_id = serializers.UUIDField()
    first_day = serializers.DateField()
    last_day = serializers.DateField(help_text="Included.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class DelegationSerializer(PlmSerializer):
    """A deputy for some days."""

    delegation_id = serializers.UUIDField(source="pk")
    person = PersonSerializer()
    deputy = PersonSerializer()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    note = serializers.CharField()
    created_at = UtcDateTimeField()
    version = serializers.IntegerField()


class DelegationQuery(PlmSerializer):
    """Filters of delegations."""

    person = serializers.UUIDField(required=False)
    deputy = serializers.UUIDField(required=False)


class DelegationViewSet(PlmViewSet):
    """Who decides while somebody is away."""

    serializer_class = DelegationSerializer
    etag_covers_answer = False  # people's names
    permission_map: ClassVar[Mapping[str, str]] = {
        "list": permissions.CHANGES_READ,
        "retrieve": permissions.CHANGES_READ,
        "create": permissions.CHANGES_APPROVE,
        "destroy": permissions.CHANGES_APPROVE,
    }

    def get_queryset(self) -> QuerySet[Delegation]:
        """Return the tenant's delegations."""
        return delegation_list()

    @extend_schema(parameters=[DelegationQuery], responses=DelegationSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List delegations, the latest first; with person and deputy those of either."""
        query = read_query(DelegationQuery, request.query_params)
        return self.answer_page(delegation_list(person_id=query.get("person"), deputy_id=query.get("deputy")))

    @extend_schema(request=DelegationFields, responses={201: DelegationSerializer}, examples=DELEGATION_EXAMPLE)
    def create(self, request: Request) -> Answer:
        """Name a deputy, for oneself, or with plm.changes.configure for anybody. CONFLICT where there is one on a day."""
        record = delegation_add(actor=self.actor, **self.validated(DelegationFields))
        return self.answer_created(self.get_queryset().get(pk=record.pk))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a delegation."""
        return self.answer_one(self.get_object())

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Ended.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """End a delegation: a running one was good until yesterday. Votes cast under it stand."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        delegation_end(actor=self.actor, delegation_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()


class AppliedRuleSerializer(PlmSerializer):
    """A rule that applies to a change, and whom it would ask."""

    code = serializers.CharField(source="rule.code")
    name = serializers.CharField(source="rule.label")
    why = serializers.CharField()
    weight = serializers.ChoiceField(RuleWeight.choices, source="rule.weight")
    decides = serializers.ChoiceField(Quorum.choices, source="rule.decides")
    quorum = serializers.IntegerField(source="rule.quorum", allow_null=True)
    step = serializers.IntegerField(source="rule.step")
    people = PersonSerializer(many=True)


class AppliedPolicySerializer(PlmSerializer):
    """What the policy would ask; ``faults`` would refuse the submission."""

    rules = AppliedRuleSerializer(many=True)
    fast_track = serializers.CharField(help_text="Why it goes the fast track; empty where it does not.")
    left_out = AppliedRuleSerializer(many=True, help_text="Rules that apply and do not count on the fast track.")
    faults = serializers.ListField(child=serializers.CharField())


class PolicyActions:
    """What the policy says of one change."""

    policy_permissions: ClassVar[dict[str, str]] = {"approvers": permissions.CHANGES_READ}

    @extend_schema(responses=AppliedPolicySerializer)
    @action(detail=True, pagination_class=None)
    def approvers(self: Any, request: Request, pk: Any) -> Answer:
        """Tell who would have to approve the change today, and why, without submitting it."""
        return Answer(self.written(policy_apply(self.get_object()), serializer_class=AppliedPolicySerializer))
