"""Cost and mass of a product with everything in it.

A product's own cost plus, over its lines, quantity × the child's roll-up; mass likewise (INTERFACES, Roll-up). Exact:
nothing is rounded. A bought or raw part without a price is named, for counting it as zero would look like an answer.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from plm_project.core.decimals import exact
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import require_tenant_id
from products.choices import ProductType
from products.selectors.graph import Structure

PRICED_LEAVES = frozenset(ProductType) - {ProductType.VIRTUAL}


@dataclass(frozen=True)
class Rollup:
    """Cost in the tenant's currency and mass in kilograms of one unit of the product."""

    product_number: str
    unit_cost: Decimal
    mass_kg: Decimal
    currency: str
    missing_cost: tuple[str, ...]


def product_rollup(structure: Structure) -> Rollup:
    """Return the roll-up of the structure's root."""
    costs, masses = rollups(structure)
    root = structure[structure.root]
    missing = sorted(
        node.number
        for node in structure.nodes.values()
        if node.is_leaf and node.own_cost == 0 and node.product_type in PRICED_LEAVES
    )
    currency = Tenant.objects.only("currency").get(pk=require_tenant_id()).currency
    return Rollup(root.number, costs[root.product_id], masses[root.product_id], currency, tuple(missing))


def rollups(structure: Structure) -> tuple[dict[uuid.UUID, Decimal], dict[uuid.UUID, Decimal]]:
    """Return the rolled-up cost and mass of every product in the structure."""
    costs: dict[uuid.UUID, Decimal] = {}
    masses: dict[uuid.UUID, Decimal] = {}
    with exact():
        for product_id in reversed(structure.parents_first()):
            node = structure[product_id]
            cost, mass = node.own_cost, node.own_mass
            for edge in node.edges:
                cost += edge.quantity * costs[edge.child]
                mass += edge.quantity * masses[edge.child]
            costs[product_id], masses[product_id] = cost, mass
    return costs, masses
