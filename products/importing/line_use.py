"""The columns of a file that say how a line is used and for which units. Every one of them may be missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from products.choices import LineType
from products.conditions import condition_text
from products.importing.numbers import NotANumberError, is_empty, read_decimal
from products.importing.substitutes import substitutes_read
from products.models.bom_line import MOST_ATTRITION
from products.serial_texts import NamedRange, serials_read

# Our field → the column's name in catalogue files and exports; headings such as "Condition" mean other things elsewhere.
USE_COLUMNS = {
    "line_type": "line_type",
    "is_optional": "is_optional",
    "condition": "line_condition",
    "serials": "effective_serials",
    "attrition_percent": "attrition_percent",
    "setup_quantity": "setup_quantity",
    "rounding_multiple": "rounding_multiple",
    "substitutes": "line_substitutes",
}
_YES = frozenset({"true", "yes", "y", "1", "x", "ja", "oui"})
_NO = frozenset({"", "false", "no", "n", "0", "nein", "non"})


class UseRefused(Exception):
    """One cell is wrong; ``column`` is its name in ``USE_COLUMNS``."""

    def __init__(self, column: str, code: str, message: str) -> None:
        super().__init__(message)
        self.column, self.code, self.message = column, code, message


def read_line_use(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return the line's fields that a row's cells (by column name) say; columns that the file lacks say nothing.

    ``serials`` are ``NamedRange`` and ``substitutes`` ``NamedSubstitute`` objects, for the products in them are known by
    number only. Raises UseRefused.
    """
    found: dict[str, Any] = {}
    for name, column in USE_COLUMNS.items():
        if column not in cells:
            continue
        text = "" if is_empty(cells[column]) else cells[column].strip()
        try:
            found[name] = _READERS[name](text)
        except ValidationError as error:
            raise UseRefused(column, "unknown_value", error.messages[0]) from error
        except NotANumberError:
            message = _("“%(text)s” is not a number.") % {"text": text[:40]}
            raise UseRefused(column, "not_a_number", message) from None
    return found


def _line_type(text: str) -> str:
    kind = text.casefold() or LineType.STANDARD
    if kind not in LineType.values:
        raise ValidationError(_("Use one of: %s") % ", ".join(LineType.values))
    return LineType(kind)


def _yes(text: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise ValidationError(_("Use one of: %s") % "true, false")
    return word in _YES


def _decimal(places: int, most: Decimal) -> Callable[[str], Decimal]:
    def read(text: str) -> Decimal:
        value = read_decimal(text) if text else Decimal(0)
        if not 0 <= value <= most or value != round(value, places):
            said = {"most": most, "places": places}
            raise ValidationError(_("A number from 0 to %(most)s, with at most %(places)s decimals.") % said)
        return value

    return read


def _serials(text: str) -> tuple[NamedRange, ...]:
    return serials_read(text)


_QUANTITY = _decimal(6, Decimal(999_999_999))
_READERS: dict[str, Callable[[str], Any]] = {
    "line_type": _line_type,
    "is_optional": _yes,
    "condition": condition_text,
    "serials": _serials,
    "attrition_percent": _decimal(3, Decimal(MOST_ATTRITION)),
    "setup_quantity": _QUANTITY,
    "rounding_multiple": _QUANTITY,
    "substitutes": substitutes_read,
}
