"""Staggered columns: the column a part's number (or a mark) stands in shows its level."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy

from products.importing.dialects.base import Reading
from products.importing.dialects.levels import Levels
from products.importing.drafts import DraftReader
from products.importing.header import MappedTable
from products.importing.numbers import is_empty
from products.importing.table import SourceRow

_LEVEL_HEADING = re.compile(r"(?:level|lvl|l|ebene|stufe|niveau|indent)[ _.-]*(?P<level>[0-9])", re.IGNORECASE)
_MARK = re.compile(r"[xX*•✓+]")
_MOST_COLUMNS = 15


class Staggered(Levels):
    """Columns "Level 0", "Level 1" … or a part-number column that runs on under blank headings, one filled in each row.

    Where the filled cell only holds a mark, the number comes from its own column.
    """

    name = "staggered"
    title = gettext_lazy("Staggered columns")
    needs = ()

    @classmethod
    def detects(cls, mapped: MappedTable) -> float:
        return 0.93 if _columns(mapped) else 0.0

    def read(self, mapped: MappedTable, reader: DraftReader, parent_number: str) -> Reading:
        levelled = _levelled(mapped, _columns(mapped))
        return super().read(levelled, DraftReader(levelled, reader.known_unit), parent_number)


def _columns(mapped: MappedTable) -> Sequence[int]:
    """Return the columns, the highest level first; none when the file is not laid out that way."""
    named = [index for index, heading in enumerate(mapped.headings) if _LEVEL_HEADING.fullmatch(heading.strip())]
    columns = named if len(named) > 1 else _running_on(mapped)
    if len(columns) < 2:
        return ()
    filled = [[index for index in columns if _filled(row, index)] for row in mapped.below]
    one = sum(1 for indexes in filled if len(indexes) == 1)
    used = {indexes[0] for indexes in filled if len(indexes) == 1}
    parts = sum(1 for indexes in filled if indexes)
    return columns if len(used) > 1 and one * 10 >= parts * 9 else ()


def _running_on(mapped: MappedTable) -> list[int]:
    start = mapped.fields.get("part_number", mapped.fields.get("name"))
    if start is None:
        return []
    columns = [start]
    for index in range(start + 1, min(start + _MOST_COLUMNS, len(mapped.headings))):
        if mapped.headings[index] or index in mapped.fields.values():
            break
        columns.append(index)
    return columns


def _filled(row: SourceRow, index: int) -> bool:
    return index < len(row.cells) and not is_empty(row.cells[index])


def _levelled(mapped: MappedTable, columns: Sequence[int]) -> MappedTable:
    """Return the table with a level column, and the numbers in one column, added at its right end."""
    width = max(mapped.table.width, len(mapped.headings))
    rows = tuple(_levelled_row(row, columns, width) for row in mapped.below)
    marks_only = all(not (text := row.cells[width + 1]) or _MARK.fullmatch(text) for row in rows)
    fields = {name: index for name, index in mapped.fields.items() if index not in columns}
    fields["level"] = width
    if not marks_only:
        fields["part_number"] = width + 1
    first = mapped.headings[columns[0]] if columns else ""
    headings = (*mapped.headings, *[""] * (width - len(mapped.headings)), "level", first or "part_number")
    emptied = tuple(_without(row, columns) for row in rows)
    return replace(mapped, headings=headings, fields=fields, below=emptied)


def _levelled_row(row: SourceRow, columns: Sequence[int], width: int) -> SourceRow:
    at = next((position for position, index in enumerate(columns) if _filled(row, index)), None)
    padded = (*row.cells, *[""] * (width - len(row.cells)))
    added = ("", "") if at is None else (str(at), padded[columns[at]])
    return SourceRow(row.line, (*padded, *added), row.place)


def _without(row: SourceRow, columns: Sequence[int]) -> SourceRow:
    taken = set(columns)
    return SourceRow(row.line, tuple("" if at in taken else cell for at, cell in enumerate(row.cells)), row.place)
