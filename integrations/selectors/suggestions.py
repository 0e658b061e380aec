"""Suggestions in lists and alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from integrations.models import Suggestion


@dataclass(frozen=True)
class SuggestionFilter:
    """What a list is narrowed by; empty means: all."""

    product: uuid.UUID | None = None
    question: str = ""
    state: Sequence[str] = ()


def suggestion_list(wanted: SuggestionFilter | None = None) -> QuerySet[Suggestion]:
    """Return suggestions on live products, newest first."""
    wanted = wanted or SuggestionFilter()
    rows = Suggestion.objects.filter(product__is_deleted=False).select_related("product", "created_by")
    exact: dict[str, Any] = {"product_id": wanted.product, "question": wanted.question}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    found: QuerySet[Suggestion] = rows.filter(state__in=wanted.state) if wanted.state else rows
    return found.order_by("-id")
