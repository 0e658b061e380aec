"""Query parameters, checked like a body. An empty one counts as not given."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from plm_project.api.serializers import PlmSerializer


def read_query(serializer_class: type[PlmSerializer], params: QueryDict) -> dict[str, Any]:
    """Return the checked parameters that ``serializer_class`` knows; raise VALIDATION_ERROR for a bad one."""
    given: dict[str, Any] = {}
    for name, field in serializer_class().fields.items():
        values = [value for value in params.getlist(name) if value]
        if values:
            given[name] = values if isinstance(field, serializers.ListField) else values[-1]
    serializer = serializer_class(data=given)
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found


class ReasonQuery(PlmSerializer):
    """Why something is deleted or taken away."""

    reason = serializers.CharField(required=False, max_length=500, help_text="Kept in the history.")
