"""Addresses of the same page with another page number or order; filters stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

OTHER = {"asc": "desc", "desc": "asc"}


def with_query(query: QueryDict, changes: Mapping[str, Any]) -> str:
    """Return ``?…`` with ``changes`` put in; a value of None takes the name out."""
    changed = query.copy()
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = str(value)
    return f"?{changed.urlencode()}"


def sort_address(query: QueryDict, field: str, default: str = "") -> tuple[str, str]:
    """Return where a click on the column's heading leads, and the order the column has now ("", asc or desc).

    The first click sorts ascending, the next turns it round; the page number is dropped.
    """
    chosen = query.get("sort_by", "")
    order = ""
    if chosen == field:
        order = query.get("sort_order", "asc")
    elif not chosen:
        order = default
    order = order if order in OTHER else ""
    return with_query(query, {"sort_by": field, "sort_order": OTHER.get(order, "asc"), "page": None}), order


def is_true(value: Any) -> bool:
    """Read a flag of a tag: True, and the words true, yes and 1."""
    return value is True or str(value).lower() in ("true", "yes", "1")
