"""The bell in the bar above every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from collaboration.permissions import NOTICES_READ
from collaboration.selectors import notice_unread_count
from plm_project.web.topbar import TopbarItem


def bell_data(request: HttpRequest) -> dict[str, Any]:
    """Return how many notices of the signed-in person are unread."""
    return {"unread": notice_unread_count(request.actor)}  # type: ignore[attr-defined]


BELL = TopbarItem("notices", "collaboration/_bell.html", NOTICES_READ, bell_data)
