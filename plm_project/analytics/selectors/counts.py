"""How many of what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet

from changes.choices import OPEN_STATUSES, ChangeStatus
from changes.models import EngineeringChange
from products.choices import LifecyclePhase, RevisionState
from products.models import Product, ProductRevision


@dataclass(frozen=True)
class Count:
    """How many records stand in one state; ``label`` is the state's name on screen."""

    code: str
    label: str
    count: int


def products_by_phase() -> list[Count]:
    """Return the number of products in every lifecycle phase, in the order of the phases, empty ones included."""
    return _counts(Product.objects.all(), "lifecycle_phase", LifecyclePhase)


def revisions_open() -> list[Count]:
    """Return the number of revisions in work and in review."""
    rows = ProductRevision.objects.filter(product__is_deleted=False)
    return _counts(rows, "state", (RevisionState.IN_WORK, RevisionState.IN_REVIEW))


def changes_by_status() -> list[Count]:
    """Return the number of changes in every status that still wants something from somebody."""
    wanted = [status for status in ChangeStatus if status in OPEN_STATUSES]
    return _counts(EngineeringChange.objects.all(), "status", wanted)


def _counts(rows: QuerySet[Any], field: str, choices: Iterable[Any]) -> list[Count]:
    counted = rows.order_by().values_list(field).annotate(count=models.Count("pk"))
    found: dict[str, int] = dict(counted)
    return [Count(choice.value, str(choice.label), found.get(choice.value, 0)) for choice in choices]
