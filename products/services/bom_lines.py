"""BOM lines: add, change, remove. Only in a revision that is in work; the structure lock makes the cycle check hold."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.core.exceptions import ValidationFailed
from plm_project.core.locks import Lock, take
from plm_project.outbox.events import publish
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.history import record_in_bulk
from products import events, permissions
from products.conditions import condition_text
from products.effectivity import serial_ranges, serials_stored
from products.exceptions import CycleRefused
from products.models import BomLine, Product, ProductRevision
from products.models.bom_line import designators_differ
from products.selectors.cycles import cycle_path
from products.services.inputs import LINE_FIELDS, LineInput, apply, clean, clean_some
from products.services.locked import line_locked, revision_editable
from products.services.substitute_copies import substitutes_settle
from products.unit_conversion import converted

FIND_NUMBER_STEP = 10
MEASURED = ("quantity", "setup_quantity", "rounding_multiple")  # in the line's unit
# What decides whether a line has as many designators as pieces.
COUNTING = frozenset({"quantity", "unit_of_measure", "reference_designators"})


@transaction.atomic
def line_add(*, actor: Actor, revision_id: uuid.UUID, line: LineInput, expected_version: int | None = None) -> BomLine:
    """Add a line to a revision in work. A quantity in another unit than the child's is converted to it, exactly.

    Raises NotFound, RevisionFrozen, RevisionResting, ValidationFailed (quantity, unit, find number), CycleRefused with
    the path, and PreconditionFailed when the revision changed since ``expected_version``. Publishes bom_changed.
    """
    actor.require(permissions.BOM_UPDATE)
    take(Lock.STRUCTURE, actor.tenant_id)
    revision = revision_editable(revision_id)
    revision.expect_version(expected_version)
    return lines_insert(actor, revision, [line])[0]


@transaction.atomic
def line_update(
    *, actor: Actor, line_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> BomLine:
    """Change a line of a revision in work; the same errors and event as ``line_add``.

    A quantity with another unit than the child's is converted; a unit without its quantity is refused.
    """
    actor.require(permissions.BOM_UPDATE)
    take(Lock.STRUCTURE, actor.tenant_id)
    line = line_locked(line_id)
    line.expect_version(expected_version)
    before = line_facts(line)
    child = children_of([changes["child_id"]])[changes["child_id"]] if "child_id" in changes else line.child
    differences = apply(line, in_own_unit(changes, child), allowed=frozenset(LINE_FIELDS))
    if not differences:
        return line
    if "child_id" in differences:
        line.child = child
        if "unit_of_measure" not in changes:
            line.unit_of_measure = line.child.unit_of_measure
    check_line(line, line.child, touched=_touched(before, line))
    check_end_items([line])
    _check_find_numbers(line.parent_revision, [line])
    if "child_id" in differences:
        _check_cycle(line.parent_revision.product, line.child)
    line.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))})
    if "child_id" in differences:
        substitutes_settle(actor, [line.pk])
    publish_bom_changed(actor, line.parent_revision, changed=[line_change(before, line_facts(line))])
    return line


@transaction.atomic
def line_remove(*, actor: Actor, line_id: uuid.UUID, reason: str = "", expected_version: int | None = None) -> BomLine:
    """Take a line off a revision in work. It stays in the history."""
    actor.require(permissions.BOM_UPDATE)
    line = line_locked(line_id)
    line.expect_version(expected_version)
    facts = line_facts(line)
    line.soft_delete_as(actor, reason=reason or _("removed"))
    publish_bom_changed(actor, line.parent_revision, removed=[facts])
    return line


def lines_insert(
    actor: Actor, revision: ProductRevision, inputs: Sequence[LineInput], *, prefix: str = ""
) -> list[BomLine]:
    """Add lines to a revision the caller has locked or just made, with few statements. Raises as ``line_add``."""
    take(Lock.STRUCTURE, actor.tenant_id)
    children = children_of([entry.child_id for entry in inputs], prefix=prefix)
    next_find = (revision.lines.aggregate(last=Max("find_number"))["last"] or 0) + FIND_NUMBER_STEP
    lines = []
    for index, entry in enumerate(inputs):
        child = children[entry.child_id]
        place = f"{prefix}[{index}]." if prefix else ""
        given = {name: getattr(entry, name) for name in ("unit_of_measure", *MEASURED)}
        own = in_own_unit(given, child, prefix=place)
        line = BomLine(
            tenant_id=actor.tenant_id,
            parent_revision=revision,
            child=child,
            quantity=own["quantity"],
            unit_of_measure=own["unit_of_measure"] or child.unit_of_measure,
            find_number=entry.find_number if entry.find_number is not None else next_find,
            reference_designators=list(entry.reference_designators),
            effective_from=entry.effective_from,
            effective_to=entry.effective_to,
            notes=entry.notes,
            custom_attributes=dict(entry.custom_attributes or {}),
            serials=entry.serials,
            condition=entry.condition,
            line_type=entry.line_type,
            is_optional=entry.is_optional,
            attrition_percent=entry.attrition_percent,
            setup_quantity=own["setup_quantity"],
            rounding_multiple=own["rounding_multiple"],
            created_by_id=actor.user_id,
            updated_by_id=actor.user_id,
            version=1,
        )
        next_find = max(next_find, line.find_number + FIND_NUMBER_STEP)
        check_line(line, child, prefix=place)
        lines.append(line)
    check_end_items(lines)
    _check_find_numbers(revision, lines)
    _check_cycle(revision.product, *(line.child for line in lines))
    insert_in_bulk(BomLine, lines)
    record_in_bulk(BomLine, lines, actor, reason=_("added"), kind="+")
    publish_bom_changed(actor, revision, added=[line_facts(line) for line in lines])
    return lines


def children_of(product_ids: Sequence[uuid.UUID], *, prefix: str = "") -> dict[uuid.UUID, Product]:
    """Return the products to stand on lines; raise ValidationFailed naming the first that does not exist."""
    found = Product.objects.in_bulk(set(product_ids))
    for index, product_id in enumerate(product_ids):
        if product_id not in found:
            field = f"{prefix}[{index}].child_id" if prefix else "child_id"
            raise ValidationFailed.field(field, _("There is no such product."))
    return found


def in_own_unit(values: Mapping[str, Any], child: Product, *, prefix: str = "") -> dict[str, Any]:
    """Return a line's values with quantities in the child's unit, when ``unit_of_measure`` among them is another.

    Raises ValidationFailed naming both units where there is no way, and where the result is not exact.
    """
    unit, own = values.get("unit_of_measure"), child.unit_of_measure
    if not unit or unit == own or not isinstance(values.get("quantity"), Decimal):
        return dict(values)
    found = {**values, "unit_of_measure": own}
    for name in MEASURED:
        if isinstance(values.get(name), Decimal) and values[name].is_finite():
            try:
                found[name] = converted(values[name], unit, own)
            except ValidationError as error:
                counted = _("%(number)s is counted in %(unit)s.") % {"number": child.product_number, "unit": own}
                field = "unit_of_measure" if error.code == "no_conversion" else name
                raise ValidationFailed.field(f"{prefix}{field}", f"{counted} {error.messages[0]}") from error
    return found


def _touched(before: Mapping[str, Any], line: BomLine) -> set[str]:
    after = line_facts(line)
    return {name for name in COUNTING if before[name] != after[name]}


def check_line(
    line: BomLine,
    child: Product,
    *,
    prefix: str = "",
    touched: Collection[str] = COUNTING,
    edited: Collection[str] | None = None,
) -> None:
    """Check one line's own rules: quantity above 0, known unit, the child's unit, parent and child differ.

    A counted line has as many designators as pieces, or none. Files bring lines that do not: this is judged again only
    when one of ``COUNTING`` is among the fields ``touched``. Of a line that is stored as it was but for the fields ``edited``
    only the form of these is judged.
    """
    if not isinstance(line.quantity, Decimal) or not line.quantity.is_finite():
        raise ValidationFailed.field(f"{prefix}quantity", _("A quantity is a number."))
    if line.quantity <= 0:
        raise ValidationFailed.field(f"{prefix}quantity", _("The quantity must be above 0."))
    if edited is None:
        clean(line, prefix=prefix, exclude=("child", "parent_revision"))
    else:
        clean_some(line, [name for name in edited if name != "child_id"], prefix=prefix)
    line.condition = condition_text(line.condition)
    line.serials = serials_stored(line.serial_ranges)
    if line.unit_of_measure != child.unit_of_measure:
        raise ValidationFailed.field(
            f"{prefix}unit_of_measure",
            _("%(number)s is counted in %(unit)s; give the quantity in that unit.")
            % {"number": child.product_number, "unit": child.unit_of_measure},
        )
    if line.parent_revision.product_id == line.child_id:
        raise ValidationFailed.field(f"{prefix}child_id", _("A product cannot contain itself."))
    fault = designators_differ(line.quantity, line.unit_of_measure, line.reference_designators)
    if fault and not COUNTING.isdisjoint(touched):
        raise ValidationFailed.field(
            f"{prefix}reference_designators",
            _("Give one designator for each piece, or none: %(fault)s.") % {"fault": fault},
        )


class ForUnits(Protocol):
    """Anything that holds for serial numbers: a line, a revision, what a change plans of one."""

    serials: Any


def check_end_items(lines: Sequence[ForUnits]) -> None:
    """Refuse serial numbers of an end item that is no product of the tenant. One query, none without serial numbers."""
    named = {entry.end_item for line in lines for entry in serial_ranges(line.serials)}
    if named and named - set(Product.objects.filter(pk__in=named).values_list("pk", flat=True)):
        raise ValidationFailed.field("serials", _("There is no such end item."))


def line_facts(line: BomLine) -> dict[str, Any]:
    """Return what an event says of a line, in the words of the manufacturing contract (SPEC §7).

    As JSON has it: ids and the exact quantity as text, for an import tells of thousands of lines.
    """
    return {
        "line_id": str(line.pk),
        "child_product_id": str(line.child_id),
        "child_product_number": line.child.product_number,
        "quantity": plain(line.quantity),
        "unit_of_measure": line.unit_of_measure,
        "position_number": line.find_number,
        "reference_designators": line.reference_designators,
        "effective_date": line.effective_from and line.effective_from.isoformat(),
        "obsolete_date": line.effective_to and line.effective_to.isoformat(),
        "serials": line.serials,
        "condition": line.condition,
        "line_type": line.line_type,
        "is_optional": line.is_optional,
    }


def line_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event says of a changed line: all it says now, and what it said before where that differs."""
    return {"before": {name: value for name, value in before.items() if after[name] != value}, "after": after}


