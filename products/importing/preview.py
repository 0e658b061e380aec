"""What a person needs to see to correct a mapping: the columns and sheets that a file has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from products.importing.columns import column_letter
from products.importing.header import MappedTable, heading_score, map_table
from products.importing.problems import SourceProblem
from products.importing.source import read_tables
from products.importing.table import SourceRow, Table

_LONGEST_SAMPLE = 40


@dataclass(frozen=True, slots=True)
class FileColumn:
    """One column. ``value`` names it in a mapping: heading, else letter. ``sample`` is its first filled cell."""

    value: str
    letter: str
    heading: str
    sample: str


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The columns of the sheet that is read, and the names of all sheets. Empty when the file is no table at all."""

    columns: tuple[FileColumn, ...] = ()
    sheets: tuple[str, ...] = ()
    has_headings: bool = False


def file_columns(content: bytes, *, sheet: str | None = None) -> FileColumns:
    """Return what the file has. Never raises for what is in it: ``read_bom`` says what is wrong."""
    try:
        tables = read_tables(content)
    except SourceProblem:
        return FileColumns()
    sheets = tuple(table.sheet for table in tables if table.sheet)
    named = [table for table in tables if sheet is not None and table.sheet == sheet]
    table = max(named or tables, key=heading_score)
    mapped = _mapped(table)
    headings = mapped.headings if mapped else ()
    rows = mapped.below if mapped else table.rows
    columns = [_column(index, headings, rows) for index in range(table.width)]
    return FileColumns(tuple(column for column in columns if column), sheets, mapped is not None)


def file_lines(content: bytes) -> int:
    """Return how many filled rows the file has: of several sheets the longest counts. 0 when it is no table at all.

    It costs about a tenth of reading what the rows mean.
    """
    try:
        return max((len(table.rows) for table in read_tables(content)), default=0)
    except SourceProblem:
        return 0


def corrections_of(chosen: Mapping[str, str], *, has_headings: bool) -> dict[str, str]:
    """Return the mapping to read with: what is left empty is taken out, so that nothing is guessed beside the choice.

    A file without headings takes no empty names: there nothing is guessed anyhow.
    """
    return {field: column for field, column in chosen.items() if column or has_headings}


def _mapped(table: Table) -> MappedTable | None:
    try:
        return map_table(table, {})
    except SourceProblem:
        return None


def _column(index: int, headings: tuple[str, ...], rows: tuple[SourceRow, ...]) -> FileColumn | None:
    heading = headings[index] if index < len(headings) else ""
    cells = (row.cells[index].strip() for row in rows[:50] if index < len(row.cells))
    sample = next((cell for cell in cells if cell), "")
    if not heading and not sample:
        return None
    letter = column_letter(index)
    short = sample if len(sample) <= _LONGEST_SAMPLE else f"{sample[: _LONGEST_SAMPLE - 1]}…"
    return FileColumn(heading or letter, letter, heading, " ".join(short.split()))
