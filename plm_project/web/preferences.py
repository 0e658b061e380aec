"""What a person chooses for their browser alone: the theme. Kept in a cookie, so that pages come without a flash."""

from __future__ import annotations

from django.http import HttpRequest

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "plm_theme"
COOKIE_AGE = 365 * 24 * 3600  # seconds


def theme_of(request: HttpRequest) -> str:
    """Return ``auto``, ``light`` or ``dark``; anything else in the cookie counts as ``auto``."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"
