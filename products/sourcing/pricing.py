"""What a quantity costs by one offer, and which of several offers is taken. Pure arithmetic, exact, no database.

An offer's price for a needed quantity is its cheapest purchase: at least what is needed and at least the minimum
quantity, in whole packages (order multiples), at the price of the break that the bought quantity reaches. Where a
higher break makes buying more cheaper than buying what is needed, more is bought; of equal totals the smaller one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from plm_project.core.decimals import exact

NO_SOURCE = "no_source"
NO_OFFER = "no_offer"
INACTIVE_SUPPLIER = "inactive_supplier"
NOT_YET_VALID = "not_yet_valid"
EXPIRED = "expired"
NO_PRICE = "no_price"
NO_RATE = "no_rate"
NO_COST = "no_cost"


@dataclass(frozen=True, slots=True)
class Break:
    """The price of one unit from a quantity on."""

    from_quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """An offer as the rules see it. ``breaks`` rise; ``preferred``: it is for the product's preferred source."""

    offer_id: uuid.UUID
    supplier: str
    supplier_is_active: bool
    part: str
    supplier_part_number: str
    currency: str
    minimum_quantity: Decimal
    order_multiple: Decimal
    lead_time_days: int | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    breaks: tuple[Break, ...]
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Purchase:
    """The cheapest way to buy a quantity by one offer, in the offer's currency.

    ``excess_cost`` is what the units beyond the needed ones cost, a part of ``total``.
    """

    needed: Decimal
    bought: Decimal
    unit_price: Decimal
    total: Decimal
    excess: Decimal
    excess_cost: Decimal


@dataclass(frozen=True, slots=True)
class Bid:
    """A purchase with its total in the tenant's currency; ``rate`` is what one unit of the offer's currency is worth."""

    terms: Terms
    purchase: Purchase
    rate: Decimal
    total: Decimal

    @property
    def rank(self) -> tuple[Decimal, bool, bool, int, str, uuid.UUID]:
        """The cheapest first; ties go to the preferred source, then to the shorter lead time (unknown is longest)."""
        days = self.terms.lead_time_days
        return (
            self.total,
            not self.terms.preferred,
            days is None,
            days or 0,
            self.terms.supplier,
            self.terms.offer_id,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The bid that is taken, the others in their order, and why each offer left aside does not count."""

    taken: Bid | None
    others: tuple[Bid, ...]
    left_aside: tuple[tuple[Terms, str], ...]

    @property
    def missing(self) -> str:
        """Why there is no price: of several obstacles the one that is nearest to being solved; "" with a price."""
        if self.taken is not None:
            return ""
        codes = {code for _terms, code in self.left_aside}
        nearness = (NO_RATE, NO_PRICE, NOT_YET_VALID, EXPIRED, INACTIVE_SUPPLIER)
        return next((code for code in nearness if code in codes), NO_OFFER)


def purchase_cheapest(terms: Terms, needed: Decimal) -> Purchase | None:
    """Return the cheapest purchase of at least ``needed`` (above 0); None when the offer has no prices."""
    if not terms.breaks:
        return None
    with exact():
        least = _in_packages(max(needed, terms.minimum_quantity), terms.order_multiple)
        quantities = {least} | {
            _in_packages(entry.from_quantity, terms.order_multiple)
            for entry in terms.breaks
            if entry.from_quantity > least
        }
        priced = (
            (bought * price, bought, price)
            for bought in quantities
            if (price := _price_at(terms.breaks, bought)) is not None
        )
        total, bought, price = min(priced)
        excess = bought - needed
        return Purchase(needed, bought, price, total, excess, excess * price)


def obstacle(terms: Terms, on: dt.date, rates: dict[str, Decimal]) -> str:
    """Return why an offer does not count on a day, or an empty string. ``rates``: by currency, the own one at 1."""
    if not terms.supplier_is_active:
        return INACTIVE_SUPPLIER
    if terms.valid_from is not None and terms.valid_from > on:
        return NOT_YET_VALID
    if terms.valid_to is not None and terms.valid_to <= on:
        return EXPIRED
    if not terms.breaks:
        return NO_PRICE
    return "" if terms.currency in rates else NO_RATE


def offer_choose(offers: Iterable[Terms], needed: Decimal, *, on: dt.date, rates: dict[str, Decimal]) -> Choice:
    """Choose among the offers of allowed sources: the cheapest total in the tenant's currency (``Bid.rank``)."""
    bids: list[Bid] = []
    aside: list[tuple[Terms, str]] = []
    for terms in offers:
        code = obstacle(terms, on, rates)
        purchase = None if code else purchase_cheapest(terms, needed)
        if purchase is None:
            aside.append((terms, code))
            continue
        rate = rates[terms.currency]
        with exact():
            bids.append(Bid(terms, purchase, rate, purchase.total * rate))
    ranked = sorted(bids, key=lambda bid: bid.rank)
    return Choice(ranked[0] if ranked else None, tuple(ranked[1:]), tuple(aside))


def _price_at(breaks: Sequence[Break], quantity: Decimal) -> Decimal | None:
    """Return the price of the highest break that ``quantity`` reaches; None below the first."""
    reached = [entry.unit_price for entry in breaks if entry.from_quantity <= quantity]
    return reached[-1] if reached else None


def _in_packages(quantity: Decimal, multiple: Decimal) -> Decimal:
    """Round up to whole packages."""
    if not multiple:
        return quantity
    packages = quantity // multiple
    return (packages if packages * multiple == quantity else packages + 1) * multiple
