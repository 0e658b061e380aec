"""Dispositions on the wire, and what a list of them is narrowed by."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from changes.api.serializers import PersonSerializer
from changes.choices import ChangeStatus, Disposal, Place
from changes.selectors.dispositions import STATES
from plm_project.api.serializers import PlainDecimalField, PlmSerializer, UtcDateTimeField


def _quantity(**kwargs: Any) -> PlainDecimalField:
    return PlainDecimalField(max_digits=15, decimal_places=6, allow_null=True, **kwargs)


def _cost(**kwargs: Any) -> PlainDecimalField:
    return PlainDecimalField(max_digits=15, decimal_places=4, allow_null=True, **kwargs)


class DispositionFields(PlmSerializer):
    """What happens to the parts at one place. Beyond the draft owner_id and due_on alone may change."""

    product_id = serializers.UUIDField(
        required=False,
        help_text="The part: the affected product (default), or one that its redlines remove or replace.",
    )
    place = serializers.ChoiceField(Place.choices)
    action = serializers.ChoiceField(Disposal.choices)
    quantity = _quantity(required=False, help_text="0 or more, in the part's unit; null where it is not known.")
    cost = _cost(required=False, help_text="0 or more, in the tenant's currency; null where it is not known.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    owner_id = serializers.UUIDField(required=False, allow_null=True, help_text="A member of the tenant.")
    due_on = serializers.DateField(required=False, allow_null=True)


class DispositionCreateSerializer(DispositionFields):
    """A new disposition in a draft."""

    affected_id = serializers.UUIDField(help_text="The affected product of the change that it comes from.")


class DispositionSerializer(PlmSerializer):
    """What happens to the parts at one place, and what was done."""

    disposition_id = serializers.UUIDField(source="pk")
    change_id = serializers.UUIDField()
    change_number = serializers.CharField(source="change.change_number")
    change_status = serializers.ChoiceField(ChangeStatus.choices, source="change.status")
    affected_id = serializers.UUIDField()
    affected_number = serializers.CharField(source="affected.product.product_number")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    place = serializers.ChoiceField(Place.choices)
    action = serializers.ChoiceField(Disposal.choices)
    quantity = _quantity()
    unit_of_measure = serializers.CharField(source="product.unit_of_measure")
    cost = _cost()
    note = serializers.CharField()
    owner = PersonSerializer(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    is_overdue = serializers.BooleanField()
    completed_at = UtcDateTimeField(allow_null=True)
    completed_by = PersonSerializer(allow_null=True)
    quantity_done = _quantity(help_text="What was really dealt with.")
    cost_done = _cost(help_text="What it really cost.")
    completion_note = serializers.CharField()
    version = serializers.IntegerField()


class CompleteSerializer(PlmSerializer):
    """What was really done."""

    quantity_done = _quantity(required=False, min_value=0)
    cost_done = _cost(required=False, min_value=0)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class ReopenSerializer(PlmSerializer):
    """Why it is not done after all."""

    reason = serializers.CharField(max_length=500)


class DispositionQuery(PlmSerializer):
    """What a list of dispositions is narrowed by."""

    state = serializers.ChoiceField(
        STATES,
        required=False,
        default="open",
        help_text="open leaves out what belongs to a change that is given up; ready is what can be done now.",
    )
    owner = serializers.UUIDField(required=False, help_text="User id of the owner.")
    mine = serializers.BooleanField(required=False, default=False, help_text="What the caller owns.")
    overdue = serializers.BooleanField(required=False, default=False, help_text="What should have been done by now.")
    place = serializers.ListField(
        child=serializers.ChoiceField(Place.choices), required=False, help_text="Any of these; repeatable."
    )
    action = serializers.ListField(
        child=serializers.ChoiceField(Disposal.choices), required=False, help_text="Any of these; repeatable."
    )
