"""The matrix: products × regulations, a page of products at a time, and the counts above it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value

from compliance.choices import NOT_APPLICABLE, ComplianceStatus, status_label
from compliance.market_codes import EU, EU_MEMBERS
from compliance.models import ComplianceRecord, ProductMarkets, Regulation
from compliance.selectors.applicability import applicable_regulations, regulations_in_force
from compliance.selectors.records import current_records, with_status_now
from plm_project.core import clock
from products.models import Product
from products.selectors.products import HasTag, ProductFilter, product_list


@dataclass(frozen=True)
class MatrixFilter:
    """What the matrix is narrowed by; every default means "all".

    ``status``: products with such a cell (under ``regulation_id``, where given). ``market``: products sold there.
    """

    q: str = ""
    product_type: str = ""
    lifecycle_phase: str = ""
    regulation_id: uuid.UUID | None = None
    status: str = ""
    market: str = ""
    binding: bool = False


@dataclass(frozen=True)
class Cell:
    """One product under one regulation, as it reads today. ``record_id`` is None where nothing was started."""

    regulation: Regulation
    status: str
    record_id: uuid.UUID | None = None
    valid_until: dt.date | None = None

    @property
    def status_label(self) -> str:
        """The status in words."""
        return status_label(self.status)


@dataclass(frozen=True)
class MatrixRow:
    """One product's current revision with a cell per regulation shown."""

    product: Product
    cells: tuple[Cell, ...]


def matrix_regulations(wanted: MatrixFilter) -> list[Regulation]:
    """Return the columns: regulations in force today, narrowed."""
    return [
        row
        for row in regulations_in_force(clock.today())
        if wanted.regulation_id in (None, row.pk) and (row.is_binding or not wanted.binding)
    ]


def matrix_products(wanted: MatrixFilter, regulations: Sequence[Regulation]) -> QuerySet[Product]:
    """Return the rows' products, by number."""
    rows = product_list(
        ProductFilter(
            q=wanted.q,
            product_type=_one(wanted.product_type),
            lifecycle_phase=_one(wanted.lifecycle_phase),
            sort_by="product_number",
            sort_order="asc",
        )
    )
    if wanted.market:
        rows = rows.filter(_sold_in(wanted.market))
    if wanted.status:
        cells = with_status_now(
            ComplianceRecord.objects.filter(
                revision__product=OuterRef("pk"), revision__label=OuterRef("revision"), revision__is_deleted=False
            )
        ).filter(read_status=wanted.status, regulation__in=[row.pk for row in regulations])
        rows = rows.filter(Exists(cells))
    return rows


def matrix_rows(products: Sequence[Product], regulations: Sequence[Regulation]) -> list[MatrixRow]:
    """Return the cells of a page of products: two queries, whatever their number."""
    today = clock.today()
    reached = applicable_regulations(
        ((product.pk, product.product_type) for product in products), today, regulations=regulations
    )
    records: dict[tuple[uuid.UUID, uuid.UUID], ComplianceRecord] = {}
    for record in (
        current_records()
        .filter(revision__product__in=[product.pk for product in products])
        .annotate(product_id=F("revision__product_id"))
    ):
        records[record.product_id, record.regulation_id] = record  # type: ignore[attr-defined] # annotated above
    found = []
    for product in products:
        inside = {row.pk for row in reached[product.pk]}
        found.append(
            MatrixRow(
                product,
                tuple(_cell(row, records.get((product.pk, row.pk)), row.pk in inside, today) for row in regulations),
            )
        )
    return found


def status_counts(wanted: MatrixFilter, regulations: Sequence[Regulation]) -> list[tuple[Regulation, dict[str, int]]]:
    """Return, per regulation shown, how many current revisions of the matrix's products read as what. One query."""
    rows: Any = with_status_now(current_records()).filter(regulation__in=[row.pk for row in regulations])
    if wanted != MatrixFilter(regulation_id=wanted.regulation_id, binding=wanted.binding):
        rows = rows.filter(revision__product__in=matrix_products(wanted, regulations).order_by().values("pk"))
    counts: dict[uuid.UUID, dict[str, int]] = {row.pk: {} for row in regulations}
    for key, status, number in rows.order_by().values_list("regulation", "read_status").annotate(n=Count("pk")):
        counts[key][status] = number
    return [(row, counts[row.pk]) for row in regulations]


def _cell(regulation: Regulation, record: ComplianceRecord | None, applies: bool, today: dt.date) -> Cell:
    if not applies:
        return Cell(regulation, NOT_APPLICABLE, record.pk if record else None)
    if record is None:
        return Cell(regulation, str(ComplianceStatus.NOT_ASSESSED))
    return Cell(regulation, record.status_on(today), record.pk, record.valid_until)


def _sold_in(market: str) -> Any:
    """Sold in a market: it is named, or lies in the EU where that is named, or nothing is named at all."""
    codes = {market, *(EU_MEMBERS if market == EU else ()), *([EU] if market in EU_MEMBERS else [])}
    named = ProductMarkets.objects.filter(product=OuterRef("pk"))
    inside = Q()
    for code in sorted(codes):
        inside |= Q(HasTag(F("markets"), Value(code)))
    return Q(Exists(named.filter(inside))) | ~Q(Exists(named))


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


class MatrixPage(Sequence[MatrixRow]):
    """The matrix as a sequence that reads only the rows it is asked for, in a fixed number of queries."""

    def __init__(self, wanted: MatrixFilter) -> None:
        self.regulations = matrix_regulations(wanted)
        self._products = matrix_products(wanted, self.regulations)
        self._length: int | None = None

    def __len__(self) -> int:
        if self._length is None:
            self._length = self._products.count()
        return self._length

    @overload
    def __getitem__(self, index: int) -> MatrixRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[MatrixRow]: ...
    def __getitem__(self, index: int | slice) -> MatrixRow | list[MatrixRow]:
        if isinstance(index, slice):
            return matrix_rows(list(self._products[index]), self.regulations)
        return matrix_rows([self._products[index]], self.regulations)[0]
