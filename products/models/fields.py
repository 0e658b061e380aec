"""Number columns of this context.

15 significant digits each: the most that SQLite keeps exact (it stores NUMERIC as a double), so both databases answer
the same to the last digit. Sums over a structure are computed exactly in Python and may have more.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models

DIGITS = 15


def amount_field(verbose_name: Any, **kwargs: Any) -> models.DecimalField[Any, Any]:
    """An amount in the tenant's currency: 0 or more, 4 decimals."""
    return models.DecimalField(
        verbose_name, max_digits=DIGITS, decimal_places=4, validators=[MinValueValidator(Decimal(0))], **kwargs
    )


def quantity_field(verbose_name: Any, **kwargs: Any) -> models.DecimalField[Any, Any]:
    """A quantity or a mass: 6 decimals."""
    return models.DecimalField(verbose_name, max_digits=DIGITS, decimal_places=6, **kwargs)
