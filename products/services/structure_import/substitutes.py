"""Substitutes that a file names beside its lines: planned with them, never taken away by a file that lacks them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.history import record_in_bulk
from products.choices import ProductType
from products.importing.specs import LineSpec, ProductSpec
from products.importing.substitutes import NamedSubstitute
from products.models import BomLine, LineSubstitute, Product
from products.models.bom_line import designators_differ
from products.services.inputs import clean
from products.services.substitute_copies import SUBSTITUTE_FIELDS
from products.unit_conversion import converted
from products.units import unit_code

BATCH = 500


class SubstituteRefused(Exception):
    """An entry cannot be taken; ``code`` and message as of a fault."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass
class SubstitutePlan:
    """What is to be written; ``known`` the stored ones by line, of the lines that the file meets."""

    known: dict[uuid.UUID, list[LineSubstitute]] = field(default_factory=dict)
    new: list[LineSubstitute] = field(default_factory=list)
    changed: list[LineSubstitute] = field(default_factory=list)


def named_in(lines: Sequence[LineSpec]) -> set[str]:
    """Return the numbers of all substitutes that a file names."""
    return {entry.number for line in lines for entry in line.use.get("substitutes", ())}


def spec_of(entry: NamedSubstitute, line: LineSpec) -> ProductSpec | None:
    """Return the product to make of a substitute that is not known yet; None where the file does not say its name."""
    if not entry.name:
        return None
    kind = entry.item_type if entry.item_type in ProductType.values else ProductType.PURCHASED
    fields = {"product_name": entry.name, "product_type": kind, "unit_of_measure": unit_code(entry.unit) or "each"}
    return ProductSpec(entry.number, fields, line.file, line.row)


def substitutes_differing(
    plan: SubstitutePlan, actor: Actor, line: BomLine, entries: Iterable[tuple[NamedSubstitute, Product]]
) -> list[LineSubstitute]:
    """Return what has to be written for a line to have these substitutes. Raises SubstituteRefused."""
    stored = {row.product_id: row for row in plan.known.get(line.pk, ())}
    found = []
    for entry, product in entries:
        if product.pk in (line.child_id, line.parent_revision.product_id):
            raise SubstituteRefused("same_parent_child", _("%s is no substitute here.") % entry.number)
        values = _values(entry, product)
        row = stored.get(product.pk)
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            continue
        row = row or LineSubstitute(
            tenant_id=actor.tenant_id, line=line, product=product, created_by_id=actor.user_id, version=0
        )
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_by_id, row.version = actor.user_id, row.version + 1
        _check(row, entry)
        found.append(row)
    if len({row.product_id for row in found}) != len(found):
        raise SubstituteRefused("duplicate_part", _("A substitute is named twice."))
    return found


def substitutes_write(actor: Actor, plan: SubstitutePlan, reason: str) -> None:
    """Write the plan, while the revisions still take it."""
    insert_in_bulk(LineSubstitute, plan.new)
    if plan.changed:
        fields = (*SUBSTITUTE_FIELDS, "version", "updated_by")
        LineSubstitute.objects.bulk_update(plan.changed, fields, batch_size=BATCH)
    record_in_bulk(LineSubstitute, plan.new, actor, reason=reason, kind="+")
    record_in_bulk(LineSubstitute, plan.changed, actor, reason=reason, kind="~")


def _values(entry: NamedSubstitute, product: Product) -> dict[str, Any]:
    own = product.unit_of_measure
    unit = unit_code(entry.unit) if entry.unit else own
    if unit is None:
        raise SubstituteRefused("unknown_uom", _("Unknown unit: %(unit)s") % {"unit": entry.unit})
    try:
        quantity = entry.quantity if unit == own else converted(entry.quantity, unit, own)
    except ValidationError as error:
        counted = _("%(number)s is counted in %(unit)s.") % {"number": entry.number, "unit": own}
        raise SubstituteRefused("unit_mismatch", f"{counted} {error.messages[0]}") from error
    return {
        "rank": entry.rank,
        "quantity": quantity,
        "unit_of_measure": own,
        "reference_designators": list(entry.reference_designators),
        "note": entry.note,
    }


def _check(row: LineSubstitute, entry: NamedSubstitute) -> None:
    try:
        clean(row, exclude=("line", "product"))
    except ValidationFailed as error:
        [message, *_others] = [text for texts in error.details.values() for text in texts]
        raise SubstituteRefused("unknown_value", f"{entry.number}: {message}") from error
    fault = designators_differ(row.quantity, row.unit_of_measure, row.reference_designators)
    if fault:
        raise SubstituteRefused("designators_not_counted", f"{entry.number}: {fault}")
