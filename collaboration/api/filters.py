"""Query parameters of sessions and their updates."""

from __future__ import annotations

from rest_framework import serializers

from collaboration.choices import SessionStatus, UpdateKind
from collaboration.selectors.sessions import SORT_FIELDS, SORT_ORDERS
from plm_project.api.serializers import PlmSerializer


class SessionQuery(PlmSerializer):
    """What a list of sessions is narrowed and sorted by."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Words that must each occur in title or description."
    )
    status = serializers.ListField(
        child=serializers.ChoiceField(SessionStatus.choices), required=False, help_text="Any of these; repeatable."
    )
    product = serializers.UUIDField(required=False, help_text="Sessions about this product.")
    change = serializers.UUIDField(required=False, help_text="Sessions about this change.")
    mine = serializers.BooleanField(required=False, default=False, help_text="Those the caller takes part in.")
    sort_by = serializers.ChoiceField(SORT_FIELDS, required=False, help_text="Default: created_at.")
    sort_order = serializers.ChoiceField(SORT_ORDERS, required=False, help_text="Default: desc.")


class UpdateQuery(PlmSerializer):
    """Which part of the log is read."""

    after = serializers.IntegerField(required=False, min_value=0, help_text="Only later numbers than this.")
    before = serializers.IntegerField(required=False, min_value=1, help_text="Only earlier numbers than this.")
    kind = serializers.ChoiceField(UpdateKind.choices, required=False)
    order = serializers.ChoiceField(
        ["asc", "desc"], required=False, default="asc", help_text="By number. Default: asc."
    )
