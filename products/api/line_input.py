"""From a caller's line to what the services take: children by id or by number, found with one query for all lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.exceptions import ValidationFailed
from products.selectors.products import product_ids
from products.services import LineInput


def line_inputs(lines: Sequence[Mapping[str, Any]], *, prefix: str = "") -> list[LineInput]:
    """Return the services' lines; raise ValidationFailed for every number that is no product's."""
    return [_line_input(line) for line in with_child_ids(lines, prefix=prefix)]


def with_child_ids(lines: Sequence[Mapping[str, Any]], *, prefix: str = "") -> list[dict[str, Any]]:
    """Return the lines with ``child_id`` in place of ``product_number``."""
    known = product_ids(line["product_number"] for line in lines if "product_number" in line)
    faults: dict[str, list[str]] = {}
    found = []
    for index, line in enumerate(lines):
        values = dict(line)
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


def _line_input(values: Mapping[str, Any]) -> LineInput:
    designators = tuple(values.get("reference_designators", ()))
    return LineInput(**{**values, "reference_designators": designators})
