"""How values are written as JSON wherever the system says something to others: answers of commands, events."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from plm_project.core.decimals import plain


def as_json(value: Any) -> Any:
    """Encode what ``json`` cannot: decimals as exact plain strings, ids and dates as text."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


class PlainEncoder(json.JSONEncoder):
    """The same for a column of JSON."""

    def default(self, o: Any) -> Any:
        """Encode what ``json`` cannot."""
        return as_json(o)
