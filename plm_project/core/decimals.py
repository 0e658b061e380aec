"""Exact decimals: how they are read from people and written to machines. Binary floats appear nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, Inexact, localcontext

# A BOM multiplies through a dozen levels: 15 digits each give 195 at most. Inexact raises, so nothing rounds silently.
EXACT = Context(prec=400)
EXACT.traps[Inexact] = True


@contextmanager
def exact() -> Iterator[None]:
    """Compute in the block without any rounding; a result that cannot be exact raises decimal.Inexact."""
    with localcontext(EXACT):
        yield


def plain(value: Decimal) -> str:
    """Write a decimal in plain notation without trailing zeros: ``Decimal("1.500")`` → ``"1.5"``, never ``1E+3``."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
