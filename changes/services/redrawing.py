"""One BOM line as a person edits it in a draft: all its redlines at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from changes.choices import RedlineOperation
from changes.line_settings import ATTRIBUTE_FIELDS, EFFECTIVITY_FIELDS, FIELDS_OF
from changes.merging import SUBSTITUTES
from changes.models import EngineeringChange, Redline
from changes.models.redline import COLUMNS
from changes.services.locked import draft_locked
from changes.services.redlines import redline_add, redline_remove, redline_update
from changes.services.setting_input import fields_checked, substitutes_given
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from products.models import BomLine, Product
from products.selectors.substitutes import substitutes_of_lines

# Kept where no value of theirs is named.
SETTING_OPERATIONS = frozenset(
    {RedlineOperation.EFFECTIVITY, RedlineOperation.ATTRIBUTES, RedlineOperation.SUBSTITUTES}
)
# The operation that carries each value of a line that changed.
CARRIED_BY = {
    "child_id": RedlineOperation.REPLACE,
    "quantity": RedlineOperation.QUANTITY,
    "unit_of_measure": RedlineOperation.UNIT,
    "find_number": RedlineOperation.FIND_NUMBER,
    "reference_designators": RedlineOperation.DESIGNATORS,
    **dict.fromkeys(EFFECTIVITY_FIELDS, RedlineOperation.EFFECTIVITY),
    **dict.fromkeys(ATTRIBUTE_FIELDS, RedlineOperation.ATTRIBUTES),
    SUBSTITUTES: RedlineOperation.SUBSTITUTES,
}


@transaction.atomic
def line_redraw(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    line_id: uuid.UUID,
    values: Mapping[str, Any],
    note: str = "",
    expected_version: int | None = None,
) -> list[Redline]:
    """Make the redlines of one line say what it is to be: ``values`` by the line's own field names and ``substitutes``,
    all or some. Effectivity, attributes and substitutes that are not named keep the redline they have.

    A value that is as before takes its redline away; a removal is taken back. A replaced part brings its own unit when
    the unit is left as it was. ``expected_version`` is the change's. Returns the redlines; none when nothing differs.
    Raises as ``redline_add``, and NotFound for a line that no affected product of the change has.
    """
    line, drawn = _line_of_draft(actor, change_id, line_id, expected_version)
    wanted = {**_wanted(line, values), **_wanted_settings(line, values, drawn)}
    kept = SETTING_OPERATIONS.difference(operation for name, operation in CARRIED_BY.items() if name in values)
    for operation, redline in drawn.items():
        if operation not in wanted and operation not in kept:
            redline_remove(actor=actor, redline_id=redline.pk)
    made: list[Redline] = []
    for operation, value in wanted.items():
        if operation in drawn:
            changes = {**value, "note": note}
            if operation == RedlineOperation.REPLACE:  # quantity and unit are told by redlines of their own
                changes |= {"quantity": None, "unit_of_measure": None}
            made.append(redline_update(actor=actor, redline_id=drawn[operation].pk, changes=changes))
        else:
            made.append(
                redline_add(
                    actor=actor, change_id=change_id, operation=operation, line_id=line.pk, values=value, note=note
                )
            )
    return made


@transaction.atomic
def line_strike(
    *, actor: Actor, change_id: uuid.UUID, line_id: uuid.UUID, note: str = "", expected_version: int | None = None
) -> Redline:
    """Redline the removal of a line; edits that were drawn on it are taken away. Raises as ``line_redraw``."""
    line, drawn = _line_of_draft(actor, change_id, line_id, expected_version)
    if RedlineOperation.REMOVE in drawn:
        return drawn[RedlineOperation.REMOVE]
    for redline in drawn.values():
        redline_remove(actor=actor, redline_id=redline.pk)
    return redline_add(actor=actor, change_id=change_id, operation=RedlineOperation.REMOVE, line_id=line.pk, note=note)


@transaction.atomic
def line_restore(
    *, actor: Actor, change_id: uuid.UUID, line_id: uuid.UUID, expected_version: int | None = None
) -> BomLine:
    """Take all redlines of a line away: it stays as it is. Raises as ``line_redraw``."""
    line, drawn = _line_of_draft(actor, change_id, line_id, expected_version)
    for redline in drawn.values():
        redline_remove(actor=actor, redline_id=redline.pk)
    return line


def _line_of_draft(
    actor: Actor, change_id: uuid.UUID, line_id: uuid.UUID, expected_version: int | None
) -> tuple[BomLine, dict[str, Redline]]:
    change: EngineeringChange = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    bases = change.affected.values("base_revision_id")
    line = BomLine.objects.select_related("child").filter(pk=line_id, parent_revision_id__in=bases).first()
    if line is None:
        raise NotFound(_("There is no such line in this change."))
    return line, {redline.operation: redline for redline in change.redlines.filter(line=line)}


def _wanted(line: BomLine, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the operations with their values that turn the line into ``values``."""
    wanted: dict[str, dict[str, Any]] = {}
    for name in COLUMNS:
        operation = CARRIED_BY[name]
        if name in values and not _same(line, name, values):
            wanted[operation] = {name: values[name]}
    return wanted


def _same(line: BomLine, name: str, values: Mapping[str, Any]) -> bool:
    if name == "reference_designators":
        return list(values[name]) == list(line.reference_designators)
    if values[name] == getattr(line, name):
        return True
    if name == "unit_of_measure" and values.get("child_id", line.child_id) != line.child_id:
        child = Product.objects.filter(pk=values["child_id"]).first()
        return child is not None and values[name] == child.unit_of_measure
    return False


def _wanted_settings(
    line: BomLine, values: Mapping[str, Any], drawn: Mapping[str, Redline]
) -> dict[str, dict[str, Any]]:
    """Return the same for effectivity, attributes and substitutes, each as a whole: what is named, and what was drawn."""
    wanted: dict[str, dict[str, Any]] = {}
    for kind, fields in FIELDS_OF.items():
        given = {name: values[name] for name in fields if name in values}
        if not given:
            continue
        said = drawn[kind].new_values() if kind in drawn else {}
        typed = fields_checked(kind, {**said, **given}, line)
        differing = {name: value for name, value in typed.items() if value != getattr(line, name)}
        if differing:
            wanted[kind] = {kind: differing}
    if SUBSTITUTES in values:
        of_line = {name: values.get(name) or getattr(line, name) for name in ("quantity", "unit_of_measure")}
        rows = substitutes_given(values[SUBSTITUTES], **of_line)
        if set(rows) != set(substitutes_of_lines([line.pk]).get(line.pk, ())):
            wanted[SUBSTITUTES] = {SUBSTITUTES: [one.stored() for one in rows]}
    return wanted
