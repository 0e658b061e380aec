"""Substitutes of a BOM line: add, change, remove. Only while the line's revision is in work."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.locks import Lock, take
from products import permissions
from products.exceptions import CycleRefused
from products.models import BomLine, LineSubstitute, Product
from products.models.bom_line import designators_differ
from products.selectors.cycles import cycle_path
from products.selectors.substitutes import Substitute, substitute_of, substitutes_of_line
from products.services.bom_lines import in_own_unit, line_change, line_facts, publish_bom_changed
from products.services.inputs import apply, clean
from products.services.locked import line_locked
from products.services.substitute_copies import SUBSTITUTE_FIELDS

FIELDS = frozenset(SUBSTITUTE_FIELDS)


@transaction.atomic
def substitute_add(
    *, actor: Actor, line_id: uuid.UUID, product_id: uuid.UUID, data: Mapping[str, Any] | None = None
) -> LineSubstitute:
    """Say that a product may be taken for the part on one line. Without a quantity it takes the line's.

    A quantity in another unit than the product's is converted to it, exactly. Raises NotFound, RevisionFrozen,
    RevisionResting, ValidationFailed (product, quantity, unit, designators), CycleRefused with the path, Conflict when
    it stands on the line already. Publishes bom_changed.
    """
    actor.require(permissions.BOM_UPDATE)
    take(Lock.STRUCTURE, actor.tenant_id)
    line = line_locked(line_id)
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise ValidationFailed.field("product_id", _("There is no such product."))
    _check_product(line, product)
    before = _facts(line)
    row = LineSubstitute(tenant_id=actor.tenant_id, line=line, product=product, quantity=line.quantity)
    _fill(row, data or {}, line.quantity, line.unit_of_measure)
    row.save_as(actor, reason=_("added"))
    _tell(actor, line, before)
    return row


@transaction.atomic
def substitute_update(
    *, actor: Actor, row_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> LineSubstitute:
    """Change rank, quantity, unit, designators or note; the same errors and event as ``substitute_add``."""
    actor.require(permissions.BOM_UPDATE)
    row = _locked(actor, row_id)
    row.expect_version(expected_version)
    before = _facts(row.line)
    differences = apply(row, _own(changes, row.product), allowed=FIELDS)
    if not differences:
        return row
    _check(row)
    row.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))})
    _tell(actor, row.line, before)
    return row


@transaction.atomic
def substitute_remove(
    *, actor: Actor, row_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> LineSubstitute:
    """Say that it may be taken no more on this line. It stays in the history. Publishes bom_changed."""
    actor.require(permissions.BOM_UPDATE)
    row = _locked(actor, row_id)
    row.expect_version(expected_version)
    before = _facts(row.line)
    row.soft_delete_as(actor, reason=reason or _("removed"))
    _tell(actor, row.line, before)
    return row


def substitutes_checked(
    wanted: Sequence[Mapping[str, Any]],
    products: Mapping[uuid.UUID, Product],
    *,
    quantity: Decimal,
    unit_of_measure: str,
    prefix: str = "substitutes",
) -> tuple[Substitute, ...]:
    """Return all substitutes that a line of this quantity is to have, as ``substitute_add`` would make them one by one.

    ``products`` has those they name, by id. Raises ValidationFailed naming the faulty value, ``substitutes[1].quantity``.
    Writes nothing; cycles, and the part of the line itself, are the caller's to judge.
    """
    found: dict[uuid.UUID, Substitute] = {}
    for at, given in enumerate(wanted):
        data = dict(given)
        product = products.get(data.pop("product_id", None))
        try:
            if product is None:
                raise ValidationFailed.field("product_id", _("There is no such product."))
            if product.pk in found:
                message = _("%(number)s stands here twice.") % {"number": product.product_number}
                raise ValidationFailed.field("product_id", message)
            row = LineSubstitute(product=product, quantity=quantity)
            _fill(row, data, quantity, unit_of_measure)
        except ValidationFailed as refusal:
            details = {f"{prefix}[{at}].{name}": messages for name, messages in refusal.details.items()}
            raise ValidationFailed(str(refusal), details=details) from refusal
        found[product.pk] = substitute_of(row)
    return tuple(found.values())


def substitutes_planned(
    line: BomLine, wanted: Sequence[Substitute], products: Mapping[uuid.UUID, Product]
) -> tuple[Substitute, ...]:
    """Return the substitutes that a line is to have once more judged, with its part. Raises as ``substitutes_checked``."""
    rows = [
        {name: getattr(one, name) for name in ("product_id", *SUBSTITUTE_FIELDS)}
        | {"reference_designators": list(one.reference_designators)}
        for one in wanted
    ]
    found = substitutes_checked(rows, products, quantity=line.quantity, unit_of_measure=line.unit_of_measure)
    for at, one in enumerate(found):
        if one.product_id == line.child_id:
            raise ValidationFailed.field(f"substitutes[{at}].product_id", _("A part is no substitute for itself."))
    return found


def _fill(row: LineSubstitute, data: Mapping[str, Any], quantity: Decimal, unit_of_measure: str) -> None:
    """Set and check a new row's values; without a quantity it takes the line's."""
    given = dict(data)
    row.unit_of_measure = row.product.unit_of_measure
    if given.get("quantity") is None:
        given |= {"quantity": quantity, "unit_of_measure": unit_of_measure}
    apply(row, _own(given, row.product), allowed=FIELDS)
    _check(row)


def _locked(actor: Actor, row_id: uuid.UUID) -> LineSubstitute:
    take(Lock.STRUCTURE, actor.tenant_id)
    line_id = LineSubstitute.objects.filter(pk=row_id).values_list("line_id", flat=True).first()
    if line_id is None:
        raise NotFound(_("There is no such substitute."))
    line = line_locked(line_id)
    row = LineSubstitute.objects.select_related("product").select_for_update(of=("self",)).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("There is no such substitute."))
    row.line = line
    return row


def _own(values: Mapping[str, Any], product: Product) -> dict[str, Any]:
    """Return the values with the quantity in the product's own unit; an empty unit is that one."""
    found = in_own_unit(values, product)
    if not found.get("unit_of_measure", product.unit_of_measure):
        found["unit_of_measure"] = product.unit_of_measure
    return found


