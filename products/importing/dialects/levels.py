"""A level column, depth first: a row belongs to the nearest row above it that is one level higher up."""

from __future__ import annotations

import re
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.importing.dialects.base import Dialect, Reading
from products.importing.draft import Draft
from products.importing.drafts import DraftReader
from products.importing.header import MappedTable
from products.importing.listings import Listing, find_repeats
from products.importing.rows import SkipReason
from products.importing.skipping import identifies_part, names_part, why_no_part
from products.importing.table import SourceRow

# 2, 2.0, ..2, +2, "  2": the number with whatever shows the indenting before it
_LEVEL = re.compile(r"[.+>|_*\s]*([0-9]{1,3})(?:\.0+)?")


class Levels(Dialect):
    """The file's lowest level is the parent itself where its number says so; otherwise it is the parent's children."""

    name = "levels"
    title = gettext_lazy("Level column")
    needs: ClassVar[tuple[str, ...]] = ("level",)

    @classmethod
    def detects(cls, mapped: MappedTable) -> float:
        if not mapped.has("level"):
            return 0.0
        texts = [text for row in mapped.below if (text := mapped.text(row, "level"))]
        fitting = sum(1 for text in texts if _LEVEL.fullmatch(text))
        return 0.9 if texts and fitting * 2 >= len(texts) else 0.2

    def read(self, mapped: MappedTable, reader: DraftReader, parent_number: str) -> Reading:
        reading = Reading()
        placed: list[tuple[int | None, Draft]] = []
        for row in mapped.below:
            if reason := _why_no_part(mapped, row):
                reading.skip(row.line, reason)
            else:
                draft = reader.read(row)
                placed.append((_level(mapped, draft), draft))
        reading.rows_read = len(placed)
        _Tree(mapped, parent_number, placed).fill(reading)
        return reading


def _why_no_part(mapped: MappedTable, row: SourceRow) -> SkipReason | None:
    reason = why_no_part(mapped, row)
    if reason is not None:
        return reason
    part = identifies_part(mapped, row) or (names_part(mapped, row) and bool(mapped.text(row, "quantity")))
    if mapped.text(row, "level"):
        return None if part or mapped.text(row, "quantity") else SkipReason.SECTION
    return None if part and mapped.text(row, "quantity") else SkipReason.NOTE


def _level(mapped: MappedTable, draft: Draft) -> int | None:
    text = mapped.text(draft.source, "level")
    match = _LEVEL.fullmatch(text)
    if match:
        return int(match[1])
    message = _("The level is missing.") if not text else _("“%(text)s” is not a level.") % {"text": text[:40]}
    draft.refuse(mapped.column("level"), "bad_level" if text else "missing_value", message, field="level")
    return None


class _Tree:
    """Hangs every row under its parent, and keeps apart each place where an assembly's lines are listed."""

    def __init__(self, mapped: MappedTable, parent_number: str, placed: list[tuple[int | None, Draft]]) -> None:
        self.mapped = mapped
        self.parent_number = parent_number
        self.placed = placed
        self.lowest = min((level for level, _draft in placed if level is not None), default=0)
        lowest = [draft for level, draft in placed if level == self.lowest]
        self.parent_rows = {draft.row for draft in lowest if draft.number == parent_number}
        self.top = Listing(assembly=None)
        self.listings = [self.top]
        # level → where the lines one level below it go; None when the row at that level is in error
        self.open: dict[int, Listing | None] = {}
        self.previous: int | None = None

    def fill(self, reading: Reading) -> None:
        """Place all rows, find the repeats among them, and put them into the reading."""
        homes: list[tuple[Draft, int, Listing]] = []
        for level, draft in self.placed:
            listing = self._place(level, draft, reading)
            if level is not None and listing is not None:
                listing.lines.append(draft)
                homes.append((draft, level, listing))
            elif draft.errors:
                reading.errors.extend(draft.errors)
        repeats = find_repeats(self.listings, self.mapped.column("part_number"))
        offset = self.lowest if self.parent_rows else self.lowest - 1
        for draft, level, listing in homes:
            reading.take(draft, repeats, level=level - offset, parent_number=listing.assembly)

    def _place(self, level: int | None, draft: Draft, reading: Reading) -> Listing | None:
        """The listing the row is a line of, or None: it is the parent itself, or its place is not known."""
        if level is None:
            return None
        previous, self.previous = self.previous, level
        for deeper in [each for each in self.open if each >= level]:
            del self.open[deeper]
        if draft.row in self.parent_rows:
            self.open[level] = self.top
            # As the parent it needs no quantity, and a quantity it has means nothing.
            draft.errors.clear()
            reading.parent = reading.parent or draft.parent_facts()
            return None
        if level == self.lowest:
            return self._place_at_top(level, draft)
        if level > (self.lowest - 1 if previous is None else previous) + 1:
            self.open[level] = None
            message = _("The level jumps to %(level)d; a row one level higher up is missing above.")
            draft.refuse(self.mapped.column("level"), "bad_level", message % {"level": level}, field="level")
            return None
        return self._place_below(level, draft)

    def _place_at_top(self, level: int, draft: Draft) -> Listing | None:
        if not self.parent_rows:
            self._open(level, draft)
            return self.top
        self.open[level] = None
        message = _("The row stands beside %(parent)s, not below it.") % {"parent": self.parent_number}
        draft.refuse(self.mapped.column("level"), "bad_level", message, field="level")
        return None

    def _place_below(self, level: int, draft: Draft) -> Listing | None:
        home = self.open.get(level - 1)
        if home is None:  # the row above it is in error; that is told there
            self.open[level] = None
            return None
        above = home.assembly if home.assembly is not None else self.parent_number
        if draft.number and draft.number == above:
            message = _("A product cannot be a part of itself.")
            draft.refuse(self.mapped.column("part_number"), "same_parent_child", message, field="part_number")
        self._open(level, draft)
        return home

    def _open(self, level: int, draft: Draft) -> None:
        if not draft.number:
            self.open[level] = None
            return
        listing = Listing(assembly=draft.number, heading=draft)
        self.listings.append(listing)
        self.open[level] = listing
