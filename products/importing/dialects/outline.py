"""Outline numbers: 2, 2.1, 2.2 … A row hangs below the nearest row above that has its number without the last part."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.importing.columns import look_like_outline
from products.importing.dialects.base import Dialect, Reading
from products.importing.draft import Draft
from products.importing.drafts import DraftReader
from products.importing.header import MappedTable
from products.importing.listings import Listing, find_repeats
from products.importing.rows import SkipReason
from products.importing.skipping import identifies_part, names_part, why_no_part
from products.importing.table import SourceRow

_FIELDS = ("outline", "level", "find_number")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an outline number stood last. ``above`` is the place it hung below then; None at the top."""

    listing: Listing | None
    above: Place | None


class Outline(Dialect):
    """The numbers are text: 3.10 is not 3.1. They need not be unique: what counts is the nearest row above."""

    name = "outline"
    title = gettext_lazy("Outline numbers")

    @classmethod
    def detects(cls, mapped: MappedTable) -> float:
        return 0.95 if _column(mapped) else 0.0

    def read(self, mapped: MappedTable, reader: DraftReader, parent_number: str) -> Reading:
        reading = Reading()
        field = _column(mapped) or next((name for name in _FIELDS if mapped.has(name)), "outline")
        tree = _Tree(mapped, field, parent_number)
        for row in mapped.below:
            if reason := _why_no_part(mapped, row, field):
                reading.skip(row.line, reason)
                continue
            reading.rows_read += 1
            draft = reader.read(row)
            draft.outline, draft.find_number = mapped.text(row, field).rstrip("."), None
            draft.attributes.pop("find_number", None)
            tree.hang(draft, reading)
        repeats = find_repeats(tree.listings, mapped.column("part_number"))
        for draft, home, level in tree.homes:
            reading.take(draft, repeats, level=level, parent_number=home.assembly)
        return reading


def _column(mapped: MappedTable) -> str:
    for field in _FIELDS:
        if mapped.has(field) and look_like_outline(mapped.text(row, field) for row in mapped.below):
            return field
    return ""


def _why_no_part(mapped: MappedTable, row: SourceRow, field: str) -> SkipReason | None:
    reason = why_no_part(mapped, row)
    if reason is not None:
        return reason
    if identifies_part(mapped, row) or names_part(mapped, row):
        return None if mapped.text(row, field) or mapped.text(row, "quantity") else SkipReason.NOTE
    return SkipReason.NOTE


class _Tree:
    def __init__(self, mapped: MappedTable, field: str, parent_number: str) -> None:
        self.column = mapped.column(field)
        self.field = field
        self.number_column = mapped.column("part_number")
        self.parent_number = parent_number
        texts = [text for row in mapped.below if (text := mapped.text(row, field))]
        self.highest = min((text.rstrip(".").count(".") for text in texts), default=0)  # dots of the top level
        self.top = Listing(assembly=None)
        self.listings = [self.top]
        self.homes: list[tuple[Draft, Listing, int]] = []
        self.places: dict[str, Place] = {}

    def hang(self, draft: Draft, reading: Reading) -> None:
        """Put a row below its parent, or note why that is not possible."""
        is_top = draft.outline.count(".") <= self.highest
        above_number = "" if is_top else draft.outline.rpartition(".")[0]
        above = self._place(above_number) if above_number else None
        if not draft.outline:
            draft.refuse(self.column, "missing_value", _("The outline number is missing."), field=self.field)
        elif above_number and above is None:
            message = _("No row above has the number %(number)s.") % {"number": above_number}
            draft.refuse(self.column, "bad_level", message, field=self.field)
        elif not above_number and draft.number == self.parent_number:
            draft.errors.clear()  # the parent itself: a quantity it has or lacks means nothing
            reading.parent = reading.parent or draft.parent_facts()
            self.places[draft.outline] = Place(self.top, None)
            return
        home = above.listing if above is not None else self.top
        self._open(draft, above)
        if home is None or (draft.errors and not draft.outline):
            reading.errors.extend(draft.errors)
            return
        if draft.number and draft.number == (home.assembly or self.parent_number):
            message = _("A product cannot be a part of itself.")
            draft.refuse(self.number_column, "same_parent_child", message, field="part_number")
        home.lines.append(draft)
        self.homes.append((draft, home, draft.outline.count(".") - self.highest + 1))

    def _open(self, draft: Draft, above: Place | None) -> None:
        listing = Listing(assembly=draft.number, heading=draft) if draft.number else None
        if listing is not None:
            self.listings.append(listing)
        self.places[draft.outline] = Place(listing, above)

    def _place(self, number: str) -> Place | None:
        """Return where a number stood last, unless a row higher up has begun anew since."""
        place = self.places.get(number)
        above = number.rpartition(".")[0]
        if place is not None and number.count(".") > self.highest and self._place(above) is not place.above:
            return None
        return place
