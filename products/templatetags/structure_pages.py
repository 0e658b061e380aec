"""``{% load structure_pages %}``: addresses and words for pages that show a structure level by level."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from products.compare_words import values_of
from products.selectors.compare_tree import SideLine, TreeRow

register = template.Library()


@register.simple_tag
def address_with(address: str, **asked: Any) -> str:
    """An address with a query of what is given; what is empty or 0 stays out."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{address}?{query}" if query else address


@register.simple_tag
def address_more(address: str, **asked: Any) -> str:
    """An address that has a query already, with more of it."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{address}&{query}" if query else address


@register.simple_tag
def row_address(address: str, row: TreeRow, depth: int) -> str:
    """Where the rows below a row of a comparison come from."""
    return address_more(address, depth=depth + 1, left=_key(row.left), right=_key(row.right))


@register.simple_tag
def parent_address(address: str, question: str, depth: int) -> str:
    """Where what contains a row of the where-used tree comes from."""
    return f"{address}?{question}{'&' if question else ''}depth={depth + 1}"


@register.simple_tag
def difference_words(row: TreeRow) -> SafeString:
    """What differs on a line that both sides have."""
    pieces = ((value.label, value.before or "–", value.after or "–") for value in values_of(row.changes))
    return format_html_join("", '<div>{}: <del>{}</del> <span aria-hidden="true">→</span> <ins>{}</ins></div>', pieces)


def _key(side: SideLine | None) -> str:
    return str(side.product_id) if side is not None else ""
