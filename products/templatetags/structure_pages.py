"""``{% load structure_pages %}``: addresses for pages that show a structure level by level."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.http import urlencode

register = template.Library()


@register.simple_tag
def address_with(address: str, **asked: Any) -> str:
    """An address with a query of what is given; what is empty or 0 stays out."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{address}?{query}" if query else address
