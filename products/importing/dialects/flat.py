"""A flat list: every part row is a line of the one parent. KiCad, Altium, shopping lists."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from products.importing.designators import look_like_designators, split_designators
from products.importing.dialects.base import Dialect, Reading
from products.importing.drafts import DraftReader
from products.importing.fitting import opens_unfitted_section
from products.importing.header import MappedTable
from products.importing.listings import Listing, find_repeats
from products.importing.numbers import is_empty
from products.importing.rows import SkippedRow, SkipReason
from products.importing.skipping import why_no_flat_part
from products.importing.table import SourceRow

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
        fitted = True
        for row in mapped.below:
            reason = why_no_flat_part(mapped, row)
            if reason is None:
                draft = reader.read(row)
                draft.not_fitted = draft.not_fitted or not fitted
                listing.lines.append(draft)
            elif reason == SkipReason.ALTERNATE and listing.lines:
                reader.add_alternate(listing.lines[-1], row)
                reading.skip(row.line, reason)
            else:
                fitted = _skip(mapped, row, reason, reading, fitted=fitted)
        repeats = {**self.combine(listing), **find_repeats([listing], mapped.column("part_number"))}
        for draft in listing.lines:
            reading.rows_read += 1
            reading.take(draft, repeats, level=1, parent_number=None)
        return reading

    def combine(self, listing: Listing) -> dict[int, SkippedRow]:
        """The rows counted in with an earlier one: none, unless a dialect lists every single piece."""
        return {}


def _skip(mapped: MappedTable, row: SourceRow, reason: SkipReason, reading: Reading, *, fitted: bool) -> bool:
    """Note a row that is no part. Returns whether the parts below it are fitted: a section row may say they are not."""
    texts = [cell.strip() for cell in row.cells if not is_empty(cell)]
    if not fitted and len(texts) == 1 and look_like_designators(texts):
        reading.skip(row.line, SkipReason.NOT_FITTED_LIST, references=split_designators(texts[0]))
        return fitted
    reading.skip(row.line, reason)
    if len(texts) != 1 or reason not in (SkipReason.SECTION, SkipReason.NO_QUANTITY):
        return fitted
    return not opens_unfitted_section(texts[0])
