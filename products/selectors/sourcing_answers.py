"""Sourcing answers for commands and API alike: one shape, one set of names."""

from __future__ import annotations

from typing import Any

from products.selectors.quantity_rollup import CostLine, Missing, QuantityCost, QuantityRollup
from products.selectors.single_source import SingleSource, SingleSources
from products.sourcing.pricing import Bid, Terms


def rollup_answer(rollup: QuantityRollup) -> dict[str, Any]:
    """Return the whole roll-up with the lines of every quantity."""
    costs = [{**cost_head(cost), "lines": [cost_line(line) for line in cost.lines]} for cost in rollup.costs]
    return {**rollup_head(rollup), "quantities": costs}


def rollup_head(rollup: QuantityRollup) -> dict[str, Any]:
    """Return what holds at every quantity."""
    return {
        "product_number": rollup.product_number,
        "revision": rollup.revision,
        "as_of": rollup.resolution.as_of,
        "mode": rollup.resolution.mode.value,
        "currency": rollup.currency,
        "missing_policy": rollup.policy.value,
        "complete": rollup.is_complete,
        "mass_kg": rollup.mass_kg,
        "missing": [missing_row(entry) for entry in rollup.missing],
    }


def missing_row(entry: Missing) -> dict[str, Any]:
    """Return one product without a price."""
    return {"product_number": entry.product_number, "code": entry.code, "message": entry.message}


def cost_head(cost: QuantityCost) -> dict[str, Any]:
    """Return the sums of one quantity."""
    return {
        "quantity": cost.quantity,
        "total_cost": cost.total_cost,
        "unit_cost": cost.unit_cost,
        "bought_cost": cost.bought_cost,
        "added_cost": cost.added_cost,
        "excess_cost": cost.excess_cost,
        "lead_time_days": cost.lead_time_days,
        "lead_time_parts": list(cost.lead_time_parts),
        "lead_time_unknown": list(cost.lead_time_unknown),
    }


def cost_line(line: CostLine) -> dict[str, Any]:
    """Return one bought product: which offer was taken and why, and what else there was."""
    taken = line.choice.taken if line.choice else None
    return {
        "product_id": line.product_id,
        "product_number": line.product_number,
        "product_name": line.product_name,
        "unit_of_measure": line.unit_of_measure,
        "needed_quantity": line.needed,
        "cost": line.cost,
        "by": line.by,
        "missing": line.missing,
        "offer": bid_row(taken) if taken and line.by == "offer" else None,
        "others": [bid_row(bid) for bid in line.choice.others] if line.choice else [],
        "left_aside": [aside_row(terms, code) for terms, code in line.choice.left_aside] if line.choice else [],
    }


def bid_row(bid: Bid) -> dict[str, Any]:
    """Return one way to buy it."""
    return {
        "offer_id": bid.terms.offer_id,
        "supplier": bid.terms.supplier,
        "part": bid.terms.part,
        "supplier_part_number": bid.terms.supplier_part_number,
        "preferred": bid.terms.preferred,
        "currency": bid.terms.currency,
        "rate": bid.rate,
        "unit_price": bid.purchase.unit_price,
        "bought_quantity": bid.purchase.bought,
        "excess_quantity": bid.purchase.excess,
        "excess_cost": bid.purchase.excess_cost,
        "offer_total": bid.purchase.total,
        "total": bid.total,
        "lead_time_days": bid.terms.lead_time_days,
    }


def aside_row(terms: Terms, code: str) -> dict[str, Any]:
    """Return an offer that does not count, and why."""
    return {
        "offer_id": terms.offer_id,
        "supplier": terms.supplier,
        "part": terms.part,
        "currency": terms.currency,
        "code": code,
    }


def single_source_head(report: SingleSources) -> dict[str, Any]:
    """Return what the report counts."""
    return {
        "product_number": report.below.product_number if report.below else "",
        "as_of": report.resolution.as_of,
        **report.summary(),
    }


def single_source_row(row: SingleSource) -> dict[str, Any]:
    """Return one product of the report."""
    return {
        "product_id": row.product_id,
        "product_number": row.product_number,
        "product_name": row.product_name,
        "manufacturers": row.manufacturers,
        "manufacturer": row.manufacturer,
        "mpns": list(row.mpns),
        "suppliers": row.suppliers,
        "used_in": list(row.used_in),
        "uses": row.uses,
        "alternates": list(row.alternates),
    }
