"""What may be taken for the part on a line: of one line, of many at once, and where a product is such a substitute."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from plm_project.core.exceptions import NotFound
from plm_project.tenancy.id_sets import in_ids
from products.choices import LIVE_STATES
from products.importing.designators import designators_written
from products.models import BomLine, LineSubstitute, Product

USES_SHOWN = 50  # on a page; the API answers all of them
ORDER = ("rank", "created_at", "id")


@dataclass(frozen=True, slots=True)
class Substitute:
    """One substitute as a line has it, or had it when it was frozen; the quantity is in the substitute's own unit."""

    product_id: uuid.UUID
    product_number: str
    rank: int
    quantity: Decimal
    unit_of_measure: str
    reference_designators: tuple[str, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        """Say all of it in one text, as comparisons show it."""
        return self._text(f"{self.rank}: {self.product_number}, {plain(self.quantity)} {self.unit_of_measure}")

    def facts(self) -> str:
        """Say what it is beside its product."""
        rank = _("rank %(rank)s") % {"rank": self.rank}
        return self._text(f"{plain(self.quantity)} {self.unit_of_measure}, {rank}")

    def _text(self, head: str) -> str:
        said = (head, designators_written(self.reference_designators), self.note)
        return " · ".join(text for text in said if text)

    def stored(self) -> dict[str, Any]:
        """Return it as baselines keep it and events tell it: plain values, the quantity as a text."""
        return {
            "product_id": str(self.product_id),
            "product_number": self.product_number,
            "rank": self.rank,
            "quantity": plain(self.quantity),
            "unit_of_measure": self.unit_of_measure,
            "reference_designators": list(self.reference_designators),
            "note": self.note,
        }

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Substitute:
        """Read what ``stored`` returned."""
        return cls(
            uuid.UUID(row["product_id"]),
            row["product_number"],
            row["rank"],
            Decimal(row["quantity"]),
            row["unit_of_measure"],
            tuple(row["reference_designators"]),
            row["note"],
        )


def substitutes_packed(substitutes: Iterable[Substitute]) -> str:
    """Return a line's substitutes as a JSON text, an empty one where there are none."""
    rows = [entry.stored() for entry in substitutes]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else ""


def substitutes_unpacked(text: str) -> tuple[Substitute, ...]:
    """Read what ``substitutes_packed`` wrote."""
    return tuple(Substitute.read(row) for row in (json.loads(text) if text else ()))


def substitute_rows() -> QuerySet[LineSubstitute]:
    """Return the tenant's substitutes on live lines of live revisions, with line, revision and products."""
    rows = LineSubstitute.objects.filter(
        line__is_deleted=False,
        line__parent_revision__is_deleted=False,
        line__parent_revision__product__is_deleted=False,
    )
    return rows.select_related("product", "line__child", "line__parent_revision__product")


def substitute_get(row_id: uuid.UUID) -> LineSubstitute:
    """Return one substitute, or raise NotFound."""
    row = substitute_rows().filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("There is no such substitute."))
    return row


def substitutes_of_line(line: BomLine) -> QuerySet[LineSubstitute]:
    """Return a line's substitutes, by rank."""
    return substitute_rows().filter(line=line).order_by(*ORDER)


def substitutes_of_lines(lines: Collection[uuid.UUID | bytes]) -> dict[uuid.UUID, tuple[Substitute, ...]]:
    """Return the substitutes of each of these lines (ids, or the bytes of ids) that has some, by rank.

    One query where none has any, else two. Substitutes are few, so the lines that have them are read first: naming
    50,000 lines to the database would take longer than all of it.
    """
    known = set(LineSubstitute.objects.order_by().values_list("line_id", flat=True))
    wanted = set(lines) if known else set()
    with_some = [key for key in known if key in wanted or key.bytes in wanted]
    found: dict[uuid.UUID, tuple[Substitute, ...]] = {}
    if with_some:
        rows = LineSubstitute.objects.filter(in_ids("line_id", with_some)).select_related("product").order_by(*ORDER)
        for row in rows:
            found[row.line_id] = (*found.get(row.line_id, ()), substitute_of(row))
    return found


def substitute_of(row: LineSubstitute) -> Substitute:
    """Return a row's own values."""
    return Substitute(
        row.product_id,
        row.product.product_number,
        row.rank,
        row.quantity,
        row.unit_of_measure,
        tuple(row.reference_designators),
        row.note,
    )


def substitute_uses(product: Product) -> QuerySet[LineSubstitute]:
    """Return where a product is a substitute in revisions that are in use, by parent, revision and find number."""
    return (
        substitute_rows()
        .filter(product=product, line__parent_revision__state__in=LIVE_STATES)
        .order_by(
            "line__parent_revision__product__product_number",
            "-line__parent_revision__sequence",
            "line__find_number",
            "id",
        )
    )


def substitute_uses_shown(product: Product) -> tuple[list[LineSubstitute], int]:
    """Return the first ``USES_SHOWN`` of ``substitute_uses``, and how many there are. One query, two beyond that."""
    rows = substitute_uses(product)
    shown = list(rows[: USES_SHOWN + 1])
    return shown[:USES_SHOWN], len(shown) if len(shown) <= USES_SHOWN else rows.count()
