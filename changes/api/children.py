"""The parts that must be released with a change, and adding them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from changes import permissions
from changes.api.affected_serializers import AffectedSerializer
from changes.selectors import affected_list
from changes.services import children_add, children_missing
from changes.services.gating import change_release
from plm_project.api.envelope import Answer
from plm_project.api.serializers import PlmSerializer


class MissingPartSerializer(PlmSerializer):
    """A part that was never released and is not in the change."""

    product_id = serializers.UUIDField(source="pk")
    product_number = serializers.CharField()
    product_name = serializers.CharField()


class ChildrenActions:
    """Parts that are not released yet."""

    children_permissions: ClassVar[dict[str, str]] = {
        "children": permissions.CHANGES_READ,
        "children_create": permissions.CHANGES_UPDATE,
    }

    @extend_schema(responses=MissingPartSerializer(many=True))
    @action(detail=True, url_path="missing-parts")
    def children(self: Any, request: Request, pk: Any) -> Answer:
        """List the parts that must be released with the change and are not in it, also those below them."""
        missing = children_missing(change_release(self.get_object()))
        answer: Answer = self.answer_page(missing, serializer_class=MissingPartSerializer)
        return answer

    @extend_schema(request=None, responses=AffectedSerializer(many=True))
    @children.mapping.post
    def children_create(self: Any, request: Request, pk: Any) -> Answer:
        """Add them all to the draft; returns what was added. CONFLICT when it is no draft."""
        self.get_object()
        added = children_add(actor=self.actor, change_id=pk, expected_version=self.expected_version)
        rows = affected_list(self.get_object()).filter(pk__in=[entry.pk for entry in added])
        answer: Answer = self.answer_page(rows, serializer_class=AffectedSerializer)
        return answer
