"""For which units something holds: ranges of serial numbers per end item, as lines and revisions carry them.

A range is stored as ``{"end_item": <product id>, "first": n, "last": m}``: both ends hold, ``last`` None leaves it open.
No ranges at all mean every unit. Ranges restrict: a line for serials of one end item holds in no other end item.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeGuard

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_RANGES = 200
HIGHEST_SERIAL = 10**12


@dataclass(frozen=True, slots=True)
class SerialRange:
    """The units ``first`` to ``last`` of one end item, both included; ``last`` None: all from ``first`` on."""

    end_item: uuid.UUID
    first: int
    last: int | None = None

    def overlaps(self, other: SerialRange) -> bool:
        """Return whether some unit is in both."""
        if self.end_item != other.end_item:
            return False
        return (other.last is None or self.first <= other.last) and (self.last is None or other.first <= self.last)

    def stored(self) -> dict[str, Any]:
        """Return it as it is stored and sent."""
        return {"end_item": str(self.end_item), "first": self.first, "last": self.last}

    def __str__(self) -> str:
        if self.last is None:
            return _("from %(first)s") % {"first": self.first}
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def serial_ranges(value: Any) -> tuple[SerialRange, ...]:
    """Read stored or sent ranges. Raises ValidationError saying what is wrong with which of them."""
    if value in (None, [], ()):
        return ()
    if not isinstance(value, list | tuple) or len(value) > MAX_RANGES:
        raise ValidationError(_("Serial numbers are a list of at most %(most)s ranges.") % {"most": MAX_RANGES})
    ranges = sorted((_range(entry, at) for at, entry in enumerate(value, start=1)), key=_place)
    for one, other in pairwise(ranges):
        if one.overlaps(other):
            raise ValidationError(
                _("The serial numbers %(one)s and %(other)s overlap.") % {"one": one, "other": other}
            )
    return tuple(ranges)


def serials_stored(ranges: Sequence[SerialRange]) -> list[dict[str, Any]] | None:
    """Return ranges as they are stored: in order, None for none."""
    return [entry.stored() for entry in sorted(ranges, key=_place)] or None


def serials_meet(one: Sequence[SerialRange], other: Sequence[SerialRange]) -> bool:
    """Return whether some unit is in both; no ranges are every unit."""
    return not one or not other or any(left.overlaps(right) for left in one for right in other)


def _range(entry: Any, at: int) -> SerialRange:
    if isinstance(entry, SerialRange):
        return entry
    if not isinstance(entry, Mapping) or set(entry) - {"end_item", "first", "last"}:
        raise ValidationError(_("Range %(at)s: give end_item, first and last.") % {"at": at})
    first, last = entry.get("first"), entry.get("last")
    try:
        end_item = uuid.UUID(str(entry.get("end_item")))
    except ValueError:
        raise ValidationError(_("Range %(at)s: the end item is no product.") % {"at": at}) from None
    if not _is_serial(first) or not (last is None or _is_serial(last)):
        raise ValidationError(_("Range %(at)s: a serial number is a whole number from 1 on.") % {"at": at})
    if last is not None and last < first:
        raise ValidationError(_("Range %(at)s: the last serial number is before the first.") % {"at": at})
    return SerialRange(end_item, first, last)


def _place(entry: SerialRange) -> tuple[uuid.UUID, int]:
    return entry.end_item, entry.first


def _is_serial(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= HIGHEST_SERIAL
