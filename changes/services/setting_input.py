"""Effectivity, attributes and substitutes as callers give them: read and judged as a line's own would be."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from changes.line_settings import EFFECTIVITY_FIELDS, FIELDS_OF, SETTING_FIELDS, ordinary
from plm_project.core.exceptions import ValidationFailed
from products.conditions import condition_text
from products.effectivity import serial_ranges, serials_stored
from products.models import BomLine, LineSubstitute, Product
from products.selectors.substitutes import Substitute
from products.services.bom_lines import check_end_items
from products.services.substitutes import substitutes_checked

_ALL = frozenset(field.name for field in BomLine._meta.concrete_fields)


def fields_checked(kind: str, given: Any, line: BomLine | None) -> dict[str, Any]:
    """Return the typed values of effectivity or attributes by the line's own field names, as far as they are given.

    Days are judged together with those that ``line`` keeps. Raises ValidationFailed naming each field.
    """
    fields = FIELDS_OF[kind]
    if not isinstance(given, Mapping):
        raise ValidationFailed.field(kind, _("Give an object of names and values."))
    if unknown := sorted(set(given) - set(fields)):
        raise ValidationFailed(
            _("Please check the marked fields."), details={name: [_("There is no such field.")] for name in unknown}
        )
    empty = [name for name in given if given[name] is None and not BomLine._meta.get_field(name).null]
    if empty:
        raise ValidationFailed(
            _("Please check the marked fields."), details={name: [_("This value is needed.")] for name in empty}
        )
    kept = EFFECTIVITY_FIELDS if line is not None and kind == "effectivity" else ()
    judged = BomLine(
        **{
            name: getattr(line, name) if name in kept else ordinary(name)
            for name in SETTING_FIELDS
            if name not in given
        },
        **given,
    )
    if "serials" in given:
        judged.serials = _serials(given["serials"])
    try:
        judged.clean_fields(exclude=_ALL - set(given))
        judged.clean()
    except ValidationError as error:
        raise ValidationFailed(_("Please check the marked fields."), details=error.message_dict) from error
    if "serials" in given:
        check_end_items([judged])
    judged.condition = condition_text(judged.condition)
    return {name: getattr(judged, name) for name in given}


def _serials(given: Any) -> Any:
    try:
        return serials_stored(serial_ranges(given))
    except ValidationError as error:
        raise ValidationFailed.field("serials", error.messages[0]) from error


def substitutes_given(given: Any, *, quantity: Decimal, unit_of_measure: str) -> tuple[Substitute, ...]:
    """Return all substitutes that a line of this quantity is to have. Without a quantity one takes the line's, in another
    unit it is converted, exactly. Raises ValidationFailed naming each value, ``substitutes[1].quantity``.
    """
    if not isinstance(given, Sequence) or not all(isinstance(row, Mapping) for row in given):
        raise ValidationFailed.field("substitutes", _("Substitutes are a list."))
    rows = [_typed(row, at) for at, row in enumerate(given)]
    products = Product.objects.in_bulk({row["product_id"] for row in rows if row["product_id"]})
    return substitutes_checked(rows, products, quantity=quantity, unit_of_measure=unit_of_measure)


def _typed(given: Mapping[str, Any], at: int) -> dict[str, Any]:
    row = {name: value for name, value in given.items() if name != "product_number"}
    try:
        row["product_id"] = uuid.UUID(str(row.get("product_id")))
    except ValueError:
        row["product_id"] = None
    try:
        row["quantity"] = _number(row.get("quantity"))
    except ValidationError as error:
        raise ValidationFailed.field(f"substitutes[{at}].quantity", error.messages[0]) from error
    if row.get("reference_designators") is not None:
        row["reference_designators"] = list(row["reference_designators"])
    return row


def _number(value: Any) -> Decimal | None:
    found: Decimal | None = LineSubstitute._meta.get_field("quantity").to_python(value)
    return found
