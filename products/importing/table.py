"""A table of text cells with the line numbers of the file, and the limits every file has to keep."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELL = 131_072  # characters; a spreadsheet's own limit is 32,767


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its line in the file (the first line is 1) and its cells, as text."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read: without blank rows, with the line numbers kept. ``sheet`` is a spreadsheet's."""

    rows: tuple[SourceRow, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None

    @property
    def width(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)
