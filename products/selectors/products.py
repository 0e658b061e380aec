"""Lists and single records: products with their filters, revisions, BOM lines. All in a total order."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound, ValidationFailed
from products.models import BomLine, Product, ProductRevision

SEARCHED = ("product_number", "product_name", "product_description")
SORT_FIELDS = (
    "created_at",
    "updated_at",
    "product_number",
    "product_name",
    "product_type",
    "lifecycle_phase",
    "current_cost",
    "target_cost",
)
SORT_ORDERS = ("asc", "desc")
CHUNK = 500


@dataclass(frozen=True)
class ProductFilter:
    """What a list of products is narrowed and sorted by; every default means "all".

    ``q``: words that must each occur in number, name or description. Types, phases and statuses: any of them.
    ``tags``: all of them. ``cost_min`` and ``cost_max`` bound ``current_cost``, both included.
    """

    q: str = ""
    product_type: Sequence[str] = ()
    lifecycle_phase: Sequence[str] = ()
    status: Sequence[str] = ()
    tags: Sequence[str] = ()
    cost_min: Decimal | None = None
    cost_max: Decimal | None = None
    sort_by: str = "created_at"
    sort_order: str = "desc"


class HasTag(Func):
    """Whether a JSON list of words holds one word, as a whole and with its case."""

    output_field = BooleanField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Look through the list: SQLite has no containment test."""
        template, joiner = "EXISTS (SELECT 1 FROM json_each(%(expressions)s))", ") AS tag WHERE tag.value = ("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Ask whether the word is an element of the list."""
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" ? ", **context)


def product_list(wanted: ProductFilter | None = None) -> QuerySet[Product]:
    """Return the tenant's live products, filtered and sorted; the id settles ties.

    Raises ValidationFailed for a sort field or order that is not offered.
    """
    wanted = wanted or ProductFilter()
    rows = Product.objects.filter(_conditions(wanted))
    for tag in wanted.tags:
        rows = rows.filter(HasTag(F("tags"), Value(tag)))
    return rows.order_by(*_order(wanted))


def product_by_number(number: str, *, field: str = "") -> Product:
    """Return the live product of this number; raise NotFound (naming the caller's ``field``, where given)."""
    product = Product.objects.filter(product_number=number).first()
    if product is None:
        message = _("There is no product %(number)s.") % {"number": number}
        raise NotFound(message, details={field: [message]} if field else None)
    return product


def product_ids(numbers: Iterable[str]) -> dict[str, uuid.UUID]:
    """Return the ids of the live products among ``numbers``."""
    wanted = sorted(set(numbers))
    found: dict[str, uuid.UUID] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = Product.objects.filter(product_number__in=wanted[start : start + CHUNK]).order_by()
        found.update(rows.values_list("product_number", "pk"))
    return found


def revision_list(product: Product | None = None) -> QuerySet[ProductRevision]:
    """Return live revisions of live products with their product, newest first; of one product where given."""
    rows = ProductRevision.objects.filter(product__is_deleted=False).select_related("product")
    if product is not None:
        rows = rows.filter(product=product)
    return rows.order_by("product_id", "-sequence", "id")


def line_list(revision: ProductRevision | None = None) -> QuerySet[BomLine]:
    """Return live lines with their child, by find number; of one revision where given."""
    rows = BomLine.objects.filter(parent_revision__is_deleted=False, parent_revision__product__is_deleted=False)
    if revision is not None:
        rows = rows.filter(parent_revision=revision)
    return rows.select_related("child").order_by("find_number", "id")


def _conditions(wanted: ProductFilter) -> Q:
    found = Q()
    for word in wanted.q.split():
        found &= Q(*((f"{name}__icontains", word) for name in SEARCHED), _connector=Q.OR)
    for name in ("product_type", "lifecycle_phase", "status"):
        if values := getattr(wanted, name):
            found &= Q((f"{name}__in", list(values)))
    if wanted.cost_min is not None:
        found &= Q(current_cost__gte=wanted.cost_min)
    if wanted.cost_max is not None:
        found &= Q(current_cost__lte=wanted.cost_max)
    return found


def _order(wanted: ProductFilter) -> tuple[str, str]:
    if wanted.sort_by not in SORT_FIELDS:
        raise ValidationFailed.field("sort_by", _("Choose one of: %s") % ", ".join(SORT_FIELDS))
    if wanted.sort_order not in SORT_ORDERS:
        raise ValidationFailed.field("sort_order", _("Choose one of: %s") % ", ".join(SORT_ORDERS))
    sign = "-" if wanted.sort_order == "desc" else ""
    return f"{sign}{wanted.sort_by}", f"{sign}id"
