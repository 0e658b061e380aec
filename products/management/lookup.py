"""What the structure commands share: the options that say which structure is meant."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from products.choices import ResolutionMode
from products.models import Product
from products.selectors.graph import Structure
from products.selectors.questions import resolution_asked
from products.selectors.resolution import Resolution
from products.selectors.structures import structure_asked


def add_resolution(parser: ArgumentParser, *, with_choices: bool = True) -> None:
    """Add --as-of, --mode, --serial, --end-item, and ``with_choices`` --option, --configuration and --optional."""
    parser.add_argument("--as-of", type=day, metavar="DATE", help="the date to judge by (default today)")
    parser.add_argument("--mode", choices=ResolutionMode.values, default=ResolutionMode.EFFECTIVE.value)
    parser.add_argument("--serial", type=int, metavar="N", help="the unit (default the newest)")
    parser.add_argument("--end-item", metavar="NUMBER", help="whose units are counted (default the product asked)")
    if not with_choices:
        parser.set_defaults(option=None)
        return
    parser.add_argument(
        "--option",
        action="append",
        metavar="FAMILY:CHOICE",
        help="a chosen option, repeatable; none: no choice (default: all lines, 150 %%)",
    )
    parser.add_argument("--configuration", metavar="CODE", help="a saved configuration, in place of options")
    parser.add_argument("--optional", action="store_true", help="count optional lines too")


def resolution_from(options: dict[str, Any], product: Product | None = None, *, upwards: bool = False) -> Resolution:
    """Return the resolution that the options ask for; ``product`` is the default end item."""
    return resolution_asked({**options, "options": ",".join(options["option"] or ())}, product, upwards=upwards)


def add_baseline(parser: ArgumentParser) -> None:
    """Add --baseline."""
    parser.add_argument("--baseline", metavar="NAME", help="this baseline of the product; nothing else beside it")


def structure_from(options: dict[str, Any], product: Product, *, sums_only: bool = False) -> Structure:
    """Return the structure that --revision or --baseline and the options of ``add_resolution`` ask for."""
    return structure_asked(product, {**options, "options": ",".join(options["option"] or ())}, sums_only=sums_only)


def day(text: str) -> dt.date:
    """Read a date."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date (YYYY-MM-DD)") from None


def levels(text: str) -> int:
    """Read ``--depth``: a whole number of levels, 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number of levels (1 or more)")
    return int(text)
