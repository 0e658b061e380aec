"""The canonical text of a baseline, over which its checksum is taken: anyone who has the rows can write it again.

UTF-8, one JSON array a line, each ended by a line feed (also the last). First the head, then the items by place, then
the lines by position. Arrays are written without blanks, other characters than quotation mark, backslash and control
characters as they are; decimals as texts in plain notation without trailing zeros, dates as YYYY-MM-DD, ids as UUIDs in
small letters, what is not there as null. The checksum is the SHA-256 of the text in hexadecimal; the digest of a row
is the first half of that of its own line, without the line feed. See docs/baselines.md for what stands in each array.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from plm_project.core.decimals import plain
from products.models import Baseline, BaselineItem, BaselineLine
from products.models.baseline import DIGEST_LENGTH

FORMAT = "plm-baseline-1"
HEAD = ("name", "note", "product_id", "revision_id", "revision_label", "mode", "as_of", "serial", "end_item_id",
        "choices", "with_optional", "product_count", "line_count", "depth")  # fmt: skip
ITEM = ("place", "product_id", "revision_id", "revision_label", "state", "product_number", "product_name", "description",
        "product_type", "unit_of_measure", "current_cost", "mass_kg", "rule", "reason")  # fmt: skip
LINE = ("position", "parent_place", "child_place", "origin", "find_number", "quantity", "unit_of_measure", "designators",
        "limits", "attrition_percent", "setup_quantity", "rounding_multiple", "notes", "attributes", "rule",
        "reason", "substitutes")  # fmt: skip


def head_text(baseline: Baseline) -> str:
    """Return the first line of the text."""
    return _array([FORMAT, *(getattr(baseline, name) for name in HEAD)])


def item_text(values: Sequence[Any]) -> str:
    """Return the line of one item; ``values`` in the order of ``ITEM``."""
    return _array(["item", *values])


def line_text(values: Sequence[Any]) -> str:
    """Return the line of one BOM line; ``values`` in the order of ``LINE``.

    Substitutes stand in it only where there are some: lines without are written as before there were any.
    """
    *values, substitutes = values
    return _array(["line", *values, *([substitutes] if substitutes else [])])


def digest_of(text: str) -> str:
    """Return what a row keeps of its own line."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def item_values(item: BaselineItem) -> list[Any]:
    """Return an item's values in the order of ``ITEM``."""
    return [getattr(item, name) for name in ITEM]


def line_values(line: BaselineLine) -> list[Any]:
    """Return a line's values in the order of ``LINE``."""
    return [getattr(line, name) for name in LINE]


def checksum_of(texts: Iterable[str]) -> str:
    """Return the checksum over the lines of the text, given in their order."""
    found = hashlib.sha256()
    for text in texts:
        found.update(text.encode())
        found.update(b"\n")
    return found.hexdigest()


def _array(values: Sequence[Any]) -> str:
    return json.dumps([_plain(value) for value in values], ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    return value.isoformat() if isinstance(value, dt.date) else value
