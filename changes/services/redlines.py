"""Redlines: the edits a change proposes. A draft may hold unfinished ones; submitting judges the result of all."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from changes.choices import RedlineOperation
from changes.line_settings import KINDS, SETTING_FIELDS, entry_of, settings_of, settings_stored
from changes.merging import SUBSTITUTES
from changes.models import AffectedProduct, EngineeringChange, Redline
from changes.models.redline import COLUMNS, VALUE_FIELDS, VALUES
from changes.services.affected import note_edit
from changes.services.locked import draft_locked, redline_of_draft
from changes.services.setting_input import fields_checked, substitutes_given
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.core.exceptions import Conflict, ValidationFailed
from products.models import BomLine, Product
from products.selectors.substitutes import Substitute, substitutes_of_lines
from products.services.inputs import apply, clean
from products.units import unit_code


@transaction.atomic
def redline_add(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    operation: str,
    line_id: uuid.UUID | None = None,
    affected_id: uuid.UUID | None = None,
    values: Mapping[str, Any] | None = None,
    note: str = "",
    expected_version: int | None = None,
) -> Redline:
    """Draw a redline in a draft: on a line of an affected product's base revision, or an addition (``affected_id``).

    ``values``: child_id, quantity, unit_of_measure (code or name), find_number, reference_designators, effectivity and
    attributes (objects of the line's own fields), substitutes (a list of all that the line is to have), as far as the
    operation takes them (``models.redline.VALUES``). ``expected_version`` is the change's. Raises ValidationFailed
    for an unknown line, product, unit or operation and for missing values, Conflict when the line is removed and
    edited, or has this operation already. A unit that is not the child's, or a cycle, is found when the change is
    submitted.
    """
    change = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    if operation not in RedlineOperation.values:
        raise ValidationFailed.field("operation", _("Unknown operation: %s") % operation)
    if operation == RedlineOperation.ADD:
        affected, line = _affected_for_addition(change, affected_id, line_id), None
    else:
        affected, line = _affected_of_line(change, affected_id, line_id)
        _refuse_contradiction(change, line, operation)
    _refuse_without_revision(affected)
    redline = Redline(
        tenant_id=actor.tenant_id,
        change=change,
        affected=affected,
        line=line,
        operation=operation,
        position=(change.redlines.aggregate(last=Max("position"))["last"] or 0) + 1,
        note=note,
        before=line_before(line, _substitutes_of(line)) if line else {},
    )
    _fill(redline, values or {})
    redline.save_as(actor, reason=_("redline drawn"))
    note_edit(actor, change, _("redline added"))
    return redline


@transaction.atomic
def redline_update(
    *, actor: Actor, redline_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> Redline:
    """Change the values or the note of a redline in a draft. Its line and operation stay; for others draw another.

    Effectivity, attributes and substitutes are each told as a whole: what is not named there is left alone. A conflict is
    settled by another value: of what it is about, or of another column. Raises as ``redline_add``.
    """
    redline = redline_of_draft(actor, redline_id)
    redline.expect_version(expected_version)
    before = {name: getattr(redline, name) for name in (*VALUE_FIELDS, "note")}
    said = redline.new_values()
    apply(redline, {name: value for name, value in changes.items() if name == "note"}, allowed=frozenset({"note"}))
    _fill(redline, {name: value for name, value in changes.items() if name != "note"})
    changed = [name for name, value in before.items() if getattr(redline, name) != value]
    if changed:
        if set(changed) - {"note"}:  # somebody has decided what it is to be
            now = redline.new_values()
            redline.conflicts = [told for told in redline.conflicts if _is_left(told, said, now)]
        redline.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(changed)})
        note_edit(actor, redline.change, _("redline changed"))
    return redline


@transaction.atomic
def redline_remove(
    *, actor: Actor, redline_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Redline:
    """Take a redline out of a draft."""
    redline = redline_of_draft(actor, redline_id)
    redline.expect_version(expected_version)
    redline.soft_delete_as(actor, reason=reason or _("redline removed"))
    note_edit(actor, redline.change, _("redline removed"))
    return redline


def line_before(line: BomLine, substitutes: Sequence[Substitute] = ()) -> dict[str, Any]:
    """Return what a line says now, as a redline keeps it; of what goes beyond its columns only what is not ordinary."""
    return {
        "line_id": str(line.pk),
        "child_id": str(line.child_id),
        "product_number": line.child.product_number,
        "product_name": line.child.product_name,
        "quantity": plain(line.quantity),
        "unit_of_measure": line.unit_of_measure,
        "find_number": line.find_number,
        "reference_designators": line.reference_designators,
        **settings_of(line, substitutes),
    }


def _substitutes_of(line: BomLine) -> Sequence[Substitute]:
    return substitutes_of_lines([line.pk]).get(line.pk, ())


def _is_left(told: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a conflict is still open: about a setting that says what it said. Any edit settles those of the columns."""
    name = told["field"]
    if name not in (*SETTING_FIELDS, SUBSTITUTES):
        return False
    return bool(entry_of(before.get(name), told.get("key", "")) == entry_of(after.get(name), told.get("key", "")))


def _affected_for_addition(
    change: EngineeringChange, affected_id: uuid.UUID | None, line_id: uuid.UUID | None
) -> AffectedProduct:
    if line_id is not None:
        raise ValidationFailed.field("line_id", _("An addition has no line yet."))
    affected = change.affected.filter(pk=affected_id).first() if affected_id else None
    if affected is None:
        raise ValidationFailed.field("affected_id", _("Name the affected product of this change to add the line to."))
    return affected


def _affected_of_line(
    change: EngineeringChange, affected_id: uuid.UUID | None, line_id: uuid.UUID | None
) -> tuple[AffectedProduct, BomLine]:
    line = BomLine.objects.select_related("child").filter(pk=line_id).first() if line_id else None
    found = change.affected.filter(base_revision_id=line.parent_revision_id).first() if line else None
    if line is None or found is None or affected_id not in (None, found.pk):
        raise ValidationFailed.field(
            "line_id", _("Name a line of the revision that an affected product of this change is based on.")
        )
    return found, line


def _refuse_without_revision(affected: AffectedProduct) -> None:
    if not affected.gets_revision:
        message = _("%(number)s gets no revision in this change: “%(action)s” has no redlines.") % {
            "number": affected.product.product_number,
            "action": affected.action.label,
        }
        raise Conflict(message, details={"affected_id": [message]})


def _refuse_contradiction(change: EngineeringChange, line: BomLine, operation: str) -> None:
    others = set(change.redlines.filter(line=line).values_list("operation", flat=True))
    if operation in others:
        message = _("The line has such a redline already; change that one.")
    elif RedlineOperation.REMOVE in others or (others and operation == RedlineOperation.REMOVE):
        message = _("A line cannot be both removed and edited in one change.")
    else:
        return
    raise Conflict(message, details={"operation": [message]})


def _fill(redline: Redline, values: Mapping[str, Any]) -> None:
    """Set and check the new values. What the operation does not take is refused, what it needs must be there."""
    takes, needs = VALUES[redline.operation]
    faults = {name: [_("This kind of redline has no such value.")] for name in sorted(set(values) - takes)}
    for name in COLUMNS:
        if name in values and name in takes:
            setattr(redline, name, values[name])
    for name in sorted(needs - set(KINDS)):
        if getattr(redline, name) is None:
            faults[name] = [_("This value is needed.")]
    if redline.unit_of_measure is not None:
        code = unit_code(redline.unit_of_measure)
        if code is None:
            faults["unit_of_measure"] = [_("Unknown unit: %(unit)s") % {"unit": redline.unit_of_measure}]
        redline.unit_of_measure = code
    if redline.child_id is not None and not Product.objects.filter(pk=redline.child_id).exists():
        faults["child_id"] = [_("There is no such product.")]
    marks = redline.reference_designators
    if marks is not None and not (isinstance(marks, list) and all(isinstance(mark, str) and mark for mark in marks)):
        faults["reference_designators"] = [_("Reference designators are a list of distinct words.")]
    if faults:
        raise ValidationFailed(_("Please check the marked fields."), details=faults)
    clean(redline, exclude=("change", "affected", "line", "child"))
    _fill_settings(redline, {kind: values[kind] for kind in KINDS if kind in values})
    for kind in sorted(needs.intersection(KINDS).difference(redline.settings or ())):
        raise ValidationFailed.field(kind, _("This value is needed."))


def _fill_settings(redline: Redline, given: Mapping[str, Any]) -> None:
    """Set effectivity, attributes and substitutes as far as they are given; None or nothing leaves the line's alone."""
    settings = dict(redline.settings or {})
    refusals: list[ValidationFailed] = []
    for kind, value in given.items():
        settings.pop(kind, None)
        try:
            settings |= {} if value is None else settings_stored(_read(redline, kind, value)) or {}
        except ValidationFailed as refusal:
            refusals.append(refusal)
    if refusals:
        details = {name: texts for refusal in refusals for name, texts in refusal.details.items()}
        raise ValidationFailed(refusals[0].message, details=details)
    redline.settings = settings or None


def _read(redline: Redline, kind: str, given: Any) -> dict[str, Any]:
    if kind == SUBSTITUTES:
        return {SUBSTITUTES: _substitutes_read(redline, given)}
    return fields_checked(kind, given, redline.line)


def _substitutes_read(redline: Redline, given: Any) -> tuple[Substitute, ...]:
    line = redline.line
    if line is not None:
        return substitutes_given(given, quantity=line.quantity, unit_of_measure=line.unit_of_measure)
    assert redline.quantity is not None  # an addition needs it
    unit = redline.unit_of_measure
    if unit is None:
        unit = Product.objects.filter(pk=redline.child_id).values_list("unit_of_measure", flat=True).get()
    return substitutes_given(given, quantity=redline.quantity, unit_of_measure=unit)
