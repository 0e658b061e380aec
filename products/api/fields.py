"""Serializer fields of this context."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from plm_project.api.serializers import PlainDecimalField
from products.models.fields import DIGITS
from products.units import unit_code


class UnitField(serializers.CharField):
    """A unit of measure: any spelling of the trade comes in, the stored code goes out."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault(
            "help_text", "A unit's code or name, such as each, EA, m, kg. Stored and answered as its code."
        )
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the code; refuse what no unit is called."""
        text = super().to_internal_value(data)
        code = unit_code(text)
        if code is None:
            raise serializers.ValidationError(_("Unknown unit: %(unit)s") % {"unit": text}, code="unknown_uom")
        return code


class AmountField(PlainDecimalField):
    """An amount in the tenant's currency, 0 or more, 4 decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=DIGITS, decimal_places=4, min_value=Decimal(0), **kwargs)


class QuantityField(PlainDecimalField):
    """A quantity or mass, 6 decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=DIGITS, decimal_places=6, **kwargs)
