"""Serializer bases and fields: nothing unknown is swallowed, decimals stay exact, moments are UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from plm_project.core.decimals import plain


class PlainDecimalField(serializers.DecimalField):
    """An exact decimal: a string in plain notation on the way out, a string or number on the way in."""

    def to_representation(self, value: Any) -> str:
        """Write without trailing zeros or exponent; unlike DRF's field it never rounds to ``decimal_places``."""
        return plain(value if isinstance(value, Decimal) else Decimal(str(value)))


class ComputedField(PlainDecimalField):
    """A computed decimal: exact, with as many digits as it has."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, read_only=True, **kwargs)


class UtcDateTimeField(serializers.DateTimeField):
    """A moment, written in UTC whatever the site's time zone; read in any zone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("default_timezone", dt.UTC)
        super().__init__(**kwargs)


class PlainJSONField(serializers.JSONField):
    """Free JSON. The parser reads numbers as decimals; here they become the JSON numbers they were."""

    def to_internal_value(self, data: Any) -> Any:
        """Return data that a JSON column takes."""
        return super().to_internal_value(_plain_numbers(data))


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    return value


class StrictFields(serializers.Serializer[Any]):
    """Refuses input fields that do not exist or cannot be set, instead of dropping them in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """Validate; unknown and read-only fields are reported together with the other errors."""
        refused = self._refused(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if refused and isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **refused}) from error
            raise
        if refused:
            raise serializers.ValidationError(refused)
        return values

    def _refused(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        refused: dict[str, list[str]] = {}
        for name in data:
            field = self.fields.get(name)
            if field is None:
                refused[name] = [_("There is no such field.")]
            elif field.read_only:
                refused[name] = [_("This field cannot be set here.")]
        return refused


class PlmSerializer(StrictFields):
    """The base of serializers that are not drawn from a model."""


class PlmModelSerializer(StrictFields, serializers.ModelSerializer[Any]):
    """The base of serializers that are. Saving stays with the services: ``save`` raises."""

    serializer_field_mapping: ClassVar = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DecimalField: PlainDecimalField,
        models.DateTimeField: UtcDateTimeField,
        models.JSONField: PlainJSONField,
    }

    def save(self, **kwargs: Any) -> Any:
        """Refuse: a serializer that writes would go round the services and their rules."""
        raise RuntimeError("Serializers do not write. Call a service with validated_data.")
