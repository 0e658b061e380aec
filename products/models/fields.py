"""Number columns of this context.

15 significant digits each: the most that SQLite keeps exact (it stores NUMERIC as a double), so both databases answer
the same to the last digit. Sums over a structure are computed exactly in Python and may have more.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext as _

DIGITS = 15
MOST_ATTRIBUTES = 65_536  # characters of JSON; every version is kept in the history and told in events


def attributes_fault(value: Any) -> str:
    """Return what is wrong with a record's own attributes; an empty string when they can be stored."""
    if not isinstance(value, dict):
        return _("Attributes are an object of names and values.")
    if not value:
        return ""
    try:
        length = len(json.dumps(value, default=str))
    except RecursionError:
        length = MOST_ATTRIBUTES + 1
    if length > MOST_ATTRIBUTES:
        return _("Attributes have at most %(limit)d characters in all.") % {"limit": MOST_ATTRIBUTES}
    return ""


def amount_field(verbose_name: Any, **kwargs: Any) -> models.DecimalField[Any, Any]:
    """An amount in the tenant's currency: 0 or more, 4 decimals."""
    return models.DecimalField(
        verbose_name, max_digits=DIGITS, decimal_places=4, validators=[MinValueValidator(Decimal(0))], **kwargs
    )


def quantity_field(verbose_name: Any, **kwargs: Any) -> models.DecimalField[Any, Any]:
    """A quantity or a mass: 6 decimals."""
    return models.DecimalField(verbose_name, max_digits=DIGITS, decimal_places=6, **kwargs)
