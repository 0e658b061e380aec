"""Query parameters of changes."""

from __future__ import annotations

from rest_framework import serializers

from changes.choices import ChangeStatus, ChangeType, Priority
from changes.selectors.changes import SORT_FIELDS, SORT_ORDERS
from plm_project.api.serializers import PlmSerializer


class ChangeQuery(PlmSerializer):
    """What a list of changes is narrowed and sorted by."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Words that must each occur in number, title or description."
    )
    status = serializers.ListField(
        child=serializers.ChoiceField(ChangeStatus.choices), required=False, help_text="Any of these; repeatable."
    )
    change_type = serializers.ListField(
        child=serializers.ChoiceField(ChangeType.choices), required=False, help_text="Any of these; repeatable."
    )
    priority = serializers.ListField(
        child=serializers.ChoiceField(Priority.choices), required=False, help_text="Any of these; repeatable."
    )
    author = serializers.UUIDField(required=False, help_text="User id of the author.")
    product = serializers.UUIDField(required=False, help_text="Changes that affect this product.")
    mine = serializers.BooleanField(
        required=False, default=False, help_text="What the caller wrote or has to decide now."
    )
    fast_track = serializers.BooleanField(
        required=False, help_text="Only what went the fast track, or with false only the rest. Default: both."
    )
    sort_by = serializers.ChoiceField(SORT_FIELDS, required=False, help_text="Default: created_at.")
    sort_order = serializers.ChoiceField(SORT_ORDERS, required=False, help_text="Default: desc.")
