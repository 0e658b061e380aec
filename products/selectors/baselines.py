"""Baselines as records: lists, one by name or id, what freezes a product."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from products.choices import ResolutionMode
from products.models import Baseline, Product
from products.selectors.resolution import Resolution


def baseline_list(product: Product | None = None, *, withdrawn: bool | None = None) -> QuerySet[Baseline]:
    """Return baselines of live products, newest first; ``withdrawn`` narrows to those that are, or are not."""
    rows = Baseline.objects.filter(product__is_deleted=False).select_related("product", "end_item", "created_by")
    if product is not None:
        rows = rows.filter(product=product)
    if withdrawn is not None:
        rows = rows.filter(withdrawn_at__isnull=not withdrawn)
    return rows.order_by("-created_at", "-id")


def baseline_get(baseline_id: uuid.UUID) -> Baseline:
    """Return one baseline; raise NotFound."""
    found = baseline_list().select_related("withdrawn_by", "revision").filter(pk=baseline_id).first()
    if found is None:
        raise NotFound(_("There is no such baseline."))
    return found


def baseline_named(product: Product, text: str) -> Baseline:
    """Return a product's baseline by its name, or by its id as addresses have it; raise NotFound."""
    rows = baseline_list(product)
    found = rows.filter(name=text).first()
    if found is None and (key := _uuid(text)) is not None:
        found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(
            _("%(number)s has no baseline %(name)s.") % {"number": product.product_number, "name": text[:100]}
        )
    return found


def baselines_holding(product: Product) -> QuerySet[Baseline]:
    """Return the baselines that hold a product, newest first; each has ``held_label`` and ``held_place`` (0: its own)."""
    rows = baseline_list().filter(items__product=product)
    return rows.annotate(held_label=F("items__revision_label"), held_place=F("items__place"))


def question_of(baseline: Baseline) -> Resolution:
    """Return the question that a baseline was resolved by."""
    return Resolution(
        as_of=baseline.as_of,
        mode=ResolutionMode(baseline.mode),
        serial=baseline.serial,
        end_item=baseline.end_item_id,
        choices=None if baseline.choices is None else frozenset(baseline.choices),
        with_optional=baseline.with_optional,
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def baseline_answer(baseline: Baseline) -> dict[str, Any]:
    """Return a baseline as commands and the API answer it."""
    return {
        "baseline_id": baseline.pk,
        "product_id": baseline.product_id,
        "product_number": baseline.product.product_number,
        "name": baseline.name,
        "note": baseline.note,
        "revision": baseline.revision_label,
        "mode": baseline.mode,
        "as_of": baseline.as_of,
        "serial": baseline.serial,
        "end_item": baseline.end_item.product_number if baseline.end_item else None,
        "options": baseline.choices,
        "optional": baseline.with_optional,
        "distinct_products": baseline.product_count,
        "lines": baseline.line_count,
        "depth": baseline.depth,
        "checksum": baseline.checksum,
        "created_at": baseline.created_at,
        "created_by": str(baseline.created_by) if baseline.created_by else "",
        "withdrawn_at": baseline.withdrawn_at,
        "withdrawn_reason": baseline.withdrawn_reason,
        "version": baseline.version,
    }
