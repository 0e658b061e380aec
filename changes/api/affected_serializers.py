"""What the API says and takes of an affected product."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from changes.api.line_settings import RedlineSerialRangeSerializer, with_ids
from changes.choices import AffectedAction
from plm_project.api.serializers import PlmSerializer
from products.effectivity import MAX_RANGES


def units_stored(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with ``serials`` as they are stored, end items by id. Raises ValidationFailed for a number that is no
    product's.
    """
    if values.get("serials"):
        known = with_ids({"effectivity": {"serials": values["serials"]}})["effectivity"]["serials"]
        values["serials"] = [
            {"end_item": str(one["end_item"]), "first": one["first"], "last": one.get("last")} for one in known
        ]
    return values


class AffectedSerializer(PlmSerializer):
    """A product that the change does something with."""

    affected_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    product_name = serializers.CharField(source="product.product_name")
    action = serializers.ChoiceField(AffectedAction.choices)
    replacement_id = serializers.UUIDField(allow_null=True)
    replacement_number = serializers.SerializerMethodField(help_text="What takes its place.")
    effective_from = serializers.DateField(allow_null=True, help_text="Its own first day. Null: the change's.")
    serials = RedlineSerialRangeSerializer(many=True, allow_null=True, help_text="Null: every unit.")
    base_revision_id = serializers.UUIDField()
    base_revision = serializers.CharField(source="base_revision.label", help_text="The redlines are drawn on it.")
    resulting_revision_id = serializers.UUIDField(allow_null=True)
    resulting_revision = serializers.SerializerMethodField(help_text="What implementing released.")
    no_disposition_reason = serializers.CharField(help_text="Why nothing of it has to be disposed of.")
    version = serializers.IntegerField()

    def get_replacement_number(self, affected: Any) -> str | None:
        """The number, where there is one."""
        return affected.replacement.product_number if affected.replacement else None

    def get_resulting_revision(self, affected: Any) -> str | None:
        """The label, once there is one."""
        return affected.resulting_revision.label if affected.resulting_revision else None


class ActionFields(PlmSerializer):
    """What a change does with a product."""

    action = serializers.ChoiceField(
        AffectedAction.choices,
        required=False,
        help_text="Default: release for a product never released, else revise.",
    )
    replacement_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="obsolete, replace: the product that takes its place."
    )
    effective_from = serializers.DateField(
        required=False, allow_null=True, help_text="Its own first day; not for add and remove. Null: the change's."
    )
    serials = RedlineSerialRangeSerializer(  # type: ignore[call-arg] # max_length is of the list that many=True makes
        many=True, required=False, allow_null=True, max_length=MAX_RANGES, help_text="Of a revision. Null: every unit."
    )


class AffectedCreateSerializer(ActionFields):
    """A product to be added to a draft."""

    product_id = serializers.UUIDField()
    base_revision_id = serializers.UUIDField(
        required=False, help_text="Default and only choice: the released revision, else the one in work."
    )


class AffectedUpdateSerializer(ActionFields):
    """What changes of an affected product: its action, or why it has nothing to dispose of."""

    no_disposition_reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Why nothing of it has to be disposed of; empty takes that back. Sent alone.",
    )
