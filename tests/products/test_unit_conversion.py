"""Conversions against factors that are written out here, by their definitions."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from products.unit_conversion import COUNTS, PINT, conversion_factor, converted
from products.units import UNITS, Dimension

# unit → how many of the first of its dimension: metre, square metre, cubic metre, kilogram, second
FACTORS = {
    "m": "1", "mm": "0.001", "cm": "0.01", "dm": "0.1", "km": "1000", "um": "0.000001",
    "in": "0.0254", "ft": "0.3048", "yd": "0.9144",
    "m2": "1", "cm2": "0.0001", "mm2": "0.000001", "in2": "0.00064516", "ft2": "0.09290304",
    "m3": "1", "cm3": "0.000001", "mm3": "0.000000001", "l": "0.001", "ml": "0.000001", "cl": "0.00001",
    "gal": "0.003785411784", "floz": "0.0000295735295625",
    "kg": "1", "g": "0.001", "mg": "0.000001", "t": "1000", "lb": "0.45359237", "oz": "0.028349523125",
    "s": "1", "min": "60", "h": "3600", "day": "86400",
}  # fmt: skip


def test_every_physical_unit_converts_exactly_and_only_in_its_dimension() -> None:
    assert set(FACTORS) == set(PINT)
    for unit in FACTORS:
        for to in FACTORS:
            same = UNITS[unit].dimension == UNITS[to].dimension
            wanted = Fraction(FACTORS[unit]) / Fraction(FACTORS[to]) if same else None
            assert conversion_factor(unit, to) == wanted, (unit, to)


def test_counts_convert_by_number_and_packs_to_nothing() -> None:
    assert converted(Decimal("1.5"), "dozen", "pair") == 9
    for unit in UNITS.values():
        if unit.code not in PINT and unit.code not in COUNTS:
            assert [to for to in UNITS if conversion_factor(unit.code, to)] == [unit.code]
        if unit.dimension == Dimension.COUNT:
            assert conversion_factor(unit.code, "kg") is None


@pytest.mark.parametrize(
    ("quantity", "unit", "to", "code"),
    [("1", "each", "kg", "no_conversion"), ("1", "m", "m2", "no_conversion"), ("1", "box", "each", "no_conversion"),
     ("1", "oz", "kg", "not_exact"), ("1", "each", "dozen", "not_exact"), ("0.0001", "mm", "m", "not_exact")],
)  # fmt: skip
def test_what_does_not_convert_is_refused(quantity: str, unit: str, to: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        converted(Decimal(quantity), unit, to)
    assert refused.value.code == code and unit in refused.value.messages[0] and to in refused.value.messages[0]


def test_the_library_is_not_loaded_at_start() -> None:
    code = "import sys, django; django.setup(); import plm_project.urls; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
