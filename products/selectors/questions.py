"""A structure question as people and systems write it, made into a ``Resolution``: numbers and texts instead of ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.exceptions import ValidationFailed
from products.models import Product
from products.selectors.configurations import configuration_valid
from products.selectors.products import product_by_number
from products.selectors.resolution import Resolution

# What every door takes; the words are the same in addresses, the API and commands.
QUESTION_FIELDS = ("as_of", "mode", "serial", "end_item", "options", "configuration", "optional")


def resolution_asked(query: Mapping[str, Any], product: Product | None = None, *, upwards: bool = False) -> Resolution:
    """Return the resolution that ``query`` asks for (``QUESTION_FIELDS``; what is missing has its default).

    ``options`` are choices parted by commas, or None or "" for the 150 % structure; ``options=none`` chooses nothing.
    ``configuration`` is the code or id of a saved choice, of the end item named, else of ``product``; one that breaks the
    rules is refused, and so are options beside it. A serial number counts units of ``end_item`` (a product number), by
    default of ``product``. Asked ``upwards``, from a part, optional lines and those of any unit count: a part is used
    there, too. Raises ValidationFailed naming the field, NotFound for an unknown end item.
    """
    number = query.get("end_item")
    named = product_by_number(number, field="end_item") if number else None
    end_item = named.pk if named else None
    serial = query.get("serial")
    if serial is not None and end_item is None and product is not None:
        end_item = product.pk
    return Resolution.of(
        query.get("mode") or None,
        query.get("as_of"),
        serial=serial,
        end_item=end_item,
        choices=_choices(query, named or product),
        with_optional=upwards or bool(query.get("optional")),
        any_unit=upwards,
    )


def _choices(query: Mapping[str, Any], end_item: Product | None) -> list[str] | None:
    options = choices_read(query.get("options"))
    saved = query.get("configuration")
    if not saved:
        return options
    if options is not None:
        raise ValidationFailed.field("options", _("A configuration says itself what is chosen: leave this out."))
    if end_item is None:
        raise ValidationFailed.field("configuration", _("A configuration belongs to a product: name the end item."))
    return list(configuration_valid(end_item, str(saved)).choices)


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
