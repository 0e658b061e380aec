"""A line's values as merging compares them, as a conflict keeps them, and back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from changes.line_settings import SETTING_FIELDS, ordinary, settings_stored, value_read, value_stored
from changes.line_words import words_of
from changes.merging import ABSENT, CHILD, DESIGNATORS, FIELDS, KEYED, LINE, SUBSTITUTES, FieldConflict
from products.models import BomLine, Product
from products.selectors.substitutes import Substitute


def values_of(line: BomLine, substitutes: Iterable[Substitute] = ()) -> dict[str, Any]:
    """Return a line's values as the merge compares them."""
    return {
        **{name: getattr(line, name) for name in FIELDS if name != SUBSTITUTES},
        SUBSTITUTES: by_product(substitutes),
    }


def by_product(substitutes: Iterable[Substitute]) -> dict[uuid.UUID, Substitute]:
    """Return substitutes by product, whatever its number is by now."""
    return {one.product_id: replace(one, product_number="") for one in substitutes}


def stored(value: Any) -> Any:
    """Return a value as a conflict keeps it in JSON."""
    if isinstance(value, Mapping):
        return {str(name): stored(one) for name, one in value.items()}
    if value is ABSENT:
        return None
    return str(value) if isinstance(value, uuid.UUID) else value_stored(value)


def numbered(substitutes: Mapping[uuid.UUID, Substitute]) -> list[Substitute]:
    """Return substitutes with the numbers of their products. One query."""
    numbers = dict(Product.all_objects.filter(pk__in=substitutes).values_list("pk", "product_number"))
    return [replace(one, product_number=numbers[key]) for key, one in substitutes.items()]


def settings_kept(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the settings of a line that ``stored`` has written, as an addition takes them: what is not ordinary."""
    values = {name: value_read(name, told[name]) for name in SETTING_FIELDS if name in told}
    values = {name: value for name, value in values.items() if value != ordinary(name)}
    if told.get(SUBSTITUTES):
        rows = [Substitute.read(row) for row in told[SUBSTITUTES].values()]
        values[SUBSTITUTES] = numbered({one.product_id: one for one in rows})
    return settings_stored(values)


def conflict_told(conflict: FieldConflict, by: str) -> dict[str, Any]:
    """Return a conflict as it is kept: the values, and the same in words for people."""
    sides = {"base": conflict.base, "theirs": conflict.theirs, "mine": conflict.mine}
    told = {
        "field": conflict.field,
        "by": by,
        **{name: stored(value) for name, value in sides.items()},
        "shown": {name: _words(conflict.field, value) for name, value in sides.items()},
    }
    if conflict.field in KEYED:
        told["key"] = str(conflict.key)
        told["shown"]["entry"] = _number_of(conflict.key) if conflict.field == SUBSTITUTES else str(conflict.key)
    return told


def _words(field: str, value: Any) -> str:
    if field == LINE:
        names = (CHILD, "quantity", "unit_of_measure", DESIGNATORS)
        words = [] if value is None else [_words(name, value[name]) for name in names]
        return " ".join(word for word in words if word)
    if field in KEYED and value is ABSENT:
        return _("nothing")
    if field == CHILD:
        return _number_of(value)
    if isinstance(value, Substitute):
        return value.facts()
    return words_of(field, value)


def _number_of(product_id: uuid.UUID) -> str:
    return Product.all_objects.filter(pk=product_id).values_list("product_number", flat=True).first() or ""
