"""What a redline may say of a line beyond part, quantity, unit, find number and designators: for which days and units it
holds, how it is used, and what may be taken for its part.

``None`` says something here (no last day, every unit), so these values are named: ``Redline.settings`` is an object with
up to three keys, ``effectivity``, ``attributes`` and ``substitutes``, each told as a whole. What is not named is left
alone. Stored as JSON has it: days ISO, decimals as plain text, the rest as the line stores it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from changes.merging import CUSTOM, SUBSTITUTES
from plm_project.core.decimals import plain
from products.models import BomLine
from products.selectors.substitutes import Substitute

EFFECTIVITY, ATTRIBUTES = "effectivity", "attributes"
# The line's own fields that each key of the settings holds; substitutes are rows of their own.
EFFECTIVITY_FIELDS = ("effective_from", "effective_to", "serials")
ATTRIBUTE_FIELDS = (
    "condition",
    "line_type",
    "is_optional",
    "attrition_percent",
    "setup_quantity",
    "rounding_multiple",
    "notes",
    CUSTOM,
)
FIELDS_OF = {EFFECTIVITY: EFFECTIVITY_FIELDS, ATTRIBUTES: ATTRIBUTE_FIELDS}
SETTING_FIELDS = (*EFFECTIVITY_FIELDS, *ATTRIBUTE_FIELDS)
KINDS = (EFFECTIVITY, ATTRIBUTES, SUBSTITUTES)
_DAYS = frozenset({"effective_from", "effective_to"})
_NUMBERS = frozenset({"attrition_percent", "setup_quantity", "rounding_multiple"})


def ordinary(field: str) -> Any:
    """Return what a field says of a line of which nobody said anything."""
    column: Any = BomLine._meta.get_field(field)
    return column.get_default()


def value_stored(value: Any) -> Any:
    """Return a typed value as JSON has it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain(value)
    return value.stored() if isinstance(value, Substitute) else value


def value_read(field: str, value: Any) -> Any:
    """Return a stored value as the line has it."""
    if value is None:
        return None
    if field in _DAYS:
        return dt.date.fromisoformat(value)
    return Decimal(value) if field in _NUMBERS else value


def substitutes_stored(substitutes: Sequence[Substitute]) -> list[dict[str, Any]]:
    """Return a line's substitutes as JSON has them, by rank."""
    return [one.stored() for one in sorted(substitutes, key=lambda one: (one.rank, one.product_number))]


def substitutes_read(rows: Sequence[Mapping[str, Any]]) -> tuple[Substitute, ...]:
    """Read what ``substitutes_stored`` wrote."""
    return tuple(Substitute.read(row) for row in rows)


def settings_stored(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return typed values, by the line's own field names and ``substitutes``, as a redline keeps them."""
    found: dict[str, Any] = {
        kind: {name: value_stored(values[name]) for name in fields if name in values}
        for kind, fields in FIELDS_OF.items()
    }
    found = {kind: said for kind, said in found.items() if said}
    if SUBSTITUTES in values:
        found[SUBSTITUTES] = substitutes_stored(values[SUBSTITUTES])
    return found or None


def settings_read(settings: Mapping[str, Any] | None, kinds: Collection[str] = KINDS) -> dict[str, Any]:
    """Return the typed values of a redline's settings, by the line's own field names and ``substitutes``."""
    if not settings:
        return {}
    values: dict[str, Any] = {}
    for kind in FIELDS_OF.keys() & settings.keys() & set(kinds):
        values.update({name: value_read(name, value) for name, value in settings[kind].items()})
    if SUBSTITUTES in settings and SUBSTITUTES in kinds:
        values[SUBSTITUTES] = substitutes_read(settings[SUBSTITUTES])
    return values


def settings_flat(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a redline's settings as they are stored, by the line's own field names and ``substitutes``, in that order:
    a database keeps none.
    """
    values: dict[str, Any] = {}
    for kind, said in (settings or {}).items():
        values.update({kind: said} if kind == SUBSTITUTES else said)
    return {name: values[name] for name in (*SETTING_FIELDS, SUBSTITUTES) if name in values}


def settings_of(line: BomLine, substitutes: Sequence[Substitute] = ()) -> dict[str, Any]:
    """Return what a line says beyond the ordinary, as JSON has it: of an ordinary line nothing."""
    said = {name: value_stored(value) for name in SETTING_FIELDS if (value := getattr(line, name)) != ordinary(name)}
    return {**said, SUBSTITUTES: substitutes_stored(substitutes)} if substitutes else said


def entry_of(value: Any, key: str) -> Any:
    """Return one entry of a field's value: the attribute or substitute of a key, None where it has none; without a key
    the whole value.
    """
    if not key or value is None:
        return value
    if isinstance(value, Mapping):
        return value.get(key)
    return next((one for one in value if str(one.product_id) == key), None)
