"""What every page knows: who asks, where they work, how it should look. Queries nothing; items of the top bar ask for
what they show when they are drawn."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plm_project.web import navigation, topbar
from plm_project.web.preferences import theme_of


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the names base.html uses; all of them were found by the middleware, so an error page may use them too."""
    return {
        "actor": getattr(request, "actor", None),
        "tenant": getattr(request, "tenant", None),
        "memberships": getattr(request, "memberships", []),
        "request_id": getattr(request, "request_id", ""),
        "theme": theme_of(request),
        "nav_links": navigation.links_for(request),
        "topbar_items": topbar.items_for(request),
        "search_url": navigation.url_or_empty("products:product-list"),
        "nav_urls": {
            "theme": navigation.url_or_empty("web:theme"),
            "language": navigation.url_or_empty("web:language"),
        },
    }
