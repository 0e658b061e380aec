"""A flat list: every part row is a line of the one parent. KiCad, Altium, shopping lists."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from products.importing.dialects.base import Dialect, Reading
from products.importing.drafts import DraftReader
from products.importing.header import MappedTable
from products.importing.listings import Listing, find_repeats
from products.importing.skipping import why_no_flat_part

_NAMING = ("part_number", "mpn", "supplier_part_number", "name", "value")


class Flat(Dialect):
    """One level. A file without a quantity column counts the designators."""

    name = "flat"
    title = _("Flat list")

    @classmethod
    def detects(cls, mapped: MappedTable) -> float:
        if not (mapped.has("quantity") or mapped.has("reference")):
            return 0.0
        named = any(mapped.has(field) for field in _NAMING)
        return 0.0 if not named else 0.6 if mapped.has("reference") else 0.4

    def read(self, mapped: MappedTable, reader: DraftReader, parent_number: str) -> Reading:
        reading = Reading()
        listing = Listing(assembly=None)
        for row in mapped.below:
            if reason := why_no_flat_part(mapped, row):
                reading.skip(row.line, reason)
            else:
                listing.lines.append(reader.read(row))
        repeats = find_repeats([listing], mapped.column("part_number"))
        for draft in listing.lines:
            reading.rows_read += 1
            reading.take(draft, repeats, level=1, parent_number=None)
        return reading
