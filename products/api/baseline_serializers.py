"""Baselines on the wire."""

from __future__ import annotations

from rest_framework import serializers

from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from products.api.filters import ResolutionQuery
from products.choices import ResolutionMode


class BaselineQuery(PlmSerializer):
    """What a list of baselines is narrowed by."""

    product_id = serializers.UUIDField(required=False, help_text="Of this product.")
    withdrawn = serializers.BooleanField(required=False, help_text="Only those withdrawn, or only those that are not.")


class BaselineCreateSerializer(ResolutionQuery):
    """What to freeze, and under which name. The question is that of an explosion."""

    name = serializers.CharField(max_length=100, help_text="Taken for ever in this product.")
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    revision = serializers.CharField(
        required=False, max_length=10, default="", allow_blank=True, help_text="Label of the product's own revision."
    )


class BaselineWithdrawSerializer(PlmSerializer):
    """Why a baseline is withdrawn."""

    reason = serializers.CharField(max_length=500)


class BaselineSerializer(PlmSerializer):
    """A frozen structure: the question it answered, its size and its checksum (docs/baselines.md)."""

    baseline_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    name = serializers.CharField()
    note = serializers.CharField()
    revision = serializers.CharField(source="revision_label")
    mode = serializers.ChoiceField(ResolutionMode.choices)
    as_of = serializers.DateField()
    serial = serializers.IntegerField(allow_null=True)
    end_item = serializers.CharField(source="end_item.product_number", allow_null=True, default=None)
    options = serializers.ListField(
        source="choices", child=serializers.CharField(), allow_null=True, help_text="Null: all lines (150 %)."
    )
    optional = serializers.BooleanField(source="with_optional")
    distinct_products = serializers.IntegerField(source="product_count")
    lines = serializers.IntegerField(source="line_count")
    depth = serializers.IntegerField()
    checksum = serializers.CharField(help_text="SHA-256 over the canonical text.")
    created_at = UtcDateTimeField()
    created_by = serializers.SerializerMethodField()
    withdrawn_at = UtcDateTimeField(allow_null=True)
    withdrawn_reason = serializers.CharField()
    version = serializers.IntegerField()

    def get_created_by(self, baseline: object) -> str:
        """Who took it; empty for the system."""
        person = getattr(baseline, "created_by", None)
        return str(person) if person else ""


class HoldingBaselineSerializer(BaselineSerializer):
    """A baseline that holds the product asked about."""

    held_revision = serializers.CharField(source="held_label", help_text="The revision it was frozen in.")


class RowFaultSerializer(PlmSerializer):
    """A row that is not as it was."""

    row = serializers.CharField(help_text="head, or item or line with its number.")
    message = serializers.CharField(source="text")


class BaselineCheckSerializer(PlmSerializer):
    """Whether a baseline is as it was taken."""

    is_intact = serializers.BooleanField()
    checksum = serializers.CharField(source="baseline.checksum", help_text="On record.")
    found = serializers.CharField(help_text="Of the rows as they are.")
    faults = RowFaultSerializer(many=True)
