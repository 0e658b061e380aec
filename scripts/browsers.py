"""Which browser of this machine draws the pages for the tests."""

from __future__ import annotations

import shutil

# The shell draws the same pages without a window around them, in two thirds of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "there is no " + ", ".join(BROWSERS) + " on PATH"


def browser_path() -> str:
    """Return the first of ``BROWSERS`` that is on PATH, or an empty string."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), "")