def _check_product(line: BomLine, product: Product) -> None:
    if product.pk == line.child_id:
        raise ValidationFailed.field("product_id", _("A part is no substitute for itself."))
    if line.substitutes.filter(product=product).exists():
        facts = {"number": product.product_number, "find": line.find_number}
        message = _("%(number)s is a substitute on line %(find)s already.") % facts
        raise Conflict(message, details={"product_id": [message]})
    path = cycle_path(line.parent_revision.product_id, product.pk)
    if path:
        raise CycleRefused(path, field="product_id")


def _check(row: LineSubstitute) -> None:
    """Check one row's own rules, which are those of a line (``check_line``)."""
    if not isinstance(row.quantity, Decimal) or not row.quantity.is_finite():
        raise ValidationFailed.field("quantity", _("A quantity is a number."))
    if row.quantity <= 0:
        raise ValidationFailed.field("quantity", _("The quantity must be above 0."))
    clean(row, exclude=("line", "product"))
    if row.unit_of_measure != row.product.unit_of_measure:
        facts = {"number": row.product.product_number, "unit": row.product.unit_of_measure}
        message = _("%(number)s is counted in %(unit)s; give the quantity in that unit.") % facts
        raise ValidationFailed.field("unit_of_measure", message)
    fault = designators_differ(row.quantity, row.unit_of_measure, row.reference_designators)
    if fault:
        message = _("Give one designator for each piece, or none: %(fault)s.") % {"fault": fault}
        raise ValidationFailed.field("reference_designators", message)


def _facts(line: BomLine) -> dict[str, Any]:
    rows = substitutes_of_line(line)
    return {**line_facts(line), "substitutes": [substitute_of(row).stored() for row in rows]}


def _tell(actor: Actor, line: BomLine, before: dict[str, Any]) -> None:
    publish_bom_changed(actor, line.parent_revision, changed=[line_change(before, _facts(line))])
