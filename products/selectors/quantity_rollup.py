"""What building a number of units costs: every bought part at its best offer for the quantity needed in all.

What each build quantity needs of every part is computed with attrition, set-up and rounding (``requirements.py``), and
the best offer for that quantity is taken (``products/sourcing/pricing.py``). Packages and minimum quantities are paid
in full. What is made in house adds its own cost (``current_cost``) per unit made, as in the roll-up. A part without a
price is named, never counted as zero. Exact: only the cost of one unit is rounded, to 6 decimals, where it does not
come out even.

Lead time: the days until the last bought part has arrived when all are ordered on one day. Only bought parts have lead
times, so the longest path through the structure is the longest lead time among them; time to build is not in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.translation import gettext as _

from plm_project.core.decimals import exact
from plm_project.core.exceptions import ValidationFailed
from products.choices import BOUGHT_TYPES, MissingPolicy
from products.models import Product
from products.selectors.graph import ROOT, Structure, structure_load
from products.selectors.requirements import Planning, needs_of, structure_uses
from products.selectors.resolution import Resolution
from products.selectors.rollup import PRICED_LEAVES, rollups
from products.selectors.sourcing import Market, market_load
from products.sourcing.pricing import NO_COST, NO_SOURCE, Choice, offer_choose

MOST_QUANTITIES = 10
UNIT_COST_PLACES = Decimal("0.000001")
_WIDE = Context(prec=400)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One bought product: what is needed for all units, and what it costs. ``by``: offer, own_cost or missing.

    ``cost`` is in the tenant's currency, None when it is missing; ``missing`` is the code of what is lacking.
    """

    product_id: uuid.UUID
    product_number: str
    product_name: str
    unit_of_measure: str
    needed: Decimal
    by: str
    cost: Decimal | None
    choice: Choice | None
    missing: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A product whose cost is not in the total, and why."""

    product_id: uuid.UUID
    product_number: str
    product_name: str
    code: str
    message: str


@dataclass(frozen=True)
class QuantityCost:
    """What ``quantity`` units cost, in the tenant's currency, as far as prices are known.

    ``bought_cost`` are the bought parts, ``excess_cost`` the share of it for units bought beyond the need;
    ``added_cost`` what is done in house; ``total_cost`` both. ``lead_time_days`` is None while any bought part's is
    unknown or nothing is bought; ``lead_time_parts`` are those that take longest.
    """

    quantity: Decimal
    total_cost: Decimal
    unit_cost: Decimal
    bought_cost: Decimal
    added_cost: Decimal
    excess_cost: Decimal
    lead_time_days: int | None
    lead_time_parts: tuple[str, ...]
    lead_time_unknown: tuple[str, ...]
    lines: tuple[CostLine, ...]


@dataclass(frozen=True)
class QuantityRollup:
    """The costs of several build quantities of one product. What is missing is missing at every quantity."""

    product_number: str
    revision: str
    resolution: Resolution
    currency: str
    policy: MissingPolicy
    mass_kg: Decimal
    missing: tuple[Missing, ...]
    costs: tuple[QuantityCost, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every part has a price."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A product with nothing below it: what the order takes of it, and its own cost."""

    product_id: uuid.UUID
    number: str
    name: str
    unit: str
    total: Decimal
    own_cost: Decimal


@dataclass
class _Needs:
    """What an order takes: bought leaves with their quantities, and the in-house cost."""

    bought: list[_Leaf] = field(default_factory=list)
    added: Decimal = Decimal(0)
    costless: list[_Leaf] = field(default_factory=list)


def quantity_rollup(
    product: Product,
    resolution: Resolution,
    quantities: Sequence[Decimal],
    *,
    policy: MissingPolicy = MissingPolicy.LISTED,
) -> QuantityRollup:
    """Return what building each of ``quantities`` costs. Offers and rates are those of the resolution's date.

    A leaf is bought when it is purchased or raw material, or has a source or an offer; others cost their own cost.
    With ``policy`` own_cost a bought part without a price takes its own cost, marked so, where it has one.
    Raises ValidationFailed for a quantity that is not above 0, or too many of them.
    """
    check_quantities(quantities)
    structure = structure_load(product, resolution)
    uses = structure_uses(structure)
    totals = [needs_of(structure, uses, quantity) for quantity in quantities]
    leaves = [at for at, total in enumerate(totals[0]) if total and structure.is_leaf(at)]
    market = market_load([uuid.UUID(bytes=structure.products.key[at]) for at in leaves], resolution.as_of)
    needs = [_needs(structure, needed, market) for needed in totals]
    costs = tuple(_cost(quantity, need, market, policy) for quantity, need in zip(quantities, needs, strict=True))
    return QuantityRollup(
        product_number=structure.number(ROOT),
        revision=structure.label(ROOT),
        resolution=resolution,
        currency=market.currency,
        policy=policy,
        mass_kg=rollups(structure)[1][ROOT],
        missing=_missing(costs, needs[0]),
        costs=costs,
    )


def quantity_cost(
    structure: Structure,
    quantity: Decimal,
    market: Market,
    planning: Planning,
    policy: MissingPolicy = MissingPolicy.LISTED,
) -> QuantityCost:
    """Return what ``quantity`` units of the structure's root cost, of prices and planning read before. No query."""
    needed = needs_of(structure, structure_uses(structure, planning), quantity)
    return _cost(quantity, _needs(structure, needed, market), market, policy)


