"""End items of serial numbers: from the product numbers that people write to ids, and back. One query for all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plm_project.tenancy.references import CHUNK
from products.effectivity import SerialRange, serial_ranges, serials_stored
from products.models import Product
from products.selectors.products import product_ids
from products.serial_texts import NamedRange, serials_read, serials_written


def serials_of_text(text: str) -> list[dict[str, Any]] | None:
    """Return what is stored for a text such as ``BIKE-1: 1-50, 80-``. Raises ValidationError where it is wrong."""
    return serials_stored(ranges_of(serials_read(text)))


def ranges_of(named: Sequence[NamedRange]) -> tuple[SerialRange, ...]:
    """Return ranges by id. Raises ValidationError for a number that is no product's, and for ranges that overlap."""
    ids = product_ids(entry.number for entry in named) if named else {}
    for entry in named:
        if entry.number not in ids:
            raise ValidationError(_("There is no product %(number)s.") % {"number": entry.number})
    return serial_ranges([entry.of(ids[entry.number]).stored() for entry in named])


def end_item_numbers(serials: Iterable[Any]) -> dict[uuid.UUID, str]:
    """Return the numbers of all end items that stored serial numbers name, deleted ones too; no query without any."""
    wanted = list({entry.end_item for value in serials for entry in serial_ranges(value)})
    numbers: dict[uuid.UUID, str] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = Product.all_objects.filter(pk__in=wanted[start : start + CHUNK]).order_by()
        numbers.update(rows.values_list("pk", "product_number"))
    return numbers


def serials_text(value: Any) -> str:
    """Return stored serial numbers as people type them."""
    return serials_written(serial_ranges(value), end_item_numbers([value]))
