"""Where the headings of a table stand, and the table seen through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from products.importing.alternates import column_pairs
from products.importing.columns import (
    COMPUTED,
    MAKER_FIELDS,
    SYNONYMS,
    chosen_columns,
    column_index,
    column_letter,
    heading_key,
    known_headings,
    map_columns,
)
from products.importing.numbers import is_empty
from products.importing.problems import SourceProblem
from products.importing.table import SourceRow, Table

_SEARCHED_ROWS = 60
_FEWEST_HEADINGS = 2


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A table whose headings are found: the rows above them, the rows below them, and which column holds which field.

    ``header_row`` is the line of the headings, None when the file has none: the columns were named by letter, or the
    file is a document or a bare list of names and quantities. ``alternates`` are the pairs of columns (maker, number)
    of alternates.
    """

    table: Table
    header_row: int | None
    headings: tuple[str, ...]
    fields: Mapping[str, int]
    above: tuple[SourceRow, ...]
    below: tuple[SourceRow, ...]
    alternates: tuple[tuple[int | None, int], ...] = ()

    def has(self, *fields: str) -> bool:
        """True when the file has a column for each of the fields."""
        return all(field in self.fields for field in fields)

    def text(self, row: SourceRow, field: str) -> str:
        """What the row says for a field, stripped; empty when that is nothing, ``-``, ``n/a`` and the like."""
        index = self.fields.get(field)
        if index is None or index >= len(row.cells):
            return ""
        text = row.cells[index].strip()
        return "" if is_empty(text) else text

    def column(self, field: str) -> str:
        """How the file calls a field's column, for messages: its heading, else its letter, else our name."""
        index = self.fields.get(field)
        if index is None:
            return field
        return self.headings[index] if index < len(self.headings) and self.headings[index] else column_letter(index)

    def others(self, row: SourceRow) -> dict[str, str]:
        """The filled cells of the columns that hold no field of ours, by heading (or letter)."""
        taken = {*self.fields.values(), *(index for pair in self.alternates for index in pair if index is not None)}
        found: dict[str, str] = {}
        for index, cell in enumerate(row.cells):
            named = self.headings[index] if index < len(self.headings) else ""
            if index not in taken and cell.strip() and heading_key(named) not in COMPUTED:
                found[named or column_letter(index)] = cell.strip()
        return found

    @property
    def mapping(self) -> dict[str, str]:
        """Field → heading of its column."""
        return {field: self.column(field) for field in self.fields}


def heading_score(table: Table) -> int:
    """How much a table looks like a bill of materials: the known headings in its best row."""
    if table.fields:
        return len(table.fields)
    return max((known_headings(row.cells) for row in table.rows[:_SEARCHED_ROWS]), default=0)


def map_table(table: Table, corrections: Mapping[str, str]) -> MappedTable:
    """Find the headings, which need not be in the first row, and say which column holds which field.

    The row with the most known headings is taken, the first of equals, at least two; headings named in ``corrections``
    count as known. Without such a row every correction must name its column by letter or number. Raises SourceProblem
    unknown_columns.
    """
    if table.fields:
        return _map_document(table, corrections)
    at = _heading_position(table, corrections)
    if at is None and not corrections:
        return _map_bare_list(table)
    headings = _unique_headings(table.rows[at].cells) if at is not None else ()
    chosen = chosen_columns(corrections, headings, table.width)
    below = table.rows[at + 1 :] if at is not None else table.rows

    def column(index: int) -> list[str]:
        return [row.cells[index] if index < len(row.cells) else "" for row in below]

    fields = map_columns(headings, column, chosen)
    pairs = column_pairs(headings, MAKER_FIELDS)
    return MappedTable(
        table=table,
        header_row=table.rows[at].line if at is not None else None,
        headings=headings,
        fields=fields,
        above=table.rows[:at] if at is not None else (),
        below=below,
        alternates=tuple(pair for pair in pairs if pair[1] not in fields.values()),
    )


def _map_document(table: Table, corrections: Mapping[str, str]) -> MappedTable:
    """A document knows its fields; ``corrections`` may still take another of its words for one."""
    headings = tuple(name.strip() for name in table.fields)
    fields = {name: index for index, name in enumerate(table.fields) if name in SYNONYMS}
    fields.update(chosen_columns(corrections, headings, len(headings)))
    fields = {name: index for name, index in fields.items() if index >= 0}
    return MappedTable(table, None, headings, fields, above=(), below=table.rows)


def _map_bare_list(table: Table) -> MappedTable:
    fields = {"name": 0, "quantity": 1}
    return MappedTable(table, None, (), fields, above=(), below=table.rows)


def _is_bare_list(table: Table) -> bool:
    """True for NopSCADlib's list without headings: two cells in every row, a name in apostrophes and a whole number.

    Other files without headings do not say which column is what; there the person does.
    """
    if table.quote != "'":
        return False
    pairs = [row.cells for row in table.rows]
    return all(len(pair) == 2 and not pair[0].strip().isdecimal() and pair[1].strip().isdecimal() for pair in pairs)


def _heading_position(table: Table, corrections: Mapping[str, str]) -> int | None:
    named = {heading_key(text) for text in corrections.values() if text.strip()}
    best, best_score = None, _FEWEST_HEADINGS - 1
    for position, row in enumerate(table.rows[:_SEARCHED_ROWS]):
        score = known_headings(row.cells) + len(named & {heading_key(cell) for cell in row.cells})
        if score > best_score:
            best, best_score = position, score
    if best is None and not corrections and _is_bare_list(table):
        return None
    if best is None and not (named and all(column_index(text.strip()) is not None for text in corrections.values())):
        message = _(
            "No heading row was found. Name the columns with --map, by letter when there are no headings, "
            "such as --map part_number=A --map quantity=B."
        )
        raise SourceProblem("unknown_columns", message, row=table.rows[0].line)
    return best


def _unique_headings(cells: Sequence[str]) -> tuple[str, ...]:
    """The headings, stripped; the second of two equal ones becomes "heading (2)"."""
    seen: set[str] = set()
    unique: list[str] = []
    for cell in cells:
        heading = base = " ".join(cell.split())
        count = 2
        while heading and heading in seen:
            heading, count = f"{base} ({count})", count + 1
        seen.add(heading)
        unique.append(heading)
    return tuple(unique)
