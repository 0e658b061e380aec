"""What the compliance pages share."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE_SIZE = 50


def page_of(rows: Any, request: HttpRequest, *, size: int = PAGE_SIZE) -> Page[Any]:
    """Return the page that the address asks for; a number that makes no sense gives the nearest one."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    return page
