"""What the structure commands share: the options --as-of and --mode."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from products.choices import ResolutionMode
from products.selectors.resolution import Resolution


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


def levels(text: str) -> int:
    """Read ``--depth``: a whole number of levels, 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number of levels (1 or more)")
    return int(text)
