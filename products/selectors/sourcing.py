"""Lists and single records of sourcing, and the offers that count for products: all in sets, in a total order."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from plm_project.tenancy.id_sets import in_ids
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import require_tenant_id
from products.choices import SourceStatus
from products.models import (
    ApprovedSource,
    ExchangeRate,
    Manufacturer,
    ManufacturerPart,
    PriceBreak,
    Product,
    Supplier,
    SupplierOffer,
)
from products.sourcing.pricing import Break, Terms


def manufacturer_list(q: str = "", *, active: bool | None = None) -> QuerySet[Manufacturer]:
    """Return manufacturers by name with the number of their parts (``part_count``)."""
    parts = Count("parts", filter=Q(parts__is_deleted=False))
    return _partners(Manufacturer.objects.all(), q, active).annotate(part_count=parts).order_by("name", "id")


def supplier_list(q: str = "", *, active: bool | None = None) -> QuerySet[Supplier]:
    """Return suppliers by name with the number of their offers (``offer_count``)."""
    offers = Count("offers", filter=Q(offers__is_deleted=False))
    return _partners(Supplier.objects.all(), q, active).annotate(offer_count=offers).order_by("name", "id")


def manufacturer_part_list(
    q: str = "", *, manufacturer_id: uuid.UUID | None = None, lifecycle: str = ""
) -> QuerySet[ManufacturerPart]:
    """Return manufacturer parts with their manufacturer, by number."""
    rows = ManufacturerPart.objects.select_related("manufacturer")
    for word in q.split():
        rows = rows.filter(
            Q(mpn__icontains=word) | Q(description__icontains=word) | Q(manufacturer__name__icontains=word)
        )
    if manufacturer_id is not None:
        rows = rows.filter(manufacturer_id=manufacturer_id)
    if lifecycle:
        rows = rows.filter(lifecycle=lifecycle)
    return rows.order_by("mpn", "id")


@dataclass(frozen=True)
class PartCounts:
    """How many live products a manufacturer part is a source of, the first of them, and how many offers it has."""

    products: int = 0
    first_product: str = ""
    offers: int = 0

    @property
    def further_products(self) -> int:
        """How many there are beside the first."""
        return max(self.products - 1, 0)


def part_counts(part_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, PartCounts]:
    """Return the counts of each of these parts, in two statements whatever their number."""
    asked = in_ids("manufacturer_part_id", part_ids)
    sources = ApprovedSource.objects.filter(asked, product__is_deleted=False).order_by().values("manufacturer_part_id")
    used = {
        row["manufacturer_part_id"]: (row["n"], row["first"])
        for row in sources.annotate(n=Count("pk"), first=Min("product__product_number"))
    }
    offers = SupplierOffer.objects.filter(asked).order_by().values_list("manufacturer_part_id")
    offered = dict(offers.annotate(n=Count("pk")))
    return {part_id: PartCounts(*used.get(part_id, (0, "")), offered.get(part_id, 0)) for part_id in part_ids}


def sources_of_part(part: ManufacturerPart) -> QuerySet[ApprovedSource]:
    """Return what a manufacturer part is a source of, by product number."""
    rows = ApprovedSource.objects.filter(manufacturer_part=part, product__is_deleted=False)
    return rows.select_related("product").order_by("product__product_number", "id")


def offers_of_part(part: ManufacturerPart) -> QuerySet[SupplierOffer]:
    """Return the offers for a manufacturer part with supplier and prices."""
    return offer_list().filter(manufacturer_part=part)


def source_list(product: Product | None = None) -> QuerySet[ApprovedSource]:
    """Return sources of live products, the preferred and approved ones first; of one product where given."""
    rows = ApprovedSource.objects.filter(product__is_deleted=False)
    if product is not None:
        rows = rows.filter(product=product)
    rows = rows.select_related("product", "manufacturer_part__manufacturer")
    return rows.order_by("product_id", "-is_preferred", "status", "manufacturer_part__mpn", "id")


def offer_list(product: Product | None = None) -> QuerySet[SupplierOffer]:
    """Return offers with supplier, part and prices; of one product: for itself, and for the parts on its AML."""
    rows = SupplierOffer.objects.filter(Q(product__isnull=True) | Q(product__is_deleted=False))
    if product is not None:
        parts = ApprovedSource.objects.filter(product=product).values("manufacturer_part_id")
        rows = rows.filter(Q(product=product) | Q(manufacturer_part_id__in=parts))
    breaks = PriceBreak.objects.order_by("from_quantity")
    rows = rows.select_related("supplier", "product", "manufacturer_part__manufacturer")
    return rows.prefetch_related(Prefetch("breaks", breaks)).order_by("supplier__name", "supplier_part_number", "id")


def exchange_rate_list(currency: str = "") -> QuerySet[ExchangeRate]:
    """Return rates, the newest of each currency first."""
    rows = ExchangeRate.objects.all()
    if currency:
        rows = rows.filter(currency=currency.upper())
    return rows.order_by("currency", "-valid_from", "id")


def manufacturer_part_get(part_id: uuid.UUID) -> ManufacturerPart:
    """Return a live manufacturer part with its manufacturer."""
    return _one(manufacturer_part_list(), part_id)  # type: ignore[no-any-return]


def source_get(source_id: uuid.UUID) -> ApprovedSource:
    """Return a live source of a live product."""
    return _one(source_list(), source_id)  # type: ignore[no-any-return]


def offer_get(offer_id: uuid.UUID) -> SupplierOffer:
    """Return a live offer."""
    return _one(offer_list(), offer_id)  # type: ignore[no-any-return]


def partner_named(model: type[Any], text: str) -> Any | None:
    """Return the live manufacturer or supplier of this name or code, whatever the case; None without one."""
    rows = model.objects.filter(Q(name__iexact=text) | Q(code__iexact=text)).order_by("name", "id")
    return rows.first()


@dataclass
class Market:
    """What is known of where products come from on a day.

    ``offers``: the offers that may count, by product. ``sourced``: products with a source that counts. ``known``:
    products with any source or offer at all. ``rates``: what one unit of each currency is worth, the own one at 1.
    """

    on: dt.date
    currency: str
    rates: dict[str, Decimal]
    offers: dict[uuid.UUID, list[Terms]] = field(default_factory=dict)
    sourced: set[uuid.UUID] = field(default_factory=set)
    known: set[uuid.UUID] = field(default_factory=set)


def rates_on(day: dt.date) -> tuple[str, dict[str, Decimal]]:
    """Return the tenant's currency, and what one unit of each currency with a rate is worth in it on a day.

    The latest rate of a currency that begins on or before the day holds. The own currency is 1; what is not here has
    no rate, and nothing may be counted in it.
    """
    own = Tenant.objects.only("currency").get(pk=require_tenant_id()).currency
    rows = ExchangeRate.objects.filter(valid_from__lte=day).order_by("valid_from", "id")
    return own, {**dict(rows.values_list("currency", "rate")), own: Decimal(1)}


def counting_sources(on: dt.date) -> QuerySet[ApprovedSource]:
    """Return the sources that count on a day: approved, valid, and of an active manufacturer."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    return ApprovedSource.objects.filter(
        begun, lasting, status=SourceStatus.APPROVED, manufacturer_part__manufacturer__is_active=True
    )


