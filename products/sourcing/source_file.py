"""The file of sources: one row an offer, or a source that nobody offers yet. Read and written in one format.

Columns: product_number, manufacturer, mpn, status, preferred, reason, supplier, supplier_part_number, currency,
minimum_quantity, order_multiple, lead_time_days, valid_from, valid_to, then quantity_1, price_1, quantity_2 … for the
prices. Without a manufacturer the offer is for the product itself. Manufacturers and suppliers are known by name or
code. ``status``, ``preferred`` and ``reason`` are the source's; the validity is the offer's. Their order is free.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from products.choices import SourceStatus
from products.importing.dates import read_date
from products.importing.numbers import NotANumberError, decimal_mark, read_decimal
from products.importing.problems import SourceProblem
from products.importing.source import read_tables
from products.importing.specs import ImportFault
from products.importing.table import SourceRow, Table
from products.models.offers import MOST_BREAKS
from products.sourcing.pricing import Break

COLUMNS = (
    "product_number", "manufacturer", "mpn", "status", "preferred", "reason", "supplier", "supplier_part_number",
    "currency", "minimum_quantity", "order_multiple", "lead_time_days", "valid_from", "valid_to",
)  # fmt: skip
LONGEST = {"product_number": 50, "manufacturer": 200, "mpn": 100, "reason": 500, "supplier": 200,
           "supplier_part_number": 100}  # fmt: skip
_PAIR = re.compile(r"(?:quantity|price)_([1-9][0-9]?)")
_CURRENCY = re.compile(r"[A-Z]{3}")
_YES, _NO = frozenset({"yes", "y", "true", "1", "x"}), frozenset({"no", "n", "false", "0", ""})
_MOST_DAYS = 3650
_WHOLE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class OfferSpec:
    """A supplier's offer as a row gives it."""

    supplier: str
    supplier_part_number: str
    currency: str
    minimum_quantity: Decimal
    order_multiple: Decimal
    lead_time_days: int | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One row. ``mpn`` "" is the product itself; ``status`` None leaves a known source and makes a new one potential;
    ``offer`` is None where no supplier is named."""

    row: int
    product_number: str
    manufacturer: str
    mpn: str
    status: SourceStatus | None
    preferred: bool | None
    reason: str
    offer: OfferSpec | None


def read_sources(content: bytes, name: str) -> tuple[list[SourceSpec], list[ImportFault]]:
    """Read a file; return its rows and everything that is wrong in it. A row with a fault is not among the rows."""
    try:
        [table, *_others] = read_tables(content)
        columns = _columns(table)
    except SourceProblem as problem:
        return [], [ImportFault(name, problem.row, problem.column, problem.code, problem.message)]
    mark = decimal_mark(_numbers(table, columns), table.delimiter)
    specs, faults = [], []
    for row in table.rows[1:]:
        reader = _RowReader(row, columns, mark)
        spec = reader.spec()
        faults += [ImportFault(name, row.line, *fault) for fault in reader.faults]
        if not reader.faults:
            specs.append(spec)
    return specs, faults


def heading(pairs: int) -> list[str]:
    """Return the heading of a file with so many prices a row."""
    return [*COLUMNS, *(name for at in range(1, pairs + 1) for name in (f"quantity_{at}", f"price_{at}"))]


def _columns(table: Table) -> dict[str, int]:
    names = [cell.strip().lower() for cell in table.rows[0].cells]
    columns = {name: at for at, name in enumerate(names) if name in COLUMNS or _PAIR.fullmatch(name)}
    unknown = [name for name in names if name and name not in columns]
    if "product_number" not in columns or unknown:
        known = ", ".join([*COLUMNS, "quantity_1", "price_1", "…"])
        said = {"unknown": ", ".join(unknown) or "–", "known": known}
        message = _("The heading has unknown columns (%(unknown)s) or no product_number. Known are: %(known)s.") % said
        raise SourceProblem("unknown_columns", message, row=table.rows[0].line)
    return columns


def _numbers(table: Table, columns: dict[str, int]) -> Iterable[str]:
    places = [at for name, at in columns.items() if _PAIR.fullmatch(name) or name.endswith(("_quantity", "_multiple"))]
    return (row.cells[at] for row in table.rows[1:] for at in places if at < len(row.cells) and row.cells[at].strip())


class _RowReader:
    """Reads one row and notes (column, code, message) for each fault."""

    def __init__(self, row: SourceRow, columns: dict[str, int], mark: str) -> None:
        self.row, self.columns, self.mark = row, columns, mark
        self.faults: list[tuple[str, str, str]] = []

    def spec(self) -> SourceSpec:
        """Return what the row says; meaningless when there are faults."""
        manufacturer, mpn = self._text("manufacturer"), self._text("mpn")
        if bool(manufacturer) != bool(mpn):
            lacking = "mpn" if manufacturer else "manufacturer"
            self._fault(lacking, "missing_value", _("Manufacturer and MPN belong together."))
        supplier = self._text("supplier")
        status = self._status()
        reason = self._text("reason")
        if status == SourceStatus.DISQUALIFIED and not reason:
            self._fault("reason", "missing_value", _("Give a reason."))
        if not mpn and (not supplier or self._text("status")):
            self._fault("mpn", "missing_value", _("Name a manufacturer part, or a supplier of the product itself."))
        return SourceSpec(
            row=self.row.line,
            product_number=self._needed("product_number"),
            manufacturer=manufacturer,
            mpn=mpn,
            status=status,
            preferred=self._preferred(),
            reason=reason,
            offer=self._offer(supplier),
        )

    def _offer(self, supplier: str) -> OfferSpec | None:
        if not supplier:
            if any(_PAIR.fullmatch(name) and self._cell(name) for name in self.columns):
                self._fault("supplier", "missing_value", _("There are prices, but no supplier."))
            return None
        begin, end = self._date("valid_from"), self._date("valid_to")
        if begin and end and end <= begin:
            self._fault("valid_to", "bad_date", _("The end must be after the beginning."))
        return OfferSpec(
            supplier=supplier,
            supplier_part_number=self._text("supplier_part_number"),
            currency=self._currency(),
            minimum_quantity=self._number("minimum_quantity") or Decimal(0),
            order_multiple=self._number("order_multiple") or Decimal(0),
            lead_time_days=self._days(),
            valid_from=begin,
            valid_to=end,
            breaks=self._breaks(),
        )

    def _breaks(self) -> tuple[Break, ...]:
        found: dict[Decimal, Break] = {}
        numbers = sorted({int(match[1]) for name in self.columns if (match := _PAIR.fullmatch(name))})
        for at in numbers:
            quantity_name, price_name = f"quantity_{at}", f"price_{at}"
            quantity, price = self._number(quantity_name), self._number(price_name)
            if quantity is None and price is None:
                continue
            if quantity is None or price is None:
                lacking = quantity_name if quantity is None else price_name
                self._fault(lacking, "missing_value", _("Quantity and price belong together."))
            elif quantity == 0:
                self._fault(quantity_name, "zero_qty", _("The quantity is above 0."))
            elif quantity in found:
                self._fault(quantity_name, "duplicate", _("Each quantity has one price."))
            else:
                found[quantity] = Break(quantity, price)
        if not found and not self.faults:
            self._fault("price_1", "missing_value", _("Give at least one price."))
        if len(found) > MOST_BREAKS:
            self._fault("price_1", "too_long", _("At most %(count)s prices.") % {"count": MOST_BREAKS})
        return tuple(sorted(found.values(), key=lambda entry: entry.from_quantity))

    def _status(self) -> SourceStatus | None:
        text = self._text("status").lower()
        if text and text not in SourceStatus.values:
            self._fault("status", "unknown_status", _("Write one of: %s") % ", ".join(SourceStatus.values))
            return None
        return SourceStatus(text) if text else None

    def _preferred(self) -> bool | None:
        text = self._text("preferred").lower()
        if text not in _YES | _NO:
            self._fault("preferred", "not_yes_or_no", _("Write yes or no."))
        return None if "preferred" not in self.columns else text in _YES

    def _currency(self) -> str:
        text = self._text("currency").upper()
        if not _CURRENCY.fullmatch(text):
            self._fault("currency", "unknown_currency", _("Use the three-letter code of ISO 4217, such as EUR."))
        return text

    def _days(self) -> int | None:
        text = self._cell("lead_time_days")
        if not text:
            return None
        if not text.isdecimal() or int(text) > _MOST_DAYS:
            self._fault("lead_time_days", "not_a_number", _("Whole days, at most %(most)s.") % {"most": _MOST_DAYS})
            return None
        return int(text)

    def _date(self, name: str) -> dt.date | None:
        text = self._cell(name)
        if not text:
            return None
        try:
            return read_date(text)
        except ValueError:
            self._fault(name, "bad_date", _("%(text)s is not a date (YYYY-MM-DD).") % {"text": text[:40]})
            return None

    def _number(self, name: str) -> Decimal | None:
        """Read a quantity or price: not negative, at most 9 digits before the mark and 6 behind it."""
        text = self._cell(name)
        if not text:
            return None
        try:
            value = read_decimal(text, self.mark)
        except NotANumberError:
            self._fault(name, "not_a_number", _("%(text)s is not a number.") % {"text": text[:40]})
            return None
        if value < 0:
            self._fault(name, "negative_qty", _("%(text)s is below 0.") % {"text": text[:40]})
            return None
        fits = value < 10**_WHOLE_DIGITS and value == round(value, 6)
        if not fits:
            self._fault(name, "too_long", _("At most 9 digits before the decimal mark and 6 behind it."))
        return value if fits else None

    def _needed(self, name: str) -> str:
        text = self._text(name)
        if not text:
            self._fault(name, "missing_value", _("This column is empty."))
        return text

    def _text(self, name: str) -> str:
        text = self._cell(name)
        if len(text) > LONGEST.get(name, len(text)):
            self._fault(name, "too_long", _("At most %(limit)s characters.") % {"limit": LONGEST[name]})
        return text

    def _cell(self, name: str) -> str:
        at = self.columns.get(name)
        text = self.row.cells[at].strip() if at is not None and at < len(self.row.cells) else ""
        # What the export put before text that a spreadsheet would compute.
        return text[1:] if text[:1] == "'" and text[1:2] in _GUARDED else text

    def _fault(self, column: str, code: str, message: str) -> None:
        if (column, code, message) not in self.faults:
            self.faults.append((column, code, message))


_GUARDED = frozenset("=+-@＝＋－＠")
