"""Reads a whole item master and its structure (parts.csv and bom.csv of INTERFACES.md) into specs.

parts.csv: number,name,kind,level,uom,unit_cost,mass_kg,lifecycle,created; also product_type, lifecycle_phase,
description, tags (separated by semicolons), target_cost; other columns become attributes.
bom.csv: parent,child,find_no,quantity,uom[,effective_from,effective_to,refdes,notes,line_type,is_optional,line_condition,
effective_serials,attrition_percent,setup_quantity,rounding_multiple]; other columns become attributes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from products.choices import LifecyclePhase, ProductType, RevisionState
from products.importing.csv_source import decode
from products.importing.dates import read_date
from products.importing.designators import split_designators
from products.importing.line_use import USE_COLUMNS, UseRefused, read_line_use
from products.importing.numbers import NotANumberError, read_decimal
from products.importing.problems import SourceProblem
from products.importing.specs import ImportFault, LineSpec, ProductSpec
from products.units import unit_code

PART_COLUMNS = ("number", "name")
LINE_COLUMNS = ("parent", "child", "quantity")
KIND = {"assembly": ProductType.SUBASSEMBLY, "purchased": ProductType.PURCHASED}
# lifecycle in the file → the first revision's state and the product's phase
LIFECYCLE = {
    "released": (RevisionState.RELEASED, LifecyclePhase.PRODUCTION),
    "in_work": (RevisionState.IN_WORK, LifecyclePhase.DEVELOPMENT),
    "preliminary": (RevisionState.IN_WORK, LifecyclePhase.CONCEPT),
    "obsolete": (RevisionState.OBSOLETE, LifecyclePhase.OBSOLETE),
}
_PART_KNOWN = frozenset(
    {"number", "name", "kind", "level", "uom", "unit_cost", "mass_kg", "lifecycle", "created", "product_type"}
    | {"lifecycle_phase", "description", "tags", "target_cost"}
)
_LINE_KNOWN = frozenset(
    {"parent", "child", "find_no", "quantity", "uom", "effective_from", "effective_to", "refdes", "notes"}
    | set(USE_COLUMNS.values())
)
T = TypeVar("T")
MONEY_PLACES, QUANTITY_PLACES, DIGITS = 4, 6, 15


class RowRefused(Exception):
    """One cell is wrong."""

    def __init__(self, column: str, code: str, message: str) -> None:
        super().__init__(message)
        self.column, self.code, self.message = column, code, message


def read_parts(content: bytes, file: str) -> tuple[list[ProductSpec], list[ImportFault]]:
    """Read the item master."""
    return _read(content, file, PART_COLUMNS, _part)


def read_lines(content: bytes, file: str) -> tuple[list[LineSpec], list[ImportFault]]:
    """Read the structure."""
    return _read(content, file, LINE_COLUMNS, _line)


def _read(
    content: bytes, file: str, required: tuple[str, ...], make: Callable[[dict[str, str], str, int], T]
) -> tuple[list[T], list[ImportFault]]:
    specs: list[T] = []
    faults: list[ImportFault] = []
    try:
        for row, cells in _rows(content, required):
            try:
                specs.append(make(cells, file, row))
            except RowRefused as refusal:
                faults.append(ImportFault(file, row, refusal.column, refusal.code, refusal.message))
    except SourceProblem as problem:
        faults.append(ImportFault(file, problem.row, problem.column, problem.code, problem.message))
    if not specs and not faults:
        faults.append(ImportFault(file, 1, "", "empty_file", _("There are no rows below the headings.")))
    return specs, faults


def _rows(content: bytes, required: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row that is not blank as {heading: cell} with its line number; the heading is line 1."""
    text, _encoding = decode(content)
    reader = csv.reader(io.StringIO(text, newline=""))
    headings = [heading.strip().lower() for heading in next(reader, [])]
    if not any(headings):
        raise SourceProblem("empty_file", _("The file is empty."))
    missing = [name for name in required if name not in headings]
    if missing:
        raise SourceProblem("unknown_columns", _("These columns are missing: %s") % ", ".join(missing), row=1)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(headings, (cell.strip() for cell in cells), strict=False))
    except csv.Error as error:
        raise SourceProblem("bad_encoding", _("The row cannot be read: %s") % error, row=reader.line_num) from error


