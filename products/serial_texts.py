"""Serial numbers as people type them and files hold them: ``BIKE-1: 1–50, 80–; BIKE-2: 7``, end items by number."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from products.effectivity import MAX_RANGES, SerialRange

LONGEST_SERIALS = 8_000  # characters of text
_RANGE = r"[0-9]{1,13}(?:\s?[-–]\s?(?:[0-9]{1,13})?)?"
# A number may hold a colon or a semicolon itself: it ends where serial numbers follow.
_ENTRY = re.compile(
    rf"[ \t;\n]*(?P<number>[^\n]{{1,80}}?)\s?:\s?(?P<ranges>{_RANGE}(?:\s?,\s?{_RANGE})*)\s*(?:[;\n]|$)"
)


@dataclass(frozen=True, slots=True)
class NamedRange:
    """The units ``first`` to ``last`` of the end item with this product number; ``last`` None: all from ``first`` on."""

    number: str
    first: int
    last: int | None

    def of(self, end_item: uuid.UUID) -> SerialRange:
        """Return it for the product's id."""
        return SerialRange(end_item, self.first, self.last)


def serials_read(text: str) -> tuple[NamedRange, ...]:
    """Read a text; one entry a line or parted by semicolons. Raises ValidationError with what cannot be read."""
    text = re.sub(r"[ \t\r\f\v]+", " ", text).strip(" ;\n")
    if len(text) > LONGEST_SERIALS:
        raise ValidationError(_("Serial numbers have at most %(most)s characters.") % {"most": LONGEST_SERIALS})
    found: list[NamedRange] = []
    at = 0
    while at < len(text):
        entry = _ENTRY.match(text, at)
        if entry is None or len(found) > MAX_RANGES:
            raise ValidationError(
                _(
                    "Serial numbers cannot be read at “%(word)s”; write the end item first, for example: BIKE-1: 1-50, 80-"
                )
                % {"word": text[at : at + 30].strip()}
            )
        found += [_range(entry["number"].strip(), part) for part in entry["ranges"].split(",")]
        at = entry.end()
    return tuple(found)


def serials_written(ranges: Sequence[SerialRange], numbers: Mapping[uuid.UUID, str]) -> str:
    """Return ranges as ``serials_read`` reads them. ``numbers`` has every end item's number."""
    by_item: dict[str, list[SerialRange]] = {}
    for entry in ranges:
        by_item.setdefault(numbers.get(entry.end_item, str(entry.end_item)), []).append(entry)
    return "; ".join(f"{number}: {', '.join(map(_words, entries))}" for number, entries in sorted(by_item.items()))


def _range(number: str, text: str) -> NamedRange:
    first, dash, last = text.replace("–", "-").replace(" ", "").partition("-")
    return NamedRange(number, int(first), int(last) if last else None if dash else int(first))


def _words(entry: SerialRange) -> str:
    if entry.first == entry.last:
        return str(entry.first)
    return f"{entry.first}–{entry.last or ''}"
