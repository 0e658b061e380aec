"""Bought products that hang on one manufacturer, or on none: the first list to look at when a part runs short.

Manufacturers count, not rows: two part numbers of one maker are one source. A source counts when it is approved and
valid on the day, its maker is active and the part is still made.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from plm_project.tenancy.id_sets import ids_as_text, in_ids
from products.choices import BOUGHT_TYPES, LifecyclePhase, PartLifecycle
from products.models import Product, SupplierOffer
from products.selectors.alternates import alternate_numbers
from products.selectors.graph import structure_load
from products.selectors.resolution import (
    LINE,
    REVISION,
    Resolution,
    Sql,
    line_test,
    revision_of,
    tenant_parameter,
)
from products.selectors.sourcing import counting_sources
from products.selectors.stored import as_uuid

PRODUCT = Product._meta.db_table
ENDED = (LifecyclePhase.OBSOLETE, LifecyclePhase.DISCONTINUED)
SHOWN_USES = 5


@dataclass(frozen=True, slots=True)
class SingleSource:
    """One bought product with 0 or 1 manufacturers. ``manufacturer`` and ``mpns`` are that one's; ``suppliers`` counts
    who offers the product or those parts at all. ``used_in``: the first end products that contain it, of ``uses``."""

    product_id: uuid.UUID
    product_number: str
    product_name: str
    manufacturers: int
    manufacturer: str
    mpns: tuple[str, ...]
    suppliers: int
    used_in: tuple[str, ...]
    uses: int
    alternates: tuple[str, ...] = ()  # products that may be taken in its place, by rank


class SingleSources(Sequence[SingleSource]):
    """The report as a sequence that reads only the rows it is asked for, by number, in a fixed number of statements.

    ``below`` narrows it to what the structure of one product takes; without it all bought products of the tenant that
    are not discontinued are judged. ``most`` is 0 for those without any source, else 1.
    """

    def __init__(self, resolution: Resolution, *, below: Product | None = None, most: int = 1) -> None:
        self.resolution = resolution
        self.below = below
        self.checked = _counted(resolution, below)
        self._rows = self.checked.filter(manufacturers__lte=most).order_by("product_number", "pk")
        self._length: int | None = None

    def __len__(self) -> int:
        if self._length is None:
            self._length = self._rows.count()
        return self._length

    @overload
    def __getitem__(self, index: int) -> SingleSource: ...
    @overload
    def __getitem__(self, index: slice) -> list[SingleSource]: ...
    def __getitem__(self, index: int | slice) -> SingleSource | list[SingleSource]:
        if isinstance(index, slice):
            return _told(list(self._rows[index]), self.resolution)
        return _told([self._rows[index]], self.resolution)[0]

    def ids(self) -> list[uuid.UUID]:
        """Return the products of the whole report, in its order."""
        return list(self._rows.values_list("pk", flat=True))

    def of(self, ids: Sequence[uuid.UUID]) -> list[SingleSource]:
        """Return the rows of some of them."""
        return _told(list(self._rows.filter(in_ids("pk", ids))), self.resolution)

    def summary(self) -> dict[str, int]:
        """Return how many products were judged, and how many have no source or one."""
        return self.checked.aggregate(
            checked=Count("pk"),
            no_source=Count("pk", filter=Q(manufacturers=0)),
            single_source=Count("pk", filter=Q(manufacturers=1)),
        )


def single_sourced(product_ids: Iterable[uuid.UUID], on: dt.date) -> set[uuid.UUID]:
    """Return those of the products that are bought and hang on one manufacturer or on none. One query."""
    rows = _with_makers(on).filter(in_ids("pk", list(product_ids)), manufacturers__lte=1)
    return set(rows.values_list("pk", flat=True))


def _counted(resolution: Resolution, below: Product | None) -> QuerySet[Any]:
    rows = _with_makers(resolution.as_of)
    if below is not None:
        structure = structure_load(below, resolution, sums_only=True)
        structure.parents_first()  # a cycle is told, not reported on
        leaves = [uuid.UUID(bytes=key) for at, key in enumerate(structure.products.key) if structure.is_leaf(at)]
        rows = rows.filter(in_ids("pk", leaves))
    return rows


def _with_makers(on: dt.date) -> QuerySet[Any]:
    """Return what is judged: bought and not discontinued, with the number of its manufacturers."""
    makers = (
        _made(on)
        .filter(product_id=OuterRef("pk"))
        .order_by()
        .values("product_id")
        .annotate(found=Count("manufacturer_part__manufacturer_id", distinct=True))
        .values("found")
    )
    rows = Product.objects.filter(product_type__in=BOUGHT_TYPES).exclude(lifecycle_phase__in=ENDED)
    return rows.annotate(manufacturers=Coalesce(Subquery(makers, output_field=IntegerField()), 0))


def _made(on: dt.date) -> QuerySet[Any]:
    """Return the sources that count here: what is no longer made is no source for long."""
    return counting_sources(on).exclude(manufacturer_part__lifecycle=PartLifecycle.OBSOLETE)


def _told(products: Sequence[Any], resolution: Resolution) -> list[SingleSource]:
    ids = [product.pk for product in products]
    made = _made(resolution.as_of).filter(in_ids("product_id", ids)).order_by("manufacturer_part__mpn", "id")
    columns = ("product_id", "manufacturer_part_id", "manufacturer_part__mpn", "manufacturer_part__manufacturer__name")
    sources: dict[uuid.UUID, list[Any]] = {}
    for row in made.values_list(*columns):
        sources.setdefault(row[0], []).append(row)
    suppliers = _suppliers(ids, {row[1]: row[0] for rows in sources.values() for row in rows}, sources)
    uses = end_products(ids, resolution)
    others = alternate_numbers(ids)
    return [
        SingleSource(
            product_id=product.pk,
            product_number=product.product_number,
            product_name=product.product_name,
            manufacturers=product.manufacturers,
            manufacturer=", ".join(sorted({row[3] for row in sources.get(product.pk, ())})),
            mpns=tuple(row[2] for row in sources.get(product.pk, ())),
            suppliers=len(suppliers.get(product.pk, ())),
            used_in=tuple(uses.get(product.pk, ())[:SHOWN_USES]),
            uses=len(uses.get(product.pk, ())),
            alternates=tuple(others.get(product.pk, ())),
        )
        for product in products
    ]


def _suppliers(
    ids: Sequence[uuid.UUID], parts: dict[uuid.UUID, Any], sources: dict[uuid.UUID, list[Any]]
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return who offers each product, or a source of it that counts."""
    users: dict[uuid.UUID, list[uuid.UUID]] = {}
    for product_id, rows in sources.items():
        for row in rows:
            users.setdefault(row[1], []).append(product_id)
    wanted = in_ids("product_id", ids) | in_ids("manufacturer_part_id", parts)  # type: ignore[operator]
    offers = SupplierOffer.objects.filter(wanted, supplier__is_active=True).order_by()
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    for product_id, part_id, supplier_id in offers.values_list("product_id", "manufacturer_part_id", "supplier_id"):
        for key in [product_id] if product_id else users.get(part_id, []):
            found.setdefault(key, set()).add(supplier_id)
    return found


