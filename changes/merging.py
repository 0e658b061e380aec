"""How two edits of one BOM line come together: a three-way merge, field by field. No database.

``base`` is the line both started from; ``theirs`` what the other change released, ``mine`` what this one proposes; None is
a line that was removed. The rules, each the same in both directions, so that merging A then B gives what B then A gives
wherever nothing conflicts (``tests/changes/test_merging.py``):

- A field that one side left as it was takes the other's value; a field both set to the same is agreed.
- Designators are a set: what either added is in, what either removed is out.
- Where base and both sides count their designators (a quantity in pieces equal to their number), the merged quantity is
  the number of the merged designators.
- Attributes of one's own and substitutes are merged entry by entry, by name and by product: an entry that one side left
  as it was (or left out) takes the other's. What has become the part itself is no substitute of it any more.
- Anything else that both changed, differently, is a conflict: of the field, or of the entry (``key``). Until a person
  settles it, the released value stands.
- A removed line stays removed. Where the other side edited it, that is a conflict of the whole line (``LINE``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

DESIGNATORS, QUANTITY, UNIT = "reference_designators", "quantity", "unit_of_measure"
CHILD, CUSTOM, SUBSTITUTES = "child_id", "custom_attributes", "substitutes"
KEYED = frozenset({CUSTOM, SUBSTITUTES})  # objects that are merged entry by entry
FIELDS = (
    CHILD, QUANTITY, UNIT, "find_number", DESIGNATORS, "effective_from", "effective_to", "serials", "condition", "line_type",
    "is_optional", "attrition_percent", "setup_quantity", "rounding_multiple", "notes", CUSTOM, SUBSTITUTES,
)  # fmt: skip
LINE = "line"
COUNTED = "each"  # the unit of which every piece may have a place of its own
_DIGITS = re.compile(r"(\d+)")

Line = Mapping[str, Any]  # a value for each of FIELDS; those of KEYED by the name of the attribute, by the product


class Absent:
    """That there is no such entry, which is not the same as one that says nothing."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True)
class FieldConflict:
    """One field that a person has to decide; for a removed line the field is ``LINE`` and a side that removed says None. Of
    a field in ``KEYED`` it is the entry ``key``, and a side without it says ``ABSENT``.
    """

    field: str
    base: Any
    theirs: Any
    mine: Any
    key: Any = ""


@dataclass(frozen=True)
class Merged:
    """What comes of a line: its values with theirs where a conflict is open, None where it is removed."""

    line: Line | None
    conflicts: tuple[FieldConflict, ...] = ()


def line_merge(base: Line, theirs: Line | None, mine: Line | None) -> Merged:
    """Merge two edits of one line."""
    if theirs is None or mine is None:
        other = mine if theirs is None else theirs
        if other is None or _same(base, other):
            return Merged(None)
        return Merged(None, (FieldConflict(LINE, dict(base), _plainly(theirs), _plainly(mine)),))
    merged: dict[str, Any] = {}
    conflicts: list[FieldConflict] = []
    for field in FIELDS:
        if field == DESIGNATORS:
            merged[field] = designators_merge(base[field], theirs[field], mine[field])
        elif field in KEYED:
            merged[field], open_entries = _entries_merge(field, base[field], theirs[field], mine[field])
            conflicts += open_entries
        elif theirs[field] == mine[field] or mine[field] == base[field]:
            merged[field] = theirs[field]
        elif theirs[field] == base[field]:
            merged[field] = mine[field]
        else:
            merged[field] = theirs[field]
            conflicts.append(FieldConflict(field, base[field], theirs[field], mine[field]))
    if merged[UNIT] == COUNTED and all(map(_counts, (base, theirs, mine))):
        merged[QUANTITY] = Decimal(len(merged[DESIGNATORS]))
        conflicts = [one for one in conflicts if one.field != QUANTITY]
    if CHILD not in {one.field for one in conflicts}:  # a part is no substitute for itself
        merged[SUBSTITUTES].pop(merged[CHILD], None)
        conflicts = [one for one in conflicts if (one.field, one.key) != (SUBSTITUTES, merged[CHILD])]
    return Merged(merged, tuple(conflicts))


def designators_merge(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> list[str]:
    """Return the merged designators: one side's list as it is where the other changed nothing, else those of the base
    that both kept, in its order, then what was added, in the order in which people count (R2 before R10).
    """
    if set(mine) == set(base):
        return list(theirs)
    if set(theirs) == set(base) or set(theirs) == set(mine):
        return list(mine)
    kept = [mark for mark in base if mark in set(theirs) and mark in set(mine)]
    added = (set(theirs) | set(mine)) - set(base)
    return [*kept, *sorted(added, key=_counting)]


def _entries_merge(
    field: str, base: Mapping[Any, Any], theirs: Mapping[Any, Any], mine: Mapping[Any, Any]
) -> tuple[dict[Any, Any], list[FieldConflict]]:
    """Merge two objects entry by entry, theirs first; with the entries that both changed, differently."""
    merged: dict[Any, Any] = {}
    conflicts: list[FieldConflict] = []
    for key in dict.fromkeys([*theirs, *mine, *base]):
        was, one, other = (side.get(key, ABSENT) for side in (base, theirs, mine))
        value = one
        if one == was:
            value = other
        elif other not in (one, was):
            conflicts.append(FieldConflict(field, was, one, other, key))
        if value is not ABSENT:
            merged[key] = value
    return merged, conflicts


def changed_fields(before: Line, after: Line) -> set[str]:
    """Return the fields that differ; the order of designators is no difference."""
    return {field for field in FIELDS if not _equal(field, before[field], after[field])}


def _same(one: Line, other: Line) -> bool:
    return not changed_fields(one, other)


def _equal(field: str, one: Any, other: Any) -> bool:
    return set(one) == set(other) if field == DESIGNATORS else bool(one == other)


def _counts(line: Line) -> bool:
    marks: Iterable[str] = line[DESIGNATORS]
    return bool(line[UNIT] == COUNTED and line[QUANTITY] == len(set(marks)) and marks)


def _plainly(line: Line | None) -> Any:
    return None if line is None else dict(line)


def _counting(mark: str) -> list[tuple[int, Any]]:
    return [(1, int(part)) if part.isdigit() else (0, part) for part in _DIGITS.split(mark)]
