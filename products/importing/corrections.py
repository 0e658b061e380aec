"""Corrections of single cells that a person makes while looking at a file: the file itself stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from products.importing.columns import SYNONYMS
from products.importing.header import MappedTable
from products.importing.table import SourceRow

MOST_CELLS = 1_000
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Corrections:
    """``cells``: (row, our field) → what shall stand there. ``left_out``: rows that shall not be imported."""

    cells: Mapping[tuple[int, str], str] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.cells or self.left_out)


def corrected(mapped: MappedTable, corrections: Corrections) -> tuple[MappedTable, list[int]]:
    """Return the table with the corrections in it, and the rows taken out. A field without a column gets one."""
    if not corrections:
        return mapped, []
    by_row: dict[int, dict[str, str]] = {}
    for (line, name), text in corrections.cells.items():
        if name in SYNONYMS:
            by_row.setdefault(line, {})[name] = text
    fields, headings = dict(mapped.fields), list(mapped.headings)
    width = max(mapped.table.width, len(headings))
    for name in sorted({name for cells in by_row.values() for name in cells} - fields.keys()):
        headings.extend([""] * (width - len(headings)))
        headings.append(name)
        fields[name], width = width, width + 1
    gone = [row.line for row in mapped.below if row.line in corrections.left_out]
    below = tuple(
        _row(row, by_row[row.line], fields) if row.line in by_row else row
        for row in mapped.below
        if row.line not in corrections.left_out
    )
    return replace(mapped, headings=tuple(headings), fields=fields, below=below), gone


def _row(row: SourceRow, cells: Mapping[str, str], fields: Mapping[str, int]) -> SourceRow:
    texts = list(row.cells)
    for name, text in cells.items():
        at = fields[name]
        texts.extend([""] * (at + 1 - len(texts)))
        texts[at] = text
    return replace(row, cells=tuple(texts))