def _check_cycle(parent: Product, *children: Product) -> None:
    path = cycle_path(parent.pk, *(child.pk for child in children))
    if path:
        raise CycleRefused(path)


def _check_find_numbers(revision: ProductRevision, lines: Sequence[BomLine]) -> None:
    """Refuse a find number that another line of the revision has on the same day."""
    own = {line.pk for line in lines}
    numbers = {line.find_number for line in lines}
    others = [line for line in revision.lines.filter(find_number__in=numbers) if line.pk not in own]
    known: dict[int, list[BomLine]] = {}
    for line in [*others, *lines]:
        for other in known.setdefault(line.find_number, []):
            if line.overlaps(other):
                message = _("Find number %(number)s is used twice at the same time.") % {"number": line.find_number}
                raise ValidationFailed.field("find_number", message)
        known[line.find_number].append(line)


def publish_bom_changed(actor: Actor, revision: ProductRevision, **changes: list[dict[str, Any]]) -> None:
    """Tell what changed, and count the revision's version up: its lines are part of what an ETag stands for."""
    revision.save_as(actor, reason=_("BOM changed"), update_fields=[])
    publish(actor, events.BOM_CHANGED, entity=revision.product, data=bom_changed_facts(revision, **changes))


def bom_changed_facts(revision: ProductRevision, **changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what bom_changed says of one revision: lines added, removed and changed."""
    return {
        "parent_product_id": revision.product_id,
        "parent_product_number": revision.product.product_number,
        "revision_id": revision.pk,
        "revision": revision.label,
        "state": revision.state,
        "added": changes.get("added", []),
        "removed": changes.get("removed", []),
        "changed": changes.get("changed", []),
    }
