"""What may be taken for a product, and which of many products have something that may."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from plm_project.tenancy.id_sets import in_ids
from products.models import Alternate, Product


def alternate_rows() -> QuerySet[Alternate]:
    """Return the tenant's alternates with both products; of live products alone."""
    rows = Alternate.objects.filter(product__is_deleted=False, alternate__is_deleted=False)
    return rows.select_related("product", "alternate")


def alternate_get(row_id: uuid.UUID) -> Alternate:
    """Return one alternate, or raise NotFound."""
    row = alternate_rows().filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("There is no such alternate."))
    return row


def alternates_of(product: Product) -> QuerySet[Alternate]:
    """Return what may be taken for the product, by rank: its own rows, and those that hold in both directions."""
    return alternate_rows().filter(Q(product=product) | Q(alternate=product, is_two_way=True))


def other_of(row: Alternate, product: Product) -> Product:
    """Return the product at the other end of a row of ``alternates_of``."""
    return row.product if row.alternate_id == product.pk else row.alternate


def alternate_numbers(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return for each of these products the numbers of its alternates, by rank. Two queries."""
    found: dict[uuid.UUID, list[str]] = {}
    own = (
        alternate_rows()
        .filter(in_ids("product_id", ids))
        .annotate(of=F("product_id"), number=F("alternate__product_number"))
    )
    turned = alternate_rows().filter(in_ids("alternate_id", ids), is_two_way=True)
    turned = turned.annotate(of=F("alternate_id"), number=F("product__product_number"))
    for rows in (own, turned):
        for key, number in rows.values_list("of", "number"):
            found.setdefault(key, []).append(number)
    return found
