"""What an order of N units takes of every product in a resolved structure: with attrition, set-up and rounding."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.id_sets import in_ids
from products.models import BomLine
from products.selectors.explosion import quantities_flat
from products.selectors.graph import ROOT, Structure
from products.sourcing.requirements import Use, requirements

PLANNED = Q(attrition_percent__gt=0) | Q(setup_quantity__gt=0) | Q(rounding_multiple__gt=0)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One product: ``needed`` for the whole order, ``designed`` what the order's units contain by design."""

    product_id: uuid.UUID
    product_number: str
    product_name: str
    unit_of_measure: str
    needed: Decimal
    designed: Decimal
    is_leaf: bool

    @property
    def beyond_design(self) -> Decimal:
        """What attrition, set-up and rounding take beyond the design."""
        return self.needed - self.designed


Planning = Mapping[bytes, tuple[Decimal, Decimal, Decimal]]  # attrition, set-up, rounding by the key of a line


def planning_of(keys: Iterable[bytes]) -> Planning:
    """Return what lines say of planning, for those of ``keys`` that say anything. One query."""
    columns = ("pk", "attrition_percent", "setup_quantity", "rounding_multiple")
    rows = BomLine.objects.filter(PLANNED, in_ids("pk", [uuid.UUID(bytes=key) for key in keys]))
    return {row[0].bytes: row[1:] for row in rows.values_list(*columns)}


def structure_uses(structure: Structure, planning: Planning | None = None) -> list[list[Use]]:
    """Return the lines of each product with what they say of planning. One query, none where ``planning`` was read
    before; not for a structure read for sums.
    """
    planned = planning_of(structure.lines.key) if planning is None else planning
    nothing = (Decimal(0), Decimal(0), Decimal(0))
    lines, quantities = structure.lines, structure.quantities
    return [
        [
            Use(structure.child[line], quantities[line], lines.kind[line], *planned.get(lines.key[line], nothing))
            for line in structure.below(at)
        ]
        for at in range(len(structure))
    ]


def needs_of(structure: Structure, uses: Sequence[Sequence[Use]], quantity: Decimal) -> list[Decimal]:
    """Return what ``quantity`` of the root need of each product, by place. Raises StructureCycle."""
    return requirements(uses, structure.parents_first(), ROOT, quantity)


def requirement_list(structure: Structure, quantity: Decimal) -> list[Requirement]:
    """Return the requirements of an order by product number, without the root itself.

    Raises ValidationFailed for a quantity that is not above 0, StructureCycle on a cycle.
    """
    if not quantity.is_finite() or quantity <= 0:
        raise ValidationFailed.field("quantity", _("A quantity is above 0."))
    needed = needs_of(structure, structure_uses(structure), quantity)
    designed, found = quantities_flat(structure), structure.products
    rows = [
        Requirement(
            product_id=uuid.UUID(bytes=found.key[at]),
            product_number=found.number[at],
            product_name=found.name[at],
            unit_of_measure=found.unit[at],
            needed=needed[at],
            designed=(designed[at] or Decimal(0)) * quantity,
            is_leaf=structure.is_leaf(at),
        )
        for at in range(len(structure))
        if at != ROOT and needed[at]
    ]
    return sorted(rows, key=lambda row: row.product_number)


def requirements_answer(structure: Structure, quantity: Decimal) -> dict[str, Any]:
    """Return what commands and the API say of an order, without its lines."""
    return {
        "product_number": structure.number(ROOT),
        "revision": structure.label(ROOT),
        "as_of": structure.resolution.as_of,
        "mode": structure.resolution.mode.value,
        "with_optional": structure.resolution.with_optional,
        "quantity": quantity,
    }
