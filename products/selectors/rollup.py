"""Cost and mass of a product with everything in it.

A product's own cost plus, over its lines, quantity × the child's roll-up; mass likewise (INTERFACES, Roll-up). Exact:
nothing is rounded. A bought or raw part without a price is named, for counting it as zero would look like an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plm_project.core.decimals import exact
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import require_tenant_id
from products.choices import ProductType
from products.selectors.graph import ROOT, Structure

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
    """Return the roll-up of the structure's root; ``missing_cost`` names the parts in it that have no price."""
    costs, masses = rollups(structure)
    return Rollup(
        structure.number(ROOT), costs[ROOT], masses[ROOT], tenant_currency(), tuple(parts_without_price(structure))
    )


def parts_without_price(structure: Structure) -> list[str]:
    """Return the numbers of the parts built into the root that have no price, in order."""
    reached = [False] * len(structure)
    reached[ROOT] = True
    for at in structure.parents_first():
        if reached[at]:
            for line in structure.built_in(at):
                reached[structure.child[line]] = True
    return sorted(structure.number(at) for at in range(len(structure)) if reached[at] and lacks_price(structure, at))


def lacks_price(structure: Structure, at: int) -> bool:
    """Return whether a product with nothing below it costs nothing, though its kind is bought or made."""
    products = structure.products
    return not products.cost[at] and structure.is_leaf(at) and products.product_type[at] in PRICED_LEAVES


def priced_throughout(structure: Structure) -> list[bool]:
    """Return for every product whether it and all that is built into it has a price, by place. O(products + lines)."""
    complete = [not lacks_price(structure, at) for at in range(len(structure))]
    child = structure.child
    for at in reversed(structure.parents_first()):
        if complete[at]:
            complete[at] = all(complete[child[line]] for line in structure.built_in(at))
    return complete


def tenant_currency() -> str:
    """Return the currency that the tenant's costs are in."""
    return Tenant.objects.only("currency").get(pk=require_tenant_id()).currency


def rollups(structure: Structure) -> tuple[list[Decimal], list[Decimal]]:
    """Return the rolled-up cost and mass of every product in the structure, by place. O(products + lines).

    What is used up in building costs and weighs nothing in the product; lines for reference count in neither.
    """
    costs = [structure.cost(at) for at in range(len(structure))]
    masses = [structure.mass(at) for at in range(len(structure))]
    child, first, factors, kinds = structure.child, structure.first, structure.factors, structure.lines.kind
    with exact():
        for at in reversed(structure.parents_first()):
            for line in range(first[at], first[at + 1]):
                below, factor = child[line], factors[line]
                costs[at] += factor * costs[below]
                if kinds[line] != "c":
                    masses[at] += factor * masses[below]
    return costs, masses
