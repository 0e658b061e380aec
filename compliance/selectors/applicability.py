"""Which regulations reach which products: type × market × date, for any number of products at once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Q, QuerySet

from compliance.market_codes import meet, spread
from compliance.models import ProductMarkets, Regulation

# Ids in one IN list. SQLite takes 32,766 parameters in a statement, PostgreSQL more.
CHUNK = 10_000


def regulation_list(*, q: str = "", market: str = "", binding: bool = False) -> QuerySet[Regulation]:
    """Return the tenant's regulations by code and version. ``q`` looks in code, title and version."""
    rows = Regulation.objects.order_by("code", "edition", "id")
    for word in q.split():
        rows = rows.filter(Q(code__icontains=word) | Q(title__icontains=word) | Q(edition__icontains=word))
    if binding:
        rows = rows.filter(is_binding=True)
    if market:
        reached = [row.pk for row in rows if meet(spread(row.markets), spread([market]))]
        rows = rows.filter(pk__in=reached)
    return rows


def regulations_in_force(day: dt.date) -> list[Regulation]:
    """Return the regulations that hold on ``day``, by code and version."""
    return list(
        Regulation.objects.filter(
            Q(effective_from__isnull=True) | Q(effective_from__lte=day),
            Q(effective_to__isnull=True) | Q(effective_to__gt=day),
        ).order_by("code", "edition", "id")
    )


def markets_of(product_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    """Return where these products are sold, EU spread to its members. Who is not named is sold everywhere."""
    wanted = list(product_ids)
    found: dict[uuid.UUID, frozenset[str]] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = ProductMarkets.objects.filter(product_id__in=wanted[start : start + CHUNK]).order_by()
        found.update((key, spread(codes)) for key, codes in rows.values_list("product_id", "markets"))
    return found


def reaches(regulation: Regulation, product_type: str, markets: frozenset[str]) -> bool:
    """Return whether a regulation reaches a product of this type, sold in these (spread) markets; none: everywhere."""
    if regulation.product_types and product_type not in regulation.product_types:
        return False
    return meet(spread(regulation.markets), markets)


def applicable_regulations(
    products: Iterable[tuple[uuid.UUID, str]], day: dt.date, *, regulations: Sequence[Regulation] | None = None
) -> dict[uuid.UUID, list[Regulation]]:
    """Return for each (product, type) the regulations that reach it on ``day``, by code. Two queries, whatever their
    number.
    """
    pairs = list(products)
    known = regulations_in_force(day) if regulations is None else [row for row in regulations if row.holds_on(day)]
    if not known:
        return {key: [] for key, _type in pairs}
    sold: Mapping[uuid.UUID, frozenset[str]] = (
        markets_of([key for key, _type in pairs]) if any(row.markets for row in known) else {}
    )
    return {
        key: [row for row in known if reaches(row, product_type, sold.get(key, frozenset()))]
        for key, product_type in pairs
    }
