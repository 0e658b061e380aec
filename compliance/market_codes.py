"""Markets: two-letter country codes (ISO 3166-1) or EU, which stands for its member states."""

from __future__ import annotations

import re
from collections.abc import Iterable

EU = "EU"
# Member states as of 2026, by ISO 3166-1 (Greece is GR there, not EL).
EU_MEMBERS = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
MOST_MARKETS = 250
_CODE = re.compile(r"[A-Z]{2}")


def are_markets(value: object) -> bool:
    """Return whether ``value`` is a list of distinct market codes."""
    return (
        isinstance(value, list)
        and len(value) <= MOST_MARKETS
        and all(isinstance(code, str) and _CODE.fullmatch(code) for code in value)
        and len(set(value)) == len(value)
    )


def spread(codes: Iterable[str]) -> frozenset[str]:
    """Return the codes with EU's member states beside EU. Nothing given means everywhere, and stays nothing."""
    found = frozenset(codes)
    return found | EU_MEMBERS if EU in found else found


def meet(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two spread sets of markets have one in common; an empty one is everywhere."""
    return not one or not other or not one.isdisjoint(other)
