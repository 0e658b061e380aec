"""Roll-ups of every product at once, and what a change of one price does to everything above it.

Nothing is stored: a stored roll-up is wrong from the next change on until somebody computes it again. Computing all of
them costs one pass over every line, and a price reaches only what contains the product.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from plm_project.core.decimals import exact
from products.models import Product
from products.selectors.graph import structure_of_everything
from products.selectors.resolution import Resolution
from products.selectors.rollup import priced_throughout, rollups
from products.selectors.where_used import where_used


@dataclass(frozen=True, slots=True)
class ProductCost:
    """Cost and mass of one unit of one product with everything in it, exact.

    Not ``cost_complete``: a part in it has no price, and the sum is of what the others cost.
    """

    product_number: str
    unit_cost: Decimal
    mass_kg: Decimal
    cost_complete: bool


@dataclass(frozen=True, slots=True)
class CostChange:
    """By how much one unit of a product becomes dearer (or cheaper: below 0)."""

    product_id: uuid.UUID
    product_number: str
    change: Decimal


def rollup_everything(resolution: Resolution) -> list[ProductCost]:
    """Return the roll-up of every product of the tenant by number. One query, O(products + lines).

    Raises StructureCycle with the path when the stored lines make a cycle.
    """
    structure = structure_of_everything(resolution)
    costs, masses = rollups(structure)
    found = map(ProductCost, structure.products.number, costs, masses, priced_throughout(structure))
    return sorted(found, key=lambda cost: cost.product_number)


def price_changes(product: Product, resolution: Resolution, new_cost: Decimal) -> list[CostChange]:
    """Return what another own cost of ``product`` does to it and to everything above it, nearest first.

    An ancestor changes by the difference times how much of the product one of it contains: exact, and no other product
    is touched. One query, O(lines above). Raises StructureCycle as ``where_used``.
    """
    with exact():
        difference = new_cost - product.current_cost
        above = [
            CostChange(line.product_id, line.product_number, line.total_quantity * difference)
            for line in where_used(product, resolution).lines
        ]
    return [CostChange(product.pk, product.product_number, difference), *above]
