"""What a row of the redline picture says of effectivity, attributes and substitutes, before and after, in words."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from changes.line_words import label_of, numbers_in, words_of
from changes.merging import KEYED, SUBSTITUTES
from changes.selectors.difference import MORE_FIELDS, DifferenceRow
from products.selectors.substitutes import Substitute


@dataclass(frozen=True)
class Said:
    """One value in words, of a substitute or attribute one entry; ``old`` is another where it changes, empty for none."""

    field: str
    label: str
    value: str
    old: str

    @property
    def is_changed(self) -> bool:
        """Whether there is an old value to strike."""
        return self.old != self.value


def serial_numbers(rows: Iterable[DifferenceRow]) -> dict[uuid.UUID, str]:
    """Return the numbers of the end items that rows name. One query, none without serial numbers."""
    return numbers_in(values for row in rows for values in (row.values, {one.field: one.old for one in row.changes}))


def more_said(row: DifferenceRow, numbers: Mapping[uuid.UUID, str]) -> Iterator[Said]:
    """Yield what a row says beyond its columns; of one that changes only what differs."""
    is_changed = row.kind == "changed"
    for name in MORE_FIELDS:
        if name not in (row.changed_fields if is_changed else row.values):
            continue
        old, new = row.old(name), row.values.get(name)
        if name in KEYED:
            yield from _entries_said(name, old, new, is_changed=is_changed)
        else:
            value = words_of(name, new, numbers)
            yield Said(name, label_of(name), value, words_of(name, old, numbers) if is_changed else value)


def said_words(field: str, value: Any) -> str:
    """Return a whole stored value as the history tells it."""
    if field not in KEYED:
        return words_of(field, value)
    entries = _entries(field, value)
    return "; ".join(f"{_label(field, key, entries[key])}: {_words(field, entries, key)}" for key in entries)


def _entries_said(name: str, old: Any, new: Any, *, is_changed: bool) -> Iterator[Said]:
    was, now = _entries(name, old), _entries(name, new)
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key) or not is_changed:
            value, before = (_words(name, side, key) for side in (now, was))
            label = _label(name, key, now.get(key, was.get(key)))
            yield Said(f"{name}.{key}", label, value, before if is_changed else value)


def _entries(name: str, value: Any) -> Mapping[str, Any]:
    """Return attributes or substitutes by what they are told apart by."""
    return {row["product_id"]: row for row in value or ()} if name == SUBSTITUTES else value or {}


def _label(name: str, key: str, entry: Any) -> str:
    return label_of(name, entry["product_number"] if name == SUBSTITUTES else key)


def _words(name: str, side: Mapping[str, Any], key: str) -> str:
    if key not in side:
        return ""
    return Substitute.read(side[key]).facts() if name == SUBSTITUTES else words_of(name, side[key])
