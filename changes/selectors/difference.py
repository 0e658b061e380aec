"""The redline picture: for each affected product its lines, with what is added, removed and changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from changes.choices import RedlineOperation
from changes.line_settings import SETTING_FIELDS, ordinary, settings_flat, settings_of, value_stored
from changes.merging import SUBSTITUTES
from changes.models import AffectedProduct, EngineeringChange, Redline
from plm_project.core.decimals import plain
from products.models import BomLine

Kind = Literal["unchanged", "added", "removed", "changed"]
# The fields of a row in the order in which they are shown.
FIELDS = ("find_number", "product_number", "product_name", "quantity", "unit_of_measure", "reference_designators")
MORE_FIELDS = (*SETTING_FIELDS, SUBSTITUTES)  # those that say nothing of an ordinary line


@dataclass(frozen=True)
class FieldChange:
    """One value of a line, before and after; both as they are shown (decimals plain, designators as a tuple), effectivity,
    attributes and substitutes as ``line_settings.py`` stores them.
    """

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class DifferenceRow:
    """One line. ``values`` are the new ones (for a removed line the old); ``changes`` those that differ. Of ``MORE_FIELDS``
    those stand there that are not ordinary, or not what they were; the substitutes of an unchanged line do not.

    ``redlines`` are the redlines behind it, for the buttons that edit or remove them.
    """

    kind: Kind
    line_id: uuid.UUID | None
    values: Mapping[str, Any]
    changes: tuple[FieldChange, ...] = ()
    redlines: tuple[Redline, ...] = ()

    def old(self, field: str) -> Any:
        """Return the value before the change."""
        return next((change.old for change in self.changes if change.field == field), self.values.get(field))

    @property
    def changed_fields(self) -> frozenset[str]:
        """The names of the fields that differ."""
        return frozenset(change.field for change in self.changes)


@dataclass(frozen=True)
class AffectedDifference:
    """One affected product with its rows by find number."""

    affected: AffectedProduct
    rows: tuple[DifferenceRow, ...]

    @property
    def changed_rows(self) -> tuple[DifferenceRow, ...]:
        """The rows that are not as they were."""
        return tuple(row for row in self.rows if row.kind != "unchanged")


def change_difference(change: EngineeringChange) -> list[AffectedDifference]:
    """Return the picture of a change, as it was drawn, also long after it was implemented. A product that gets no revision has
    no rows. Few queries per change.
    """
    affected = list(change.affected.select_related("product", "base_revision", "resulting_revision", "replacement"))
    redlines: dict[uuid.UUID, list[Redline]] = {}
    for redline in change.redlines.select_related("child", "line__child"):
        redlines.setdefault(redline.affected_id, []).append(redline)
    lines: dict[uuid.UUID, list[BomLine]] = {}
    revisions = [entry.base_revision_id for entry in affected if entry.gets_revision]
    for line in BomLine.objects.filter(parent_revision_id__in=revisions).select_related("child"):
        lines.setdefault(line.parent_revision_id, []).append(line)
    return [
        AffectedDifference(entry, _rows(lines.get(entry.base_revision_id, []), redlines.get(entry.pk, [])))
        for entry in affected
    ]


def drawn_rows(redlines: Iterable[Redline]) -> tuple[DifferenceRow, ...]:
    """Return the rows that these redlines of one affected product touch, without the lines around them. No query
    when ``child`` was read along.
    """
    return _rows([], list(redlines))


def _rows(lines: list[BomLine], redlines: list[Redline]) -> tuple[DifferenceRow, ...]:
    on_line: dict[uuid.UUID | None, list[Redline]] = {}
    for redline in redlines:
        on_line.setdefault(redline.line_id, []).append(redline)
    additions = on_line.pop(None, [])
    # A revision that was edited in place holds the added lines by now: they are shown by their redlines.
    made = {redline.pk for redline in additions}
    rows = [
        DifferenceRow("unchanged", line.pk, _values(line))
        for line in lines
        if line.pk not in on_line and line.pk not in made
    ]
    rows += [_edited(line_id, found) for line_id, found in on_line.items()]
    rows += [_added(redline) for redline in additions]
    last = max((row.values["find_number"] or 0 for row in rows), default=0)
    return tuple(sorted(rows, key=lambda row: (row.old("find_number") or last + 1, row.kind == "added")))


def _values(line: BomLine) -> dict[str, Any]:
    return {
        "find_number": line.find_number,
        "product_id": line.child_id,
        "product_number": line.child.product_number,
        "product_name": line.child.product_name,
        "quantity": plain(line.quantity),
        "unit_of_measure": line.unit_of_measure,
        "reference_designators": tuple(line.reference_designators),
        **settings_of(line),
    }


def _edited(line_id: uuid.UUID | None, redlines: list[Redline]) -> DifferenceRow:
    # Those drawn before there were settings told nothing of them.
    more = {name: redline.before[name] for redline in redlines for name in MORE_FIELDS if name in redline.before}
    before = {**more, **redlines[0].before}
    old = {name: before.get(name) for name in FIELDS} | {name: before[name] for name in MORE_FIELDS if name in before}
    old["product_id"] = uuid.UUID(before["child_id"])
    old["reference_designators"] = tuple(before.get("reference_designators") or ())
    if any(redline.operation == RedlineOperation.REMOVE for redline in redlines):
        return DifferenceRow("removed", line_id, old, (), tuple(redlines))
    new = dict(old)
    for redline in redlines:
        new.update(_new_values(redline, explicit_unit=any(r.operation == RedlineOperation.UNIT for r in redlines)))
    told = [name for name in MORE_FIELDS if name in new]
    old = {**{name: _nothing(name) for name in told}, **old}
    changes = tuple(FieldChange(name, old[name], new[name]) for name in (*FIELDS, *told) if old[name] != new[name])
    return DifferenceRow("changed", line_id, new, changes, tuple(redlines))


def _nothing(name: str) -> Any:
    return [] if name == SUBSTITUTES else value_stored(ordinary(name))


def _new_values(redline: Redline, *, explicit_unit: bool) -> dict[str, Any]:
    values = redline.new_values() | settings_flat(redline.settings)
    if "quantity" in values:
        values["quantity"] = plain(Decimal(values["quantity"]))
    if "reference_designators" in values:
        values["reference_designators"] = tuple(values["reference_designators"])
    if values.pop("child_id", None) and redline.child is not None:
        values["product_id"] = redline.child_id
        values["product_number"] = redline.child.product_number
        values["product_name"] = redline.child.product_name
        if not explicit_unit:
            values.setdefault("unit_of_measure", redline.child.unit_of_measure)
    return values


def _added(redline: Redline) -> DifferenceRow:
    values: dict[str, Any] = {**dict.fromkeys(FIELDS), "reference_designators": (), "product_id": redline.child_id}
    values.update(_new_values(redline, explicit_unit=False))
    return DifferenceRow("added", None, values, (), (redline,))
