"""A parent column and a child column: every row is one line, in any order."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.importing.dialects.base import Dialect, Reading
from products.importing.draft import Draft
from products.importing.drafts import DraftReader
from products.importing.header import MappedTable
from products.importing.listings import Listing, find_repeats
from products.importing.rows import SkipReason
from products.importing.skipping import identifies_part, why_no_part


class ParentChild(Dialect):
    """A row without a parent is a line of the import's parent, or the parent's own row.

    Without a column of names the children must exist already or stand as parents in the file.
    """

    name = "parent_child"
    title = gettext_lazy("Parent and child columns")
    needs = ("parent", "part_number")

    @classmethod
    def detects(cls, mapped: MappedTable) -> float:
        if not mapped.has("parent", "part_number"):
            return 0.0
        return 1.0 if mapped.has("quantity") else 0.5

    def read(self, mapped: MappedTable, reader: DraftReader, parent_number: str) -> Reading:
        reading = Reading(rows_define_products=mapped.has("name") or mapped.has("description"))
        listings: dict[str, Listing] = {}
        placed: list[tuple[str, Draft]] = []
        for row in mapped.below:
            reason = why_no_part(mapped, row)
            parent = " ".join(mapped.text(row, "parent").split())
            if reason is None and not parent and not identifies_part(mapped, row):
                reason = SkipReason.NOTE
            if reason is not None:
                reading.skip(row.line, reason)
                continue
            reading.rows_read += 1
            draft = reader.read(row)
            if not parent and draft.number == parent_number:
                reading.parent = reading.parent or draft.parent_facts()
                continue
            placed.append((parent or parent_number, draft))
        for parent, draft in placed:
            self._check(mapped, parent, draft)
            listings.setdefault(parent, Listing(assembly=parent)).lines.append(draft)
        repeats = find_repeats(list(listings.values()), mapped.column("part_number"))
        below = _all_below(listings, parent_number)
        for parent, draft in placed:
            if parent in below or draft.errors:
                at = None if parent == parent_number else parent
                reading.take(draft, repeats, level=below.get(parent), parent_number=at)
            else:
                reading.skip(draft.row, SkipReason.OTHER_STRUCTURE)
        return reading

    @staticmethod
    def _check(mapped: MappedTable, parent: str, draft: Draft) -> None:
        if draft.number and not mapped.text(draft.source, "part_number"):
            draft.refuse(
                mapped.column("part_number"), "missing_value", _("The child is missing."), field="part_number"
            )
        elif draft.number == parent:
            message = _("A product cannot be a part of itself.")
            draft.refuse(mapped.column("part_number"), "same_parent_child", message, field="part_number")


def _all_below(listings: dict[str, Listing], parent_number: str) -> dict[str, int]:
    """The assemblies reached from the parent → the level of their lines, by the shortest way. Cycles do no harm."""
    reached = {parent_number: 1} if parent_number in listings else {}
    queue = list(reached)
    for assembly in queue:
        for draft in listings[assembly].lines:
            if draft.number in listings and draft.number not in reached:
                reached[draft.number] = reached[assembly] + 1
                queue.append(draft.number)
    return reached
