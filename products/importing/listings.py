"""Sub-assemblies that a file lists more than once.

A sub-assembly used in two places often stands in the file twice, with its lines below it both times. The first listing
defines it; the lines of the later ones are repeats. Where a later listing says something else than the first, which of
them is right is not for us to guess: the row is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from products.importing.draft import Draft
from products.importing.rows import SkippedRow, SkipReason


@dataclass(slots=True)
class Listing:
    """One place in the file where the lines of an assembly stand. ``heading`` is the assembly's own row."""

    assembly: str | None
    heading: Draft | None = None
    lines: list[Draft] = field(default_factory=list)


def find_repeats(listings: list[Listing], column: str) -> dict[int, SkippedRow]:
    """The rows that repeat an earlier line, by row. Rows that contradict one get an error (conflicting_line)."""
    repeats: dict[int, SkippedRow] = {}
    defined: dict[str | None, Listing] = {}
    for listing in listings:
        _find_doubles(listing, repeats)
        if not listing.lines:
            continue
        first = defined.setdefault(listing.assembly, listing)
        if first is not listing:
            _compare(first, listing, repeats, column)
    return repeats


def _find_doubles(listing: Listing, repeats: dict[int, SkippedRow]) -> None:
    """A row that equals another of the same listing in every cell is that line once more, not a second line."""
    seen: dict[tuple[str, ...], Draft] = {}
    for draft in listing.lines:
        cells = tuple(cell.strip() for cell in draft.source.cells)
        first = seen.setdefault(cells, draft)
        if first is not draft:
            repeats[draft.row] = _repeat(draft, first)


def _compare(first: Listing, later: Listing, repeats: dict[int, SkippedRow], column: str) -> None:
    left: dict[str, list[Draft]] = {}
    for draft in first.lines:
        if draft.row not in repeats:
            left.setdefault(draft.number, []).append(draft)
    for draft in later.lines:
        if draft.row in repeats or not draft.number:
            continue
        same_child = left.get(draft.number, [])
        match = next((other for other in same_child if _agree(other, draft)), None)
        if match is not None:
            same_child.remove(match)
            repeats[draft.row] = _repeat(draft, match)
        elif same_child:
            other = same_child.pop(0)
            message = _("Row %(row)d lists this line of %(assembly)s otherwise.")
            _contradict(draft, column, message, row=other.row, assembly=first.assembly)
        else:
            message = _("The listing of %(assembly)s from row %(row)d on has no such line.")
            _contradict(draft, column, message, row=first.lines[0].row, assembly=first.assembly)
    missing = min((draft.row for drafts in left.values() for draft in drafts), default=None)
    if missing is not None and later.heading is not None:
        message = _("The line in row %(row)d is missing in this second listing of %(assembly)s.")
        _contradict(later.heading, column, message, row=missing, assembly=first.assembly)


def _agree(first: Draft, second: Draft) -> bool:
    # Find numbers are left out: many files number their rows straight through. A row in error contradicts nothing.
    return bool(first.errors) or (
        first.quantity == second.quantity
        and first.unit == second.unit
        and first.not_fitted == second.not_fitted
        and (not first.references or not second.references or set(first.references) == set(second.references))
    )


def _repeat(draft: Draft, of: Draft) -> SkippedRow:
    return SkippedRow(row=draft.row, reason=SkipReason.REPEAT.value, repeats=of.row)


def _contradict(draft: Draft, column: str, message: str, *, row: int, assembly: str | None) -> None:
    if not draft.errors:
        draft.refuse(column, "conflicting_line", message % {"row": row, "assembly": assembly or _("the parent")})
