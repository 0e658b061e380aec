"""How admin pages show states, moments, numbers, and addresses that may not exist."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from plm_project.core.decimals import plain

# What a state means for the reader; the words of all machines in one table, colours are in records.css.
TONES = {
    "good": "approved released production active implemented delivered mature settled",
    "busy": "submitted in_review testing development prototype waiting pending high declining",
    "bad": "rejected cancelled obsolete discontinued critical given_up revoked expired removed",
    "quiet": "superseded closed withdrawn inactive low normal medium on_hold",
}
_TONE_OF = {state: tone for tone, states in TONES.items() for state in states.split()}


def badge(state: str, label: Any) -> SafeString:
    """Return a state as a coloured word. The word says it all; the colour only helps."""
    return format_html('<span class="plm-badge plm-{}">{}</span>', _TONE_OF.get(str(state), "plain"), label)


def moment(when: dt.datetime | None) -> str:
    """Return a moment in the site's time zone, or a dash."""
    return date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT") if when else "–"


def plain_number(number: Decimal | None) -> str:
    """Return a decimal without padding zeros, or a dash."""
    return "–" if number is None else plain(number)


def on_page(name: str, *args: Any) -> str:
    """Return the address of a page of the site, or "" where the installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
