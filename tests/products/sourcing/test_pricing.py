"""What a quantity costs by one offer and which offer is taken: a table of cases, and against brute force."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from products.sourcing.pricing import Break, Terms, offer_choose, purchase_cheapest

D = Decimal
TODAY = dt.date(2026, 6, 1)
RATES = {"EUR": D(1), "USD": D("0.9")}


def terms(*breaks: tuple[str, str], **values: Any) -> Terms:
    known: dict[str, Any] = {
        "offer_id": uuid.uuid4(), "supplier": "Shop", "supplier_is_active": True, "part": "", "supplier_part_number": "",
        "currency": "EUR", "minimum_quantity": D(0), "order_multiple": D(0), "lead_time_days": None,
        "valid_from": None, "valid_to": None,
    }  # fmt: skip
    return Terms(breaks=tuple(Break(D(q), D(p)) for q, p in breaks), **{**known, **values})


@pytest.mark.parametrize(
    ("breaks", "moq", "multiple", "needed", "bought", "price", "total"),
    [
        ([("1", "0.10")], "0", "0", "7", "7", "0.10", "0.70"),
        ([("1", "0.10")], "50", "0", "7", "50", "0.10", "5.00"),
        ([("1", "0.10")], "0", "25", "26", "50", "0.10", "5.00"),
        ([("1", "0.10")], "5000", "3000", "1", "6000", "0.10", "600"),
        ([("1", "1"), ("100", "0.8")], "0", "0", "99", "100", "0.8", "80"),  # more for less
        ([("1", "1"), ("100", "0.8")], "0", "0", "80", "80", "1", "80"),  # as dear: the smaller one
        ([("1", "1"), ("100", "0.8")], "0", "0", "79", "79", "1", "79"),
        ([("1", "1"), ("100", "0.5")], "0", "30", "61", "120", "0.5", "60"),  # packages before the break
        ([("10", "1")], "0", "0", "3", "10", "1", "10"),  # no price below the first break
        ([("0.5", "0.000001")], "0", "0", "0.5", "0.5", "0.000001", "0.0000005"),
        ([("1", "0")], "0", "0", "1", "1", "0", "0"),  # a free sample is a price
    ],
)
def test_the_cheapest_purchase(
    breaks: Any, moq: str, multiple: str, needed: str, bought: str, price: str, total: str
) -> None:
    found = purchase_cheapest(terms(*breaks, minimum_quantity=D(moq), order_multiple=D(multiple)), D(needed))
    assert found is not None
    assert (found.bought, found.unit_price, found.total) == (D(bought), D(price), D(total))
    assert found.excess == D(bought) - D(needed)
    assert found.excess_cost == found.excess * D(price)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"supplier_is_active": False}, "inactive_supplier"),
        ({"valid_from": TODAY + dt.timedelta(1)}, "not_yet_valid"),
        ({"valid_to": TODAY}, "expired"),
        ({"currency": "CHF"}, "no_rate"),
        ({"valid_from": TODAY, "valid_to": TODAY + dt.timedelta(1)}, ""),
        ({"currency": "USD"}, ""),
    ],
)
def test_what_counts(values: dict[str, Any], code: str) -> None:
    choice = offer_choose([terms(("1", "1"), **values)], D(1), on=TODAY, rates=RATES)
    assert choice.missing == code
    assert [why for _offer, why in choice.left_aside] == ([code] if code else [])


def test_an_offer_without_prices_has_none() -> None:
    assert offer_choose([terms()], D(1), on=TODAY, rates=RATES).missing == "no_price"
    assert offer_choose([], D(1), on=TODAY, rates=RATES).missing == "no_offer"


def test_the_tie_goes_to_the_preferred_then_to_the_faster() -> None:
    slow = terms(("1", "1"), supplier="A", lead_time_days=30)
    fast = terms(("1", "1"), supplier="B", lead_time_days=3)
    unknown = terms(("1", "1"), supplier="C")
    liked = terms(("1", "1"), supplier="D", lead_time_days=90, preferred=True)
    dear = terms(("1", "1.2"), supplier="E", currency="USD", lead_time_days=0, preferred=True)
    choice = offer_choose([unknown, slow, dear, fast, liked], D(1), on=TODAY, rates=RATES)
    ranked = [choice.taken, *choice.others]
    assert [bid.terms.supplier for bid in ranked if bid] == ["D", "B", "A", "C", "E"]
    assert ranked[-1] is not None and ranked[-1].total == D("1.08")


AMOUNTS = st.integers(1, 40)
BREAKS = st.dictionaries(AMOUNTS, st.integers(0, 300), min_size=1, max_size=4)
OFFERS = st.lists(
    st.tuples(BREAKS, st.integers(0, 30), st.integers(0, 12), st.sampled_from(["EUR", "USD", "CHF"]), st.booleans()),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(offers=OFFERS, needed=AMOUNTS)
def test_the_chosen_offer_is_the_cheapest_there_is(offers: Any, needed: int) -> None:
    """Brute force: every whole quantity up to far beyond any break, of every offer that counts."""
    made, best = [], None
    for breaks, moq, multiple, currency, active in offers:
        rising = sorted(breaks.items())
        made.append(
            terms(
                *((str(q), str(D(p) / 100)) for q, p in rising),
                minimum_quantity=D(moq), order_multiple=D(multiple), currency=currency, supplier_is_active=active,
            )
        )  # fmt: skip
        if not active or currency not in RATES:
            continue
        for bought in range(needed, 200):
            reached = [p for q, p in rising if q <= bought]
            if bought < moq or (multiple and bought % multiple) or not reached:
                continue
            total = bought * D(reached[-1]) / 100 * RATES[currency]
            best = total if best is None else min(best, total)
    choice = offer_choose(made, D(needed), on=TODAY, rates=RATES)
    assert (choice.taken.total if choice.taken else None) == best
    assert len(choice.others) + len(choice.left_aside) + (choice.taken is not None) == len(offers)
