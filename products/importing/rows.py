"""What reading a bill of materials yields: frozen rows, and why the other rows are not among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from products.importing.alternates import Alternate
from products.importing.header import MappedTable


class SkipReason(StrEnum):
    """Why a row makes no line. The last four are part rows all the same and count as read."""

    TITLE = "title"
    HEADING = "heading"
    SECTION = "section"
    NOTE = "note"
    TOTAL = "total"
    ALTERNATE = "alternate"
    NO_QUANTITY = "no_quantity"
    NOT_FITTED_LIST = "not_fitted_list"
    LEFT_OUT = "left_out"
    REPEAT = "repeat"
    COMBINED = "combined"
    NOT_FITTED = "not_fitted"
    OTHER_STRUCTURE = "other_structure"


SKIP_LABELS: dict[SkipReason, str | Promise] = {
    SkipReason.TITLE: _("title above the headings"),
    SkipReason.HEADING: _("headings"),
    SkipReason.SECTION: _("section heading"),
    SkipReason.NOTE: _("note"),
    SkipReason.TOTAL: _("total"),
    SkipReason.ALTERNATE: _("alternate of the row above"),
    SkipReason.NO_QUANTITY: _("neither a quantity nor a part number"),
    SkipReason.NOT_FITTED_LIST: _("list of designators that are not fitted"),
    SkipReason.LEFT_OUT: _("left out by you"),
    SkipReason.COMBINED: _("same part as before, counted there"),
    SkipReason.REPEAT: _("repeats a line that is listed before"),
    SkipReason.NOT_FITTED: _("marked as not fitted"),
    SkipReason.OTHER_STRUCTURE: _("belongs to another structure than the parent's"),
}


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One line to be made: a child below a parent.

    ``parent_number`` is None when the parent is the product the file is imported under. ``level`` is 1 for its
    children (None where a file does not say). ``unit`` is the code of products.units, empty when the file names no
    unit; ``unit_text`` is what the file says. ``quantity`` is above 0. ``unit_cost`` is in the file's own currency;
    ``mass_kg`` is the mass of one unit of measure, None where the file's mass cannot be brought to kilograms.
    ``attributes`` holds all the row says of the part beyond these, by field (value, footprint, manufacturer, mpn,
    mass …) or by the file's own heading; ``number_derived: True`` marks a number made up by
    products.importing.identity. ``quantity`` and ``references`` are what is fitted; ``not_fitted`` are the designators
    that the row names and a remark takes out again. ``alternates`` are other makers' parts for this one, ``outline``
    the row's outline number, ``use`` what it says of type, units, options, attrition and set-up
    (``line_use.read_line_use``).
    """

    row: int
    level: int | None
    parent_number: str | None
    number: str
    name: str
    description: str
    quantity: Decimal
    unit: str
    unit_text: str
    find_number: int | None
    references: tuple[str, ...]
    revision: str
    effective_from: date | None
    effective_to: date | None
    unit_cost: Decimal | None
    mass_kg: Decimal | None
    note: str
    attributes: Mapping[str, str | bool]
    raw: tuple[str, ...]
    alternates: tuple[Alternate, ...] = ()
    not_fitted: tuple[str, ...] = ()
    outline: str = ""
    use: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParentFacts:
    """What the file says of the parent itself, where the parent has a row of its own."""

    row: int
    name: str
    description: str
    revision: str
    attributes: Mapping[str, str | bool]


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that makes no line. ``reason`` is a SkipReason's value; ``repeats`` the earlier row with the same line.

    ``parent_number`` (None: the import's parent), ``number``, ``quantity`` and ``references`` are those of a part that
    is not fitted; ``text`` is the beginning of what the row says.
    """

    row: int
    reason: str
    repeats: int | None = None
    text: str = ""
    parent_number: str | None = None
    number: str = ""
    quantity: Decimal | None = None
    references: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The reason in words, in the reader's language."""
        return str(SKIP_LABELS[SkipReason(self.reason)])


@dataclass(frozen=True, slots=True)
class RowError:
    """Something wrong in a row. ``row`` is the line in the file (0: the file itself), ``column`` its heading.

    ``field`` is our field that the cell is for, where there is one: a correction of the cell names it.
    """

    row: int
    column: str
    code: str
    message: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class ParsedBom:
    """All that a file says. With any error nothing may be written: all or nothing.

    ``rows_read`` counts the part rows recognised: those in ``rows``, those in error, the parent's own row, repeats,
    combined rows and parts not fitted. ``warnings`` are what a person should look at; they stop nothing.
    ``rows_define_products`` is False when the rows only name products that must exist already (or stand as parents in
    the file); then an unknown child is an unknown_part.
    """

    dialect: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    rows_read: int = 0
    rows: tuple[ParsedRow, ...] = ()
    skipped: tuple[SkippedRow, ...] = ()
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()
    parent: ParentFacts | None = None
    rows_define_products: bool = True
    table: MappedTable | None = field(default=None, repr=False, compare=False)

    def cell_text(self, row: int, name: str) -> str:
        """Return what stands in a row for a field of ours, as it was read."""
        if self.table is None:
            return ""
        found = next((source for source in self.table.below if source.line == row), None)
        index = self.table.fields.get(name)
        return found.cells[index] if found and index is not None and index < len(found.cells) else ""

    @property
    def parent_numbers(self) -> tuple[str, ...]:
        """The sub-assemblies: the numbers that have lines of their own in the file, in order of appearance."""
        return tuple(dict.fromkeys(row.parent_number for row in self.rows if row.parent_number is not None))
