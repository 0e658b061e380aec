"""Masses as files state them ("146 g/Part", "19.6 kg/m^2", "Weight (kg)") → kilograms for one unit of measure."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from plm_project.core.decimals import exact

_KILOGRAMS = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "mg": Decimal("0.000001"),
    "t": Decimal(1000),
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}


def mass_per_unit(mass: Decimal, written: str, unit: str, known_unit: Callable[[str], str | None]) -> Decimal | None:
    """The mass of one unit of measure in kilograms, or None when it cannot be told for sure.

    ``written`` is the mass unit as the file gives it, or a heading with the unit in brackets or at its end. What
    stands after the slash must be the line's own unit (``unit``, a code; the empty code counts as each).
    """
    bracket = re.search(r"[(\[]([^()\[\]]+)[)\]]", written)
    text = bracket[1] if bracket else written
    weight, _slash, per = text.partition("/")
    words = re.split(r"[\s_]+", weight.strip())
    factor = _KILOGRAMS.get(known_unit(words[-1]) or "")
    if factor is None or (per.strip() and known_unit(per) != (unit or "each")):
        return None
    with exact():
        return mass * factor