def check_quantities(quantities: Sequence[Decimal]) -> None:
    """Raise ValidationFailed unless there are 1 to ``MOST_QUANTITIES`` quantities, all above 0."""
    if not 0 < len(quantities) <= MOST_QUANTITIES:
        raise ValidationFailed.field("quantity", _("Ask for 1 to %(most)s quantities.") % {"most": MOST_QUANTITIES})
    if any(not quantity.is_finite() or quantity <= 0 for quantity in quantities):
        raise ValidationFailed.field("quantity", _("A quantity is above 0."))


def missing_message(code: str) -> str:
    """Say what is lacking, by its code."""
    return {
        "no_source": _("No approved source and no offer."),
        "no_offer": _("Approved sources, but no supplier offers them."),
        "inactive_supplier": _("Offered by inactive suppliers alone."),
        "not_yet_valid": _("No offer holds yet on this date."),
        "expired": _("All offers have expired by this date."),
        "no_price": _("Offered without a price."),
        "no_rate": _("Offered in a currency that has no exchange rate on this date."),
        "no_cost": _("Made in house, but its own cost is 0."),
    }[code]


def _needs(structure: Structure, totals: Sequence[Decimal], market: Market) -> _Needs:
    needs, found = _Needs(), structure.products
    with exact():
        for at, total in enumerate(totals):
            if not total:
                continue
            own_cost, kind = structure.cost(at), found.product_type[at]
            if structure.is_leaf(at):
                key = uuid.UUID(bytes=found.key[at])
                leaf = _Leaf(key, found.number[at], found.name[at], found.unit[at], total, own_cost)
                if kind in BOUGHT_TYPES or key in market.known:
                    needs.bought.append(leaf)
                    continue
                if own_cost == 0 and kind in PRICED_LEAVES:
                    needs.costless.append(leaf)
            needs.added += total * own_cost
    needs.bought.sort(key=lambda leaf: leaf.number)
    return needs


def _cost(quantity: Decimal, needs: _Needs, market: Market, policy: MissingPolicy) -> QuantityCost:
    with exact():
        lines = tuple(_line(leaf, leaf.total, market, policy) for leaf in needs.bought)
        bought = sum((line.cost for line in lines if line.cost is not None), Decimal(0))
        excess = sum((_excess(line) for line in lines), Decimal(0))
        total = bought + needs.added
    days = {line.product_number: _lead_time(line) for line in lines}
    known = {number: count for number, count in days.items() if count is not None}
    longest = max(known.values(), default=None)
    unknown = tuple(number for number, count in days.items() if count is None)
    return QuantityCost(
        quantity=quantity,
        total_cost=total,
        unit_cost=_per_unit(total, quantity),
        bought_cost=bought,
        added_cost=needs.added,
        excess_cost=excess,
        lead_time_days=None if unknown else longest,
        lead_time_parts=tuple(number for number, count in known.items() if count == longest),
        lead_time_unknown=unknown,
        lines=lines,
    )


def _line(leaf: _Leaf, needed: Decimal, market: Market, policy: MissingPolicy) -> CostLine:
    choice = offer_choose(market.offers.get(leaf.product_id, ()), needed, on=market.on, rates=market.rates)
    code, by, cost = choice.missing, "offer", choice.taken.total if choice.taken else None
    if code and not choice.left_aside and leaf.product_id not in market.sourced:
        code = NO_SOURCE
    if cost is None:
        by = "missing"
        if policy == MissingPolicy.OWN_COST and leaf.own_cost:
            by, cost, code = "own_cost", needed * leaf.own_cost, ""
    return CostLine(
        product_id=leaf.product_id,
        product_number=leaf.number,
        product_name=leaf.name,
        unit_of_measure=leaf.unit,
        needed=needed,
        by=by,
        cost=cost,
        choice=choice,
        missing=code,
    )


def _excess(line: CostLine) -> Decimal:
    taken = line.choice.taken if line.choice and line.by == "offer" else None
    return taken.purchase.excess_cost * taken.rate if taken else Decimal(0)


def _lead_time(line: CostLine) -> int | None:
    taken = line.choice.taken if line.choice and line.by == "offer" else None
    return taken.terms.lead_time_days if taken else None


def _per_unit(total: Decimal, quantity: Decimal) -> Decimal:
    """Return the cost of one unit: exact where it comes out even within 28 digits, else rounded half up."""
    even = _WIDE.divide(total, quantity)
    places = -int(even.as_tuple().exponent)
    if places <= 28:
        return even
    return even.quantize(UNIT_COST_PLACES, rounding=ROUND_HALF_UP, context=_WIDE)


def _missing(costs: Iterable[QuantityCost], needs: _Needs) -> tuple[Missing, ...]:
    lacking = [
        Missing(line.product_id, line.product_number, line.product_name, line.missing, missing_message(line.missing))
        for line in next(iter(costs)).lines
        if line.by == "missing"
    ]
    lacking += [
        Missing(leaf.product_id, leaf.number, leaf.name, NO_COST, missing_message(NO_COST)) for leaf in needs.costless
    ]
    return tuple(sorted(lacking, key=lambda entry: entry.product_number))
