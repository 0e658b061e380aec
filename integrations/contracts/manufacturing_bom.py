"""plm_manufacturing_bom_sync (SPEC §7): a product's bill of material, as manufacturing keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Fault, Subject
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from products.events import BOM_CHANGED, PRODUCT_CREATED
from products.models import Product
from products.selectors.cycles import cycle_path
from products.selectors.records import current_bom
from products.services import product_integration_set
from products.units import UNITS

SYNCING, SYNCED = "syncing", "synced"


@dataclass(frozen=True)
class LineFacts:
    """One line, in our words."""

    parent_product_id: str
    child_product_id: str
    quantity: Decimal
    unit_of_measure: str
    position_number: int
    effective_date: str | None
    obsolete_date: str | None


@dataclass(frozen=True)
class BomFacts:
    """The product, the revision whose lines these are ("" where it has none), and a cycle through it where there is one."""

    product_id: str
    product_number: str
    revision: str
    lines: tuple[LineFacts, ...]
    cycle: tuple[str, ...] = ()


def gather(subject: Subject) -> BomFacts:
    """Read the product's current bill of material: the released revision's, else the latest one's."""
    product = Product.all_objects.get(pk=subject.entity_id)
    revision, rows = current_bom(product)
    lines = tuple(
        LineFacts(
            parent_product_id=str(product.pk),
            child_product_id=str(line.child_id),
            quantity=line.quantity,
            unit_of_measure=line.unit_of_measure,
            position_number=line.find_number,
            effective_date=line.effective_from.isoformat() if line.effective_from else None,
            obsolete_date=line.effective_to.isoformat() if line.effective_to else None,
        )
        for line in rows
    )
    cycle = tuple(cycle_path(product.pk, *(line.child_id for line in rows)) or ()) if rows else ()
    label = revision.label if revision is not None else ""
    return BomFacts(str(product.pk), product.product_number, label, lines, cycle)


def validate(facts: BomFacts) -> list[Fault]:
    """The four rules of the contract."""
    faults = []
    for at, line in enumerate(facts.lines):
        if line.quantity <= 0:
            faults.append(Fault("quantity_must_be_positive", f"lines[{at}].quantity", _("It must be above 0.")))
        if line.unit_of_measure not in UNITS:
            message = _("Unknown unit: %(unit)s") % {"unit": line.unit_of_measure}
            faults.append(Fault("unit_of_measure_must_be_valid", f"lines[{at}].uom", message))
        if line.child_product_id == line.parent_product_id:
            message = _("A product cannot contain itself.")
            faults.append(Fault("parent_child_cannot_be_same", f"lines[{at}].component_id", message))
    if facts.cycle:
        message = _("The structure has a cycle: %(path)s") % {"path": " → ".join(facts.cycle)}
        faults.append(Fault("circular_references_not_allowed", "lines", message))
    return faults


def to_payload(facts: BomFacts) -> dict[str, Any]:
    """Rename our fields to theirs, line by line."""
    return {
        "product_id": facts.product_id,
        "product_number": facts.product_number,
        "revision": facts.revision,
        "lines": [
            {
                "product_id": line.parent_product_id,
                "component_id": line.child_product_id,
                "quantity": plain(line.quantity),
                "uom": line.unit_of_measure,
                "reference_designator": str(line.position_number),
                "effective_from": line.effective_date,
                "effective_to": line.obsolete_date,
            }
            for line in facts.lines
        ],
    }


def begin(actor: Actor, product_id: uuid.UUID) -> str:
    """Show on the product that manufacturing is being told; return what it said before."""
    before = Product.all_objects.values_list("manufacturing_status", flat=True).get(pk=product_id)
    _set(actor, product_id, SYNCING, _("manufacturing is told of the bill of material"))
    return str(before)


def take_answer(actor: Actor, product_id: uuid.UUID, answer: Mapping[str, Any]) -> None:
    """Manufacturing has it."""
    _set(actor, product_id, SYNCED, _("manufacturing keeps it as %(id)s") % {"id": answer["bom_id"]})


def undo(actor: Actor, product_id: uuid.UUID, before: Any) -> None:
    """Back to what the product said before the call."""
    _set(actor, product_id, str(before or ""), _("manufacturing was not told"))


def _set(actor: Actor, product_id: uuid.UUID, status: str, reason: str) -> None:
    product_integration_set(
        actor=actor, product_id=product_id, changes={"manufacturing_status": status}, reason=reason
    )


CONTRACT = Contract(
    key="plm_manufacturing_bom_sync",
    version=1,
    neighbour="manufacturing",
    title=gettext_lazy("Bill of material"),
    path="/api/v1/manufacturing/bom/sync",
    triggers=(PRODUCT_CREATED, BOM_CHANGED),
    success=frozenset({201}),
    schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["product_id", "product_number", "revision", "lines"],
        "properties": {
            "product_id": {"type": "string", "format": "uuid"},
            "product_number": {"type": "string"},
            "revision": {"type": "string"},
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["product_id", "component_id", "quantity", "uom", "reference_designator"],
                    "properties": {
                        "product_id": {"type": "string", "format": "uuid"},
                        "component_id": {"type": "string", "format": "uuid"},
                        "quantity": {"type": "string", "description": "Exact, in plain notation."},
                        "uom": {"type": "string"},
                        "reference_designator": {"type": "string", "description": "The find number."},
                        "effective_from": {"type": ["string", "null"], "format": "date"},
                        "effective_to": {"type": ["string", "null"], "format": "date"},
                    },
                    "additionalProperties": False,
                },
            },
        },
        "additionalProperties": False,
    },
    answer_schema={
        "type": "object",
        "required": ["success", "bom_id"],
        "properties": {"success": {"const": True}, "bom_id": {"type": "string", "minLength": 1, "maxLength": 100}},
    },
    gather=gather,
    map=to_payload,
    validate=validate,
    begin=begin,
    apply=take_answer,
    undo=undo,
    mapping=(
        ("parent_product_id", "product_id"),
        ("child_product_id", "component_id"),
        ("quantity", "quantity"),
        ("unit_of_measure", "uom"),
        ("position_number", "reference_designator"),
        ("effective_date", "effective_from"),
        ("obsolete_date", "effective_to"),
    ),
    validations=(
        "quantity_must_be_positive",
        "unit_of_measure_must_be_valid",
        "parent_child_cannot_be_same",
        "circular_references_not_allowed",
    ),
)
