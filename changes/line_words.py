"""What a line says, and what becomes of it, in the words of the trade: labels of its fields and their values."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.merging import CUSTOM, SUBSTITUTES
from plm_project.core.decimals import plain
from products.choices import LineType
from products.effectivity import serial_ranges
from products.selectors.end_items import end_item_numbers
from products.selectors.substitutes import Substitute
from products.serial_texts import serials_written

LABELS: dict[str, str | Promise] = {
    "child_id": gettext_lazy("Part"),
    "quantity": gettext_lazy("Quantity"),
    "unit_of_measure": gettext_lazy("Unit"),
    "find_number": gettext_lazy("Find number"),
    "reference_designators": gettext_lazy("Reference designators"),
    "effective_from": gettext_lazy("Effective from"),
    "effective_to": gettext_lazy("Effective to"),
    "serials": gettext_lazy("Serial numbers"),
    "condition": gettext_lazy("Condition"),
    "line_type": gettext_lazy("Line type"),
    "is_optional": gettext_lazy("Optional"),
    "attrition_percent": gettext_lazy("Attrition (%)"),
    "setup_quantity": gettext_lazy("Set-up quantity"),
    "rounding_multiple": gettext_lazy("Rounded up to a multiple of"),
    "notes": gettext_lazy("Notes"),
    CUSTOM: gettext_lazy("Attributes"),
    SUBSTITUTES: gettext_lazy("Substitutes"),
}
# What a line says where it says nothing.
NOTHING: dict[str, str | Promise] = {
    "effective_from": gettext_lazy("open"),
    "effective_to": gettext_lazy("open"),
    "serials": gettext_lazy("every unit"),
    "condition": gettext_lazy("all options"),
}


def label_of(field: str, entry: str = "") -> str:
    """Return what a field is called; ``entry`` names the attribute or the substitute."""
    if entry and field == CUSTOM:
        return _("Attribute %(name)s") % {"name": entry}
    if entry and field == SUBSTITUTES:
        return _("Substitute %(number)s") % {"number": entry}
    return str(LABELS[field])


def words_of(field: str, value: Any, numbers: Mapping[uuid.UUID, str] | None = None) -> str:
    """Return one value, or one entry, as people read it; typed or stored. ``numbers`` are those of the end items."""
    if value in (None, "", [], ()):
        return str(NOTHING.get(field, ""))
    if field == "serials":
        return serials_written(serial_ranges(value), end_item_numbers([value]) if numbers is None else numbers)
    if field == "line_type":
        return str(LineType(value).label)
    if isinstance(value, Mapping):
        return str(Substitute.read(value)) if field == SUBSTITUTES else json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    if isinstance(value, dt.date):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal) else str(value)


def numbers_in(values: Iterable[Mapping[str, Any]]) -> dict[uuid.UUID, str]:
    """Return the numbers of the end items that stored values name. One query, none without any."""
    return end_item_numbers(found for value in values if (found := value.get("serials")))
