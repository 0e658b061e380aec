"""``{% load product_pages %}``: tabs and actions for every page about a product, also of other contexts.

Such a page extends ``products/base.html`` and has ``product`` and ``tab`` (its key) in its context.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from products import permissions
from products.choices import LineType, RevisionState
from products.configuration_words import choices_named
from products.configuring.problem import Problem
from products.effectivity import serial_ranges
from products.importing.designators import designators_written
from products.models import Product, ProductRevision
from products.models.bom_line import designators_differ
from products.page_parts import change_url, tabs_of
from products.selectors.explosion import IndentedLine
from products.selectors.levels import LevelLine
from products.selectors.questions import QUESTION_FIELDS
from products.selectors.reasons import period_words, serials_words
from products.serial_texts import serials_written
from products.services import bom_import_job
from products.units import UNITS

register = template.Library()


@register.inclusion_tag("products/_tabs.html", takes_context=True)
def product_tabs(context: template.Context, product: Product, current: str) -> dict[str, Any]:
    """The tabs as links."""
    return {"tabs": tabs_of(product, context["actor"], current)}


@register.inclusion_tag("products/_actions.html", takes_context=True)
def product_actions(context: template.Context, product: Product) -> dict[str, Any]:
    """What the signed-in person may do with the product as a whole."""
    actor = context["actor"]
    return {
        "product": product,
        "may_edit": actor.may(permissions.PRODUCTS_UPDATE),
        "may_delete": actor.may(permissions.PRODUCTS_DELETE),
        "change_url": change_url(product, actor),
    }


@register.simple_tag(takes_context=True)
def level_url(context: template.Context, revision_id: uuid.UUID, depth: int, offset: int = 0) -> str:
    """Where the rows of one level of the BOM tree come from; date and mode stay those of the page."""
    asked: dict[str, Any] = {"of": str(revision_id), "depth": depth, "offset": offset or "", **_resolution(context)}
    asked["actions"] = "1" if context.get("has_actions") else ""
    address = reverse("products:product-bom-rows", args=[context["product"].pk])
    return f"{address}?{urlencode({name: value for name, value in asked.items() if value})}"


@register.simple_tag(takes_context=True)
def level_page(context: template.Context, revision: ProductRevision, offset: int) -> str:
    """The page that shows a level from ``offset`` on, for browsers without scripts."""
    asked: dict[str, Any] = {"revision": revision.label, "offset": offset, **_resolution(context)}
    address = reverse("products:product-bom", args=[revision.product_id])
    return f"{address}?{urlencode({name: value for name, value in asked.items() if value})}"


def _resolution(context: template.Context) -> dict[str, str]:
    query = context["request"].GET
    return {name: query.get(name, "") for name in QUESTION_FIELDS}


@register.simple_tag(takes_context=True)
def why_url(context: template.Context, line_id: uuid.UUID) -> str:
    """Where a line's reasons stand; the question stays that of the page."""
    asked = {"line": str(line_id), **_resolution(context)}
    address = reverse("products:product-bom-why", args=[context["product"].pk])
    return f"{address}?{urlencode({name: value for name, value in asked.items() if value})}"


@register.filter
def rounded(value: Decimal, places: int) -> Decimal:
    """A sum rounded half up for the eye; the exact one stands beside it."""
    return value.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP, context=Context(prec=200))


@register.filter
def state_label(code: str) -> str:
    """A revision's state in words."""
    return str(RevisionState(code).label) if code in RevisionState.values else code


@register.filter
def unit_label(code: str) -> str:
    """A unit as it stands behind a number: the symbol; the counting units by name."""
    unit = UNITS.get(code)
    return str(unit.name) if unit and len(code) > 3 else code


@register.filter
def sent_fields(given: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the job of an import was given as the fields of its preview."""
    return list(bom_import_job.sent_fields(given))


@register.inclusion_tag("products/_line_marks.html")
def line_marks(line: LevelLine | IndentedLine) -> dict[str, Any]:
    """What is out of the ordinary about a line, as short marks."""
    limits = line.limits
    return {
        "kind": LineType(limits.line_type).label if limits.line_type != LineType.STANDARD else "",
        "is_optional": limits.is_optional,
        "condition": limits.condition,
        "serials": serials_words(limits.serials) if limits.serials else "",
        "period": period_words(limits.effective_from, limits.effective_to)
        if limits.effective_from or limits.effective_to
        else "",
        "substitutes": getattr(line, "substitutes", 0),
        "designators": designators_differ(line.quantity, line.unit_of_measure, line.reference_designators),
    }


@register.simple_tag
def serials_words_of(value: Any, numbers: dict[uuid.UUID, str]) -> str:
    """Stored serial numbers as people type them."""
    return serials_written(serial_ranges(value), numbers)


@register.filter
def named(words: Sequence[str], problem: Problem) -> list[str]:
    """Choices by name, in the order of the options; rules as they are written."""
    return choices_named(problem, words)


@register.filter
def short_designators(words: Sequence[str]) -> str:
    """Designators with their ranges: R1-R5, C7."""
    return designators_written(words)
