"""Evidence: what there is, and what runs out."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Q, QuerySet

from compliance.models import Evidence


def evidence_list(record_id: uuid.UUID | None = None) -> QuerySet[Evidence]:
    """Return live evidence on live records (of one record), newest first."""
    rows = Evidence.objects.filter(
        record__is_deleted=False,
        record__regulation__is_deleted=False,
        record__revision__is_deleted=False,
        record__revision__product__is_deleted=False,
    ).select_related("created_by", "record__regulation", "record__revision__product")
    if record_id is not None:
        rows = rows.filter(record_id=record_id)
    return rows.order_by("-created_at", "-id")


def evidence_ending(*, today: dt.date, days: int, q: str = "", ended: bool = False) -> QuerySet[Evidence]:
    """Return evidence whose last valid day is within ``days`` from ``today`` (``ended``: or is over), soonest first.

    ``q`` looks in title, issuer, product number and regulation.
    """
    rows = evidence_list().filter(valid_until__lte=today + dt.timedelta(days=days))
    if not ended:
        rows = rows.filter(valid_until__gte=today)
    for word in q.split():
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(issuer__icontains=word)
            | Q(record__revision__product__product_number__icontains=word)
            | Q(record__regulation__code__icontains=word)
        )
    return rows.order_by("valid_until", "id")
