"""A table of text cells with the line numbers of the file, and the limits every file has to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELL = 131_072  # characters; a spreadsheet's own limit is 32,767


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its line in the file (the first line is 1) and its cells, as text.

    In a document (XML, JSON, several linked files) ``line`` counts its parts from 1 and ``place`` says where one stands.
    """

    line: int
    cells: tuple[str, ...]
    place: str = ""

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read: without blank rows, with the line numbers kept. ``sheet`` is a spreadsheet's.

    A document that says itself what is what comes with its ``fields`` (by column) and the name of its ``dialect``;
    ``subject`` is what it says of the product whose parts it lists (name, description, revision), ``notes`` the places
    in it that are no parts, with the reason.
    """

    rows: tuple[SourceRow, ...]
    encoding: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    sheet: str | None = None
    dialect: str = ""
    fields: tuple[str, ...] = ()
    subject: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[tuple[int, str], ...] = ()

    @property
    def width(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)
