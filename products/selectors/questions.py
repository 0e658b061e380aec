"""A structure question as people and systems write it, made into a ``Resolution``: numbers and texts instead of ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from products.models import Product
from products.selectors.products import product_by_number
from products.selectors.resolution import Resolution

# What every door takes; the words are the same in addresses, the API and commands.
QUESTION_FIELDS = ("as_of", "mode", "serial", "end_item", "options", "optional")


def resolution_asked(query: Mapping[str, Any], product: Product | None = None) -> Resolution:
    """Return the resolution that ``query`` asks for (``QUESTION_FIELDS``; what is missing has its default).

    ``options`` are choices parted by commas, or None or "" for the 150 % structure; ``options=none`` chooses nothing. A
    serial number counts units of ``end_item`` (a product number), by default of ``product``. Raises ValidationFailed
    naming the field, NotFound for an unknown end item.
    """
    number = query.get("end_item")
    end_item = product_by_number(number, field="end_item").pk if number else None
    serial = query.get("serial")
    if serial is not None and end_item is None and product is not None:
        end_item = product.pk
    return Resolution.of(
        query.get("mode") or None,
        query.get("as_of"),
        serial=serial,
        end_item=end_item,
        choices=choices_read(query.get("options")),
        with_optional=bool(query.get("optional")),
    )


NOTHING_CHOSEN = "none"


def choices_read(text: str | None) -> list[str] | None:
    """Read ``colour:red,motor:e``; None where nothing was asked, an empty list for ``none``."""
    if not text or not text.strip():
        return None
    if text.strip().lower() == NOTHING_CHOSEN:
        return []
    return [part.strip() for part in text.split(",") if part.strip()]


def question_facts(resolution: Resolution) -> dict[str, Any]:
    """Return what an answer says of a question beyond date and mode; nothing for a plain one."""
    facts: dict[str, Any] = {}
    if resolution.serial is not None:
        facts["serial"] = resolution.serial
    if resolution.choices is not None:
        facts["options"] = sorted(resolution.choices)
    if resolution.with_optional:
        facts["optional"] = True
    return facts
