"""Approved alternates: other makers' parts that may take a part's place.

Files write them as rows below the part, as several entries in one cell, or as further pairs of columns ("Manufacturer
2", "Manufacturer Part Number 2"). They are kept with the line: ``Alternate`` by ``Alternate``, in the file's order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

# Between two entries of one cell. A comma, a slash or a blank may as well belong to a number (BSS84AK,215).
_CERTAIN = re.compile(r"\s*[~|\n]\s*")
_WHERE_BOTH_SPLIT = re.compile(r"\s*;\s*")
_SEPARATORS = frozenset("~|\n;")
_EDGE = "~|\n\r\t ;\u00a0"


@dataclass(frozen=True, slots=True)
class Alternate:
    """One other part: who makes it (empty where the file does not say) and the maker's number for it."""

    manufacturer: str
    part_number: str

    def stored(self) -> dict[str, str]:
        """Return it as it is stored with a line."""
        return {"manufacturer": self.manufacturer, "part_number": self.part_number}


def split_entries(makers: str, numbers: str) -> tuple[list[Alternate], bool]:
    """Return the (maker, number) entries of two cells, the first being the part itself, and whether they pair up.

    The n-th maker goes with the n-th number; one maker alone goes with all of them. With another count they pair as far
    as they reach, and that is reported (False). A semicolon separates only where it separates both cells alike.
    """
    given = numbers.strip(_EDGE)
    if _SEPARATORS.isdisjoint(given) and _SEPARATORS.isdisjoint(makers):
        return ([Alternate(_one_line(makers), _one_line(given))] if given else []), True
    parts, names = _CERTAIN.split(given), _CERTAIN.split(makers.strip(_EDGE))
    if len(parts) == 1 and ";" in given:
        both = _WHERE_BOTH_SPLIT.split(given), _WHERE_BOTH_SPLIT.split(makers.strip(_EDGE))
        if len(both[0]) == len(both[1]):
            parts, names = both
    parts = [_one_line(part) for part in parts]
    names = [_one_line(name) for name in names]
    if len(names) == 1:
        names *= len(parts)
    paired = len(names) == len(parts)
    names = [*names[: len(parts)], *[""] * (len(parts) - len(names))]
    return [Alternate(name, part) for name, part in zip(names, parts, strict=True) if part], paired


def listed_alternates(text: str) -> list[Alternate]:
    """The alternates in one cell of their own: as our export writes them (JSON), else numbers alone."""
    try:
        found = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, list) and all(isinstance(entry, dict) for entry in found):
        pairs = [(str(entry.get("manufacturer", "")), str(entry.get("part_number", ""))) for entry in found]
        return [Alternate(maker, number) for maker, number in pairs if number]
    return split_entries("", text)[0]


def column_pairs(headings: Sequence[str], field_of: dict[str, str]) -> list[tuple[int | None, int]]:
    """Return the columns (maker or None, number) that hold alternates by their headings.

    A pair carries a number ("MPN 2", "Manufacturer_3"; 1 only beside a column without one) or says so itself ("Alternate
    MPN", "2nd source"). ``field_of``: heading without that mark, as compared → "manufacturer" or "mpn".
    """
    numbers: dict[str, int] = {}
    makers: dict[str, int] = {}
    own = {field_of.get(_key(heading)) for heading in headings}
    for index, heading in enumerate(headings):
        rank, bare = _rank(heading)
        field = field_of.get(_key(bare))
        if rank == "1" and field not in own:
            continue
        if rank and field == "mpn":
            numbers.setdefault(rank, index)
        elif rank and field == "manufacturer":
            makers.setdefault(rank, index)
    return [(makers.get(rank), index) for rank, index in sorted(numbers.items(), key=lambda item: item[1])]


_NUMBERED = re.compile(r"(?P<bare>.*?[^\W\d_])[ _.#-]*\(?(?P<rank>[1-9]|1[0-9])\)?\s*")
_SAID = re.compile(
    r"(?:alt(?:ernate|ernative|ernativ)?|substitute|second source|2nd source|ersatz|zweitquelle)[ ._-]*(?P<rank>[0-9]*)"
    r"[ ._-]+(?P<bare>.*)",
    re.IGNORECASE,
)


def _rank(heading: str) -> tuple[str, str]:
    """``"MPN 2"`` → ("2", "MPN"), ``"Alternate MPN"`` → ("a", "Alternate"'s bare "MPN"); ("", heading) otherwise."""
    text = " ".join(heading.split())
    if match := _SAID.fullmatch(text):
        inner, bare = _rank(match["bare"])
        return f"a{match['rank'] or inner}", bare
    if match := _NUMBERED.fullmatch(text):
        return match["rank"], match["bare"]
    return "", text


def _key(heading: str) -> str:
    return "".join(filter(str.isalnum, heading.casefold()))


def _one_line(text: str) -> str:
    return " ".join(text.split())
