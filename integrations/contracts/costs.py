"""plm_product_cost and plm_change_cost: what products cost, and what a change costs, for finance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Fault, Subject
from integrations.contracts.schemas import ACCEPTED, CURRENCY, EXACT, ID, TEXT, listing, message
from plm_project.core.decimals import plain
from products.events import BOM_CHANGED, COST_UPDATED, PRODUCT_CREATED
from products.exceptions import StructureCycle
from products.models import Product
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup, tenant_currency


@dataclass(frozen=True)
class CostFacts:
    """Own costs, and what the whole structure costs as it is now. ``missing``: parts in it that have no price."""

    product_id: str
    product_number: str
    currency: str
    target_cost: Decimal
    current_cost: Decimal
    rolled_up_cost: Decimal
    missing: tuple[str, ...] = ()
    cycle: tuple[str, ...] = ()


def gather_product(subject: Subject) -> CostFacts:
    """Read the product and roll its structure up."""
    product = Product.all_objects.get(pk=subject.entity_id)
    cost = product.current_cost
    missing: tuple[str, ...] = ()
    cycle: tuple[str, ...] = ()
    try:
        rollup = product_rollup(structure_load(product, Resolution.of(), sums_only=True))
    except StructureCycle as found:
        cycle = tuple(found.path)
    else:
        cost, missing = rollup.unit_cost, rollup.missing_cost
    return CostFacts(
        product_id=str(product.pk),
        product_number=product.product_number,
        currency=tenant_currency(),
        target_cost=product.target_cost,
        current_cost=product.current_cost,
        rolled_up_cost=cost,
        missing=missing,
        cycle=cycle,
    )


def validate_product(facts: CostFacts) -> list[Fault]:
    """A structure with a cycle costs nothing that could be told."""
    if not facts.cycle:
        return []
    message = _("The structure has a cycle: %(path)s") % {"path": " → ".join(facts.cycle)}
    return [Fault("circular_references_not_allowed", "structure_cost", message)]


def product_payload(facts: CostFacts) -> dict[str, Any]:
    """Rename our fields to theirs; amounts exact. An incomplete roll-up says so."""
    return {
        "item_id": facts.product_id,
        "item_number": facts.product_number,
        "currency": facts.currency,
        "target_cost": plain(facts.target_cost),
        "standard_cost": plain(facts.current_cost),
        "structure_cost": plain(facts.rolled_up_cost),
        "is_complete": not facts.missing,
        "unpriced_items": list(facts.missing),
    }


def gather_change(subject: Subject) -> Mapping[str, Any]:
    """Take it from the event: what was decided then."""
    return {**subject.data, "change_id": str(subject.entity_id), "currency": tenant_currency()}


def change_payload(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Rename our fields to theirs."""
    return {
        "change_id": facts["change_id"],
        "change_number": facts["change_number"],
        "title": facts["change_title"],
        "state": facts["status"],
        "currency": facts["currency"],
        "cost_impact": plain(Decimal(facts["cost_impact"])),
        "item_ids": [str(entry["product_id"]) for entry in facts["affected_products"]],
    }


PRODUCT_COST = Contract(
    key="plm_product_cost",
    version=1,
    neighbour="core_financials",
    title=gettext_lazy("Cost of a product"),
    path="/api/v1/financials/item-costs",
    triggers=(PRODUCT_CREATED, COST_UPDATED, BOM_CHANGED),
    schema=message(
        item_id=ID,
        item_number=TEXT,
        currency=CURRENCY,
        target_cost=EXACT,
        standard_cost=EXACT,
        structure_cost=EXACT,
        is_complete={"type": "boolean"},
        unpriced_items=listing(TEXT),
    ),
    answer_schema=ACCEPTED,
    gather=gather_product,
    map=product_payload,
    validate=validate_product,
    validations=("circular_references_not_allowed",),
    mapping=(
        ("product_id", "item_id"),
        ("product_number", "item_number"),
        ("current_cost", "standard_cost"),
        ("rolled_up_cost", "structure_cost"),
        ("missing_cost", "unpriced_items"),
    ),
)
CHANGE_COST = Contract(
    key="plm_change_cost",
    version=1,
    neighbour="core_financials",
    title=gettext_lazy("Cost of a change"),
    path="/api/v1/financials/change-costs",
    triggers=("change_approved", "change_implemented"),
    tells_events=True,
    schema=message(
        change_id=ID,
        change_number=TEXT,
        title=TEXT,
        state=TEXT,
        currency=CURRENCY,
        cost_impact=EXACT,
        item_ids=listing(ID),
    ),
    answer_schema=ACCEPTED,
    gather=gather_change,
    map=change_payload,
    mapping=(("change_title", "title"), ("status", "state"), ("affected_products", "item_ids")),
)
