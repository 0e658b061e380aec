"""Substitutes of a line in one cell, as our export writes them: a JSON list, products by number.

An entry names ``part_number`` and ``quantity``; what is ordinary is left out: ``rank`` 1, no ``reference``, no
``note``. ``unit`` is a code of ours. ``name`` and ``item_type`` are those of the product, for a place that does not
know it yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from products.importing.designators import designators_written, split_designators
from products.importing.numbers import NotANumberError, read_decimal

LONGEST = 200_000  # characters of one cell
HIGHEST_RANK = 32_767
LARGEST = Decimal(999_999_999)
LONGEST_NOTE = 500
TEXTS = ("part_number", "name", "item_type", "unit", "reference", "note")


@dataclass(frozen=True, slots=True)
class NamedSubstitute:
    """One entry. ``unit`` "" is the product's own; ``name`` is empty where the file does not say it."""

    number: str
    quantity: Decimal
    rank: int = 1
    unit: str = ""
    reference_designators: tuple[str, ...] = ()
    note: str = ""
    name: str = ""
    item_type: str = ""

    def written(self) -> dict[str, Any]:
        """Return it as the cell holds it."""
        said = {
            "part_number": self.number,
            "name": self.name,
            "item_type": self.item_type,
            "quantity": plain(self.quantity),
            "unit": self.unit,
            "rank": self.rank if self.rank != 1 else "",
            "reference": designators_written(self.reference_designators),
            "note": self.note,
        }
        return {key: value for key, value in said.items() if value != ""}


def substitutes_written(entries: Iterable[NamedSubstitute]) -> str:
    """Return the text of one cell, empty for none."""
    rows = [entry.written() for entry in entries]
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def substitutes_read(text: str) -> tuple[NamedSubstitute, ...]:
    """Read one cell. Raises ValidationError with what cannot be read."""
    try:
        rows = json.loads(text) if text and len(text) <= LONGEST else []
    except (ValueError, RecursionError):
        rows = None
    if len(text) > LONGEST or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValidationError(
            _("Substitutes are a list as our export writes it: %(example)s")
            % {"example": '[{"part_number": "P-1", "quantity": "2"}]'}
        )
    return tuple(map(_entry, rows))


def _entry(row: dict[str, Any]) -> NamedSubstitute:
    texts = {name: str(row.get(name, "")).strip() for name in TEXTS}
    number = texts["part_number"]
    if not number:
        raise ValidationError(_("A substitute has no part number."))
    try:
        quantity = read_decimal(str(row.get("quantity", "")))
    except NotANumberError:
        raise ValidationError(_("%(number)s: the quantity is a number.") % {"number": number}) from None
    rank = row.get("rank", 1)
    if isinstance(rank, bool) or not isinstance(rank, int) or not 1 <= rank <= HIGHEST_RANK:
        raise ValidationError(_("%(number)s: the rank is a whole number from 1 on.") % {"number": number})
    if not 0 < quantity <= LARGEST or quantity != round(quantity, 6) or len(texts["note"]) > LONGEST_NOTE:
        raise ValidationError(_("%(number)s: quantity or note cannot be kept like this.") % {"number": number})
    return NamedSubstitute(
        number,
        quantity,
        rank,
        texts["unit"],
        split_designators(texts["reference"]),
        texts["note"],
        texts["name"],
        texts["item_type"],
    )