def market_load(product_ids: Sequence[uuid.UUID], on: dt.date) -> Market:
    """Read everything that decides what these products cost, in six statements whatever their number.

    An offer may count when it is for the product itself, or for a manufacturer part that is an approved source of it
    on the day. An offer for the product itself names no manufacturer, so there is nothing to approve.
    """
    currency, rates = rates_on(on)
    market = Market(on, currency, rates)
    listed = ApprovedSource.objects.filter(in_ids("product_id", product_ids))
    market.known = set(listed.order_by().values_list("product_id", flat=True))
    counting = counting_sources(on).filter(in_ids("product_id", product_ids)).order_by()
    users: dict[uuid.UUID, list[tuple[uuid.UUID, bool]]] = {}
    for product_id, part_id, preferred in counting.values_list("product_id", "manufacturer_part_id", "is_preferred"):
        market.sourced.add(product_id)
        users.setdefault(part_id, []).append((product_id, preferred))
    wanted = in_ids("product_id", product_ids) | in_ids("manufacturer_part_id", users)  # type: ignore[operator]
    offers = _offers(wanted)
    breaks = _breaks([row["id"] for row in offers])
    for row in offers:
        direct = [(row["product_id"], False)] if row["product_id"] else []
        for product_id, preferred in direct or users[row["manufacturer_part_id"]]:
            terms = _terms(row, tuple(breaks.get(row["id"], ())), preferred)
            market.offers.setdefault(product_id, []).append(terms)
    market.known |= set(market.offers)
    return market


_OFFER_COLUMNS = (
    "id", "product_id", "manufacturer_part_id", "supplier__name", "supplier__is_active", "supplier_part_number",
    "currency", "minimum_quantity", "order_multiple", "lead_time_days", "valid_from", "valid_to",
    "manufacturer_part__mpn", "manufacturer_part__manufacturer__name",
)  # fmt: skip


def _offers(wanted: Any) -> list[dict[str, Any]]:
    return list(SupplierOffer.objects.filter(wanted).order_by("supplier__name", "id").values(*_OFFER_COLUMNS))


def _breaks(offer_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Break]]:
    found: dict[uuid.UUID, list[Break]] = {}
    rows = PriceBreak.objects.filter(in_ids("offer_id", offer_ids)).order_by("from_quantity", "id")
    for offer_id, quantity, price in rows.values_list("offer_id", "from_quantity", "unit_price"):
        found.setdefault(offer_id, []).append(Break(quantity, price))
    return found


def _terms(row: dict[str, Any], breaks: tuple[Break, ...], preferred: bool) -> Terms:
    maker, mpn = row["manufacturer_part__manufacturer__name"], row["manufacturer_part__mpn"]
    return Terms(
        offer_id=row["id"],
        supplier=row["supplier__name"],
        supplier_is_active=row["supplier__is_active"],
        part=f"{maker} {mpn}" if mpn else "",
        supplier_part_number=row["supplier_part_number"],
        currency=row["currency"],
        minimum_quantity=row["minimum_quantity"],
        order_multiple=row["order_multiple"],
        lead_time_days=row["lead_time_days"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        breaks=breaks,
        preferred=preferred,
    )


def _partners(rows: QuerySet[Any], q: str, active: bool | None) -> QuerySet[Any]:
    for word in q.split():
        rows = rows.filter(Q(name__icontains=word) | Q(code__icontains=word))
    return rows if active is None else rows.filter(is_active=active)


def _one(rows: QuerySet[Any], record_id: uuid.UUID) -> Any:
    found = rows.filter(pk=record_id).first()
    if found is None:
        raise NotFound(_("There is no such record."))
    return found
