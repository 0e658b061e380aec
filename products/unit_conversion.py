"""From one unit of measure to another, exact or not at all.

Pint knows the physical units; it takes seconds to load and is loaded at the first conversion between two of them. What is
counted converts by the fixed numbers of ``COUNTS``; a roll or a box holds what it holds and converts to nothing.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from products.units import UNITS, Dimension

PLACES = 6  # decimals of a quantity
COUNTS = {"each": 1, "pair": 2, "dozen": 12, "hundred": 100, "thousand": 1000}
# Our codes in Pint's words. Ounces and pounds are avoirdupois, gallons and fluid ounces of the USA.
PINT = {
    "m": "meter", "mm": "millimeter", "cm": "centimeter", "dm": "decimeter", "km": "kilometer", "um": "micrometer",
    "in": "inch", "ft": "foot", "yd": "yard",
    "m2": "meter**2", "cm2": "centimeter**2", "mm2": "millimeter**2", "in2": "inch**2", "ft2": "foot**2",
    "m3": "meter**3", "cm3": "centimeter**3", "mm3": "millimeter**3", "l": "liter", "ml": "milliliter",
    "cl": "centiliter", "gal": "US_liquid_gallon", "floz": "US_fluid_ounce",
    "kg": "kilogram", "g": "gram", "mg": "milligram", "t": "metric_ton", "lb": "pound", "oz": "ounce",
    "h": "hour", "min": "minute", "s": "second", "day": "day",
}  # fmt: skip


@cache
def conversion_factor(unit: str, to: str) -> Fraction | None:
    """Return by what a quantity in ``unit`` is multiplied to be one in ``to``, exact; None where there is no way."""
    if unit == to:
        return Fraction(1)
    if unit not in UNITS or to not in UNITS or UNITS[unit].dimension != UNITS[to].dimension:
        return None
    if UNITS[unit].dimension == Dimension.COUNT:
        return Fraction(COUNTS[unit], COUNTS[to]) if unit in COUNTS and to in COUNTS else None
    if unit not in PINT or to not in PINT:
        return None
    return Fraction(_registry().Quantity(Fraction(1), PINT[unit]).to(PINT[to]).magnitude)


def converted(quantity: Decimal, unit: str, to: str) -> Decimal:
    """Return a finite quantity in another unit, exact.

    Raises ValidationError: code ``no_conversion`` where there is no way between the units, ``not_exact`` where the
    result has more decimals than a quantity has room for.
    """
    factor = conversion_factor(unit, to)
    if factor is None:
        message = _("%(unit)s cannot be converted to %(to)s.") % {"unit": unit, "to": to}
        raise ValidationError(message, code="no_conversion")
    result = Fraction(quantity) * factor
    scaled = result * 10**PLACES
    if scaled.denominator != 1:
        said = {"quantity": plain(quantity), "unit": unit, "to": to, "places": PLACES}
        message = _(
            "%(quantity)s %(unit)s have more than %(places)s decimals in %(to)s; give a rounded quantity in %(to)s."
        )
        raise ValidationError(message % said, code="not_exact")
    return Decimal(scaled.numerator).scaleb(-PLACES)


@cache
def _registry() -> Any:
    from pint import UnitRegistry

    # Fractions, not decimals: an inch is 1/36 of a yard, and squares of rounded thirds are not exact.
    return UnitRegistry(non_int_type=Fraction, cache_folder=None)