def end_products(ids: Sequence[uuid.UUID], resolution: Resolution) -> dict[uuid.UUID, list[str]]:
    """Return the numbers of the end products that contain each of these, in order: one statement for all of them.

    An end product stands in nothing that the resolution takes; a product that stands nowhere has none. Every distinct
    pair is visited once, so a stored cycle ends too. Whether something stands above is asked once for a product and
    kept: PostgreSQL, where it expects few products, would ask it again for each product of the tenant.
    """
    up = _uses("up.product_id", resolution)
    above = _uses("reached.product_id", resolution)
    array = "SELECT unnest(%s::uuid[])" if connection.vendor == "postgresql" else "SELECT value FROM json_each(%s)"
    sql = (
        f"WITH RECURSIVE up(leaf, product_id) AS ("
        f"SELECT p.id, p.id FROM {PRODUCT} p WHERE p.tenant_id = %s AND p.id IN ({array}) "
        f"UNION SELECT up.leaf, r.product_id FROM up {up.text}), "
        f"ends AS MATERIALIZED (SELECT product_id FROM (SELECT DISTINCT product_id FROM up WHERE leaf <> product_id) reached "
        f"WHERE NOT EXISTS (SELECT 1 FROM (SELECT 1) one {above.text})) "
        f"SELECT up.leaf, p.product_number FROM ends JOIN up ON up.product_id = ends.product_id "
        f"JOIN {PRODUCT} p ON p.id = ends.product_id WHERE up.leaf <> up.product_id "
        f"ORDER BY p.product_number, p.id"
    )
    found: dict[uuid.UUID, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [tenant_parameter(), ids_as_text(ids), *up.params, *above.params])
        for leaf, number in cursor.fetchall():
            found.setdefault(as_uuid(leaf), []).append(number)
    return found


def _uses(product: str, resolution: Resolution) -> Sql:
    """Return the join to the revisions whose lines the resolution takes and that contain ``product``."""
    taken, holds = revision_of("r.product_id", resolution), line_test("l", resolution)
    return Sql(
        f"JOIN {LINE} l ON l.child_id = {product} AND l.tenant_id = %s AND {holds.text} "
        f"JOIN {REVISION} r ON r.id = l.parent_revision_id AND r.id = {taken.text}",
        (tenant_parameter(), *holds.params, *taken.params),
    )