def _part(cells: dict[str, str], file: str, row: int) -> ProductSpec:
    number = _needed(cells, "number")
    lifecycle = cells.get("lifecycle") or "preliminary"
    if lifecycle not in LIFECYCLE:
        raise RowRefused("lifecycle", "unknown_value", _("Use one of: %s") % ", ".join(LIFECYCLE))
    state, phase = LIFECYCLE[lifecycle]
    fields: dict[str, Any] = {
        "product_name": cells.get("name") or number,
        "product_type": _product_type(cells),
        "custom_attributes": {name: text for name, text in cells.items() if name not in _PART_KNOWN and text},
    }
    if cells.get("uom"):
        fields["unit_of_measure"] = _unit(cells["uom"])
    for column, name, places in (
        ("unit_cost", "current_cost", MONEY_PLACES),
        ("target_cost", "target_cost", MONEY_PLACES),
        ("mass_kg", "mass_kg", QUANTITY_PLACES),
    ):
        if cells.get(column):
            fields[name] = _number(cells[column], column, places)
    if cells.get("description"):
        fields["product_description"] = cells["description"]
    if cells.get("tags"):
        fields["tags"] = [tag.strip() for tag in cells["tags"].split(";") if tag.strip()]
    return ProductSpec(
        number=number,
        fields=fields,
        file=file,
        row=row,
        state=state,
        phase=_choice(cells, "lifecycle_phase", LifecyclePhase) or phase,
        since=_date(cells, "created"),
    )


def _line(cells: dict[str, str], file: str, row: int) -> LineSpec:
    parent, child = _needed(cells, "parent"), _needed(cells, "child")
    quantity = _number(_needed(cells, "quantity"), "quantity", QUANTITY_PLACES, negative_code="negative_qty")
    if quantity == 0:
        raise RowRefused("quantity", "zero_qty", _("The quantity must be above 0."))
    since, until = _date(cells, "effective_from"), _date(cells, "effective_to")
    if since and until and until <= since:
        raise RowRefused("effective_to", "bad_date", _("The end must be after the beginning."))
    try:
        use = read_line_use(cells)
    except UseRefused as refusal:
        raise RowRefused(refusal.column, refusal.code, refusal.message) from refusal
    return LineSpec(
        parent=parent,
        child=child,
        quantity=quantity,
        file=file,
        row=row,
        unit=_unit(cells["uom"]) if cells.get("uom") else "",
        find_number=_find_number(cells.get("find_no", "")),
        reference_designators=split_designators(cells.get("refdes", "")),
        effective_from=since,
        effective_to=until,
        notes=cells.get("notes", ""),
        attributes={name: text for name, text in cells.items() if name not in _LINE_KNOWN and text},
        use=use,
    )


def _needed(cells: dict[str, str], column: str) -> str:
    if not cells.get(column):
        raise RowRefused(column, "missing_value", _("A value is missing."))
    return cells[column]


def _unit(text: str) -> str:
    code = unit_code(text)
    if code is None:
        raise RowRefused("uom", "unknown_uom", _("Unknown unit: %s") % text[:40])
    return code


def _number(text: str, column: str, places: int, *, negative_code: str = "negative_value") -> Decimal:
    try:
        value = read_decimal(text)
    except NotANumberError:
        raise RowRefused(column, "not_a_number", _("Not a number: %s") % text[:40]) from None
    if value < 0:
        raise RowRefused(column, negative_code, _("The value must not be negative."))
    exponent = value.normalize().as_tuple().exponent
    if (isinstance(exponent, int) and -exponent > places) or value >= Decimal(10) ** (DIGITS - places):
        message = _("At most %(digits)s digits, %(places)s of them decimals.") % {"digits": DIGITS, "places": places}
        raise RowRefused(column, "too_long", message)
    return value


def _find_number(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**31:
        raise RowRefused("find_no", "not_a_number", _("A find number is a whole number above 0."))
    return int(text)


def _date(cells: dict[str, str], column: str) -> dt.date | None:
    if not cells.get(column):
        return None
    try:
        return read_date(cells[column])
    except ValueError:
        raise RowRefused(column, "bad_date", _("Not a date: %s") % cells[column][:40]) from None


def _product_type(cells: dict[str, str]) -> ProductType:
    given = _choice(cells, "product_type", ProductType)
    if given:
        return given
    kind = cells.get("kind") or "purchased"
    if kind not in KIND:
        raise RowRefused("kind", "unknown_value", _("Use one of: %s") % ", ".join(KIND))
    return KIND[kind]


def _choice(cells: dict[str, str], column: str, choices: Any) -> Any:
    text = cells.get(column)
    if not text:
        return None
    if text not in choices.values:
        raise RowRefused(column, "unknown_value", _("Use one of: %s") % ", ".join(choices.values))
    return choices(text)
