"""What the structure commands share: the product by number, the resolution options."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from products.choices import ResolutionMode
from products.models import Product
from products.selectors.resolution import Resolution


def product_by_number(number: str) -> Product:
    """Return the product; raise NotFound when the tenant has none of this number."""
    product = Product.objects.filter(product_number=number).first()
    if product is None:
        raise NotFound(_("There is no product %(number)s.") % {"number": number})
    return product


def add_resolution(parser: ArgumentParser) -> None:
    """Add --as-of and --mode."""
    parser.add_argument("--as-of", type=_date, metavar="DATE", help="the date to judge by (default today)")
    parser.add_argument("--mode", choices=ResolutionMode.values, default=ResolutionMode.EFFECTIVE.value)


def resolution_from(options: dict[str, Any]) -> Resolution:
    """Return the resolution that --as-of and --mode ask for."""
    return Resolution.of(options["mode"], options["as_of"])


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date (YYYY-MM-DD)") from None
