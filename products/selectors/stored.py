"""Values as the two databases return them, read into Python's own."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any


def as_uuid(value: Any) -> uuid.UUID:
    """Read a UUID."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(hex=value)


def as_designators(value: Any) -> tuple[str, ...]:
    """Read a JSON list of words, by far the most of which need no unescaping."""
    if not isinstance(value, str):
        return tuple(value)
    if value == "[]":
        return ()
    if value[:2] == '["' and value[-2:] == '"]' and "\\" not in value:
        return tuple(value[2:-2].split('", "'))
    return tuple(json.loads(value))


def as_designators_each(values: Sequence[str]) -> list[tuple[str, ...]]:
    """Read many JSON lists of words at once."""
    return list(map(tuple, json.loads(f"[{','.join(values)}]")))


def as_decimal(value: Any) -> Decimal:
    """Read a NUMERIC. SQLite returns a double; with at most 15 digits its shortest form is the stored decimal."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def as_date(value: Any) -> dt.date | None:
    """Read a date."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def decimal_of(whole: int, places: int) -> Decimal:
    """Return ``whole`` / 10^places in its shortest form: 1500000 with 6 places is 1.5."""
    while places and not whole % 10:
        whole, places = whole // 10, places - 1
    return Decimal(whole).scaleb(-places) if places else Decimal(whole)
