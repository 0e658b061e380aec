"""From a caller's line to what the services take: children by id or by number, found with one query for all lines."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plm_project.core.exceptions import ValidationFailed
from products.effectivity import serial_ranges, serials_stored
from products.selectors.products import product_ids
from products.services import LineInput


def line_inputs(lines: Sequence[Mapping[str, Any]], *, prefix: str = "") -> list[LineInput]:
    """Return the services' lines; raise ValidationFailed for every number that is no product's."""
    return [_line_input(line) for line in with_child_ids(lines, prefix=prefix)]


def with_child_ids(lines: Sequence[Mapping[str, Any]], *, prefix: str = "") -> list[dict[str, Any]]:
    """Return the lines with ``child_id`` in place of ``product_number``, and serial numbers as they are stored."""
    known = product_ids(
        [line["product_number"] for line in lines if "product_number" in line]
        + [number for line in lines for number in _end_items(line)]
    )
    faults: dict[str, list[str]] = {}
    found = []
    for index, line in enumerate(lines):
        values = dict(line)
        if "serials" in values:
            values["serials"] = _stored(
                values["serials"], known, f"{prefix}[{index}].serials" if prefix else "serials"
            )
        number = values.pop("product_number", None)
        if number in known:
            values["child_id"] = known[number]
        elif number is not None:
            field = f"{prefix}[{index}].product_number" if prefix else "product_number"
            faults[field] = [_("There is no product %(number)s.") % {"number": number}]
        found.append(values)
    if faults:
        raise ValidationFailed(next(iter(faults.values()))[0], details=faults)
    return found


def with_end_items(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with serial numbers as they are stored, where there are any."""
    if "serials" not in values:
        return dict(values)
    return {**values, "serials": _stored(values["serials"], product_ids(_end_items(values)), "serials")}


def _end_items(values: Mapping[str, Any]) -> list[str]:
    return [entry["end_item_number"] for entry in values.get("serials") or () if "end_item_number" in entry]


def _stored(
    entries: Sequence[Mapping[str, Any]] | None, known: Mapping[str, uuid.UUID], field: str
) -> list[dict[str, Any]] | None:
    ranges = []
    for entry in entries or ():
        number = entry.get("end_item_number")
        if number is not None and number not in known:
            raise ValidationFailed.field(field, _("There is no product %(number)s.") % {"number": number})
        end_item = entry["end_item"] if number is None else known[number]
        ranges.append({"end_item": str(end_item), "first": entry["first"], "last": entry.get("last")})
    try:
        return serials_stored(serial_ranges(ranges))
    except ValidationError as error:
        raise ValidationFailed.field(field, error.messages[0]) from error


def _line_input(values: Mapping[str, Any]) -> LineInput:
    designators = tuple(values.get("reference_designators", ()))
    return LineInput(**{**values, "reference_designators": designators})
