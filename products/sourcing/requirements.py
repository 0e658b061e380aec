"""How much of everything an order takes: pure arithmetic on a graph of distinct products, exact.

A line takes ``need of the parent × quantity × (1 + attrition) + set-up``, rounded up to its multiple; what a product needs
in all is the sum over its lines, parents first, so that a shared part is rounded line by line and summed once. A phantom
is never built by itself: it passes on what its parent needs, with its attrition, but without set-up and rounding. Lines
for reference take nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from plm_project.core.decimals import exact


@dataclass(frozen=True, slots=True)
class Use:
    """One line. ``kind`` is the first letter of its type: s, p(hantom), c, r(eference)."""

    child: int
    quantity: Decimal
    kind: str = "s"
    attrition_percent: Decimal = Decimal(0)
    setup: Decimal = Decimal(0)
    multiple: Decimal = Decimal(0)

    def need(self, parent: Decimal) -> Decimal:
        """Return what the line takes when ``parent`` of its parent are built. Call it within ``exact()``."""
        if self.kind == "r" or not parent:
            return Decimal(0)
        taken = parent * self.quantity * (1 + self.attrition_percent.scaleb(-2))
        if self.kind == "p":
            return taken
        return _rounded_up(taken + self.setup, self.multiple)


def requirements(uses: Sequence[Sequence[Use]], order: Sequence[int], root: int, quantity: Decimal) -> list[Decimal]:
    """Return what ``quantity`` of ``root`` need of each product, by place; 0 where nothing, as of phantoms themselves.

    ``uses`` are the lines of each product, ``order`` the places with parents first. O(products + lines).
    """
    flowing = [Decimal(0)] * len(uses)
    through = [Decimal(0)] * len(uses)  # what is there as a phantom only
    flowing[root] = quantity
    with exact():
        for at in order:
            for use in uses[at]:
                more = use.need(flowing[at])
                flowing[use.child] += more
                if use.kind == "p":
                    through[use.child] += more
        return [have - passed for have, passed in zip(flowing, through, strict=True)]


def _rounded_up(amount: Decimal, multiple: Decimal) -> Decimal:
    if not multiple:
        return amount
    times, rest = divmod(amount, multiple)
    return amount if not rest else (times.to_integral_value(ROUND_CEILING) + 1) * multiple
