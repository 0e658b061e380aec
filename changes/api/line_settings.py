"""Effectivity, attributes and substitutes of a redline on the wire. The same shape in and out; the services decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from plm_project.api.serializers import PlainDecimalField, PlainJSONField, PlmSerializer
from plm_project.core.exceptions import ValidationFailed
from products.choices import LineType
from products.conditions import LONGEST_CONDITION
from products.effectivity import HIGHEST_SERIAL
from products.models.bom_line import MOST_ATTRITION
from products.selectors.products import product_ids

MOST_SUBSTITUTES = 500

HIGHEST_RANK = 32_767


def _quantity(**kwargs: Any) -> PlainDecimalField:
    return PlainDecimalField(max_digits=15, decimal_places=6, required=False, min_value=0, **kwargs)


class RedlineSerialRangeSerializer(PlmSerializer):
    """The units first to last of one end item, both included. Without a last one: all from the first on."""

    end_item = serializers.UUIDField(required=False, help_text="The end item, by id.")
    end_item_number = serializers.CharField(
        required=False, write_only=True, max_length=50, help_text="The end item, by product number."
    )
    first = serializers.IntegerField(min_value=1, max_value=HIGHEST_SERIAL)
    last = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=HIGHEST_SERIAL)

    def validate(self, attrs: Any) -> Any:
        """Check that the end item is named once."""
        if ("end_item" in attrs) == ("end_item_number" in attrs):
            raise serializers.ValidationError({"end_item": [_("Name the end item, by id or by number.")]})
        return attrs


class NamedOnly(PlmSerializer):
    """An object that answers what it names, also null, and nothing else."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Leave out what is not named: null says something."""
        return {name: value for name, value in super().to_representation(instance).items() if name in instance}


class RedlineEffectivitySerializer(NamedOnly):
    """For which days and units the line is to hold. What is not named is left alone; null takes a limit away."""

    effective_from = serializers.DateField(required=False, allow_null=True, help_text="First day the line holds.")
    effective_to = serializers.DateField(required=False, allow_null=True, help_text="First day it holds no more.")
    serials = RedlineSerialRangeSerializer(
        many=True, required=False, allow_null=True, help_text="The units it holds for. Null: all."
    )


class RedlineAttributesSerializer(NamedOnly):
    """How the line is to be used. What is not named is left alone."""

    condition = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_CONDITION,
        help_text="The options it is for, such as colour:red and not gps:yes. Empty: all.",
    )
    line_type = serializers.ChoiceField(LineType.choices, required=False)
    is_optional = serializers.BooleanField(required=False)
    attrition_percent = PlainDecimalField(
        required=False,
        max_digits=6,
        decimal_places=3,
        min_value=0,
        max_value=MOST_ATTRITION,
        help_text="Taken beyond the quantity, in per cent.",
    )
    setup_quantity = _quantity(help_text="Taken once an order, whatever its size.")
    rounding_multiple = _quantity(help_text="What an order takes is rounded up to a multiple. 0: not rounded.")
    notes = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    custom_attributes = PlainJSONField(required=False, help_text="An object of names and values, all of them.")


class RedlineSubstituteSerializer(PlmSerializer):
    """A product that may be taken for the part of the line. It is named by product_id or by product_number."""

    product_id = serializers.UUIDField(required=False)
    product_number = serializers.CharField(required=False, max_length=50)
    rank = serializers.IntegerField(required=False, min_value=1, max_value=HIGHEST_RANK, help_text="1 is tried first.")
    quantity = PlainDecimalField(
        max_digits=15, decimal_places=6, required=False, help_text="For the whole line. Default: the line's."
    )
    unit_of_measure = serializers.CharField(
        required=False, max_length=20, help_text="Of the quantity; another one than the product's is converted."
    )
    reference_designators = serializers.ListField(child=serializers.CharField(max_length=50), required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class LineSettingFields(PlmSerializer):
    """What a redline says beyond part, quantity, unit, find number and designators; null: nothing."""

    effectivity = RedlineEffectivitySerializer(required=False, allow_null=True, help_text="add, effectivity.")
    attributes = RedlineAttributesSerializer(required=False, allow_null=True, help_text="add, attributes.")
    substitutes = serializers.ListField(
        child=RedlineSubstituteSerializer(),
        required=False,
        allow_null=True,
        max_length=MOST_SUBSTITUTES,
        help_text="add, substitutes: all that the line is to have; an empty list takes them away.",
    )


def with_ids(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a redline's values with products by id: the part, end items and substitutes. One query, none where all are
    named by id. Raises ValidationFailed for a number that is no product's.
    """
    found = dict(values)
    serials = (found.get("effectivity") or {}).get("serials") or ()
    substitutes = found.get("substitutes") or ()
    named = [("child_number", found)] if "child_number" in found else []
    named += [("end_item_number", entry) for entry in serials]
    named += [("product_number", entry) for entry in substitutes if "product_id" not in entry]
    numbers = {entry[name] for name, entry in named if name in entry}
    known = product_ids(sorted(numbers)) if numbers else {}
    for name, entry in named:
        number = entry.pop(name, None)
        if number is None:
            continue
        if number not in known:
            field = {"end_item_number": "serials", "product_number": "substitutes"}.get(name, name)
            raise ValidationFailed.field(field, _("There is no product %(number)s.") % {"number": number})
        entry[name.replace("_number", "" if name == "end_item_number" else "_id")] = known[number]
    return found
