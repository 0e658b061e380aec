"""What the tenant asks of its changes beside its rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from changes import permissions
from changes.api.vote_serializers import ConditionSerializer
from changes.models import ChangePolicy
from changes.policy.conditions import conditions_stored, conditions_text
from changes.services import change_policy_update
from plm_project.api.endpoints import one_or_not_found
from plm_project.api.envelope import Answer
from plm_project.api.serializers import PlainJSONField, PlmSerializer
from plm_project.api.viewsets import PlmViewSet

POLICY_EXAMPLE = [
    OpenApiExample(
        "Cheap documentation changes are small",
        value={
            "fast_track_conditions": [
                [
                    {"attribute": "change_type", "operator": "is", "values": ["documentation"]},
                    {"attribute": "cost_impact", "operator": "at most", "values": ["500"]},
                ]
            ]
        },
        request_only=True,
    )
]


class ChangePolicyFields(PlmSerializer):
    """What may be changed of the policy (docs/approvals.md)."""

    dispositions_required = serializers.BooleanField(required=False)
    children_released = serializers.BooleanField(required=False)
    fast_track_conditions = PlainJSONField(
        required=False,
        allow_null=True,
        help_text="Alternatives, each a list of conditions that must all hold; null or empty: there is no fast track.",
    )


class ChangePolicySerializer(PlmSerializer):
    """The policy of changes."""

    dispositions_required = serializers.BooleanField(help_text="Existing parts need a decision.")
    children_released = serializers.BooleanField(help_text="Parts are released before, or with, what they are in.")
    fast_track_conditions = serializers.SerializerMethodField(help_text="Which changes are small; empty: none.")
    fast_track_text = serializers.SerializerMethodField(help_text="The same as people write it.")
    version = serializers.IntegerField()

    @extend_schema_field(serializers.ListField(child=ConditionSerializer(many=True)))
    def get_fast_track_conditions(self, policy: ChangePolicy) -> Any:
        """Alternatives of conditions."""
        return conditions_stored(policy.fast_track)

    def get_fast_track_text(self, policy: ChangePolicy) -> str:
        """One a line."""
        return conditions_text(policy.fast_track)


class ChangePolicyViewSet(PlmViewSet):
    """The tenant's policy of changes: one record, which comes with the tenant."""

    serializer_class = ChangePolicySerializer
    permission_map: ClassVar[Mapping[str, str]] = {
        "retrieve": permissions.CHANGES_READ,
        "partial_update": permissions.CHANGES_CONFIGURE,
    }

    def get_queryset(self) -> QuerySet[ChangePolicy]:
        """Return the tenant's policy."""
        rows: QuerySet[ChangePolicy] = ChangePolicy.objects.all()
        return rows

    def get_object(self) -> ChangePolicy:
        """Return the one there is."""
        found: ChangePolicy = one_or_not_found(self.get_queryset())
        return found

    @extend_schema(operation_id="change_policy_retrieve")
    def retrieve(self, request: Request) -> Answer:
        """Read the policy of changes."""
        return self.answer_one(self.get_object())

    @extend_schema(operation_id="change_policy_update", request=ChangePolicyFields, examples=POLICY_EXAMPLE)
    def partial_update(self, request: Request) -> Answer:
        """Change the policy. What is submitted already keeps its approvers; the fast track counts from now on."""
        policy = self.get_object()
        changes = self.validated(ChangePolicyFields, partial=True)
        change_policy_update(
            actor=self.actor, policy_id=policy.pk, changes=changes, expected_version=self.expected_version
        )
        return self.answer_one(self.get_object())
