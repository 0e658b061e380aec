"""Cost by build quantity: what is bought at which offer, what is missing, by which rates; exact and in few statements."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plm_project.core.exceptions import ValidationFailed
from products.choices import MissingPolicy
from products.models import Manufacturer, Product
from products.selectors.graph import structure_load
from products.selectors.quantity_rollup import quantity_rollup
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.selectors.single_source import SingleSources
from products.services import product_update
from products.services.partners import manufacturer_update, supplier_update
from products.services.supplier_offers import exchange_rate_create, offer_update
from products.sourcing.pricing import Break
from tests.factories import (
    make_line,
    make_offer,
    make_part,
    make_product,
    make_source,
    make_supplier,
    system_actor,
)

pytestmark = pytest.mark.usefixtures("scope")
D = Decimal
ON = dt.date(2026, 6, 1)
NOW = Resolution.of(None, ON)


def bought(number: str, **data: Any) -> Product:
    return make_product(number, product_type="purchased", **{"current_cost": D(0), **data})


@pytest.fixture
def board() -> Product:
    """BOARD (3 to assemble) → 2 MODULE (1 to assemble) → 3 RES; BOARD → 4 RES, 1 CHIP, 1 CASE made in house for 5."""
    res, chip = bought("RES"), bought("CHIP")
    case = make_product("CASE", current_cost=D(5))
    module = make_product("MODULE", current_cost=D(1))
    board = make_product("BOARD", current_cost=D(3))
    make_line(module, res, 3)
    make_line(board, module, 2)
    make_line(board, res, 4)
    make_line(board, chip, 1)
    make_line(board, case, 1)
    return board


def costs(product: Product, *quantities: int, **options: Any) -> Any:
    return quantity_rollup(product, options.pop("at", NOW), [D(n) for n in quantities], **options)


def rate(currency: str, value: str, since: str) -> None:
    data = {"currency": currency, "rate": D(value), "valid_from": dt.date.fromisoformat(since)}
    exchange_rate_create(actor=system_actor(), data=data)


def test_every_quantity_takes_its_best_offer(board: Product) -> None:
    res, chip = Product.objects.get(product_number="RES"), Product.objects.get(product_number="CHIP")
    reel = make_source(res, "Yageo", "RC0402")
    make_offer(reel.manufacturer_part, "Reels", ("1", "0.001"), minimum_quantity=D(5000), lead_time_days=60)
    make_offer(
        reel.manufacturer_part, "Tape", ("1", "0.02"), ("1000", "0.004"), order_multiple=D(10), lead_time_days=2
    )
    make_offer(make_source(chip, "ST", "M0").manufacturer_part, "Tape", ("1", "2.5"), currency="USD", lead_time_days=7)
    make_offer(make_source(chip, "TI", "T1", status="potential").manufacturer_part, "Tape", ("1", "0.01"))
    make_offer(make_source(chip, "NXP", "N1", status="disqualified").manufacturer_part, "Tape", ("1", "0.01"))
    make_offer(chip, "Broker", ("1", "99"))
    rate("USD", "0.8", "2026-01-01")
    rate("USD", "0.9", "2026-07-01")

    found = costs(board, 1, 100, 1000)
    assert found.is_complete
    one, hundred, thousand = found.costs
    # 10 resistors a board; chip at 2.50 USD × 0.8; in house: 3 + 2 × 1 + 5
    assert [line.choice.taken.terms.supplier for line in one.lines] == ["Tape", "Tape"]
    assert (one.bought_cost, one.added_cost, one.total_cost) == (D("2.2"), D(10), D("12.2"))
    assert (one.lead_time_days, one.lead_time_parts) == (7, ("CHIP",))
    # 1,000 resistors: 4.00 by tape, 5.00 by the reel of 5,000
    assert (hundred.bought_cost, hundred.excess_cost) == (D("204"), D(0))
    assert hundred.unit_cost == D("12.04")
    # 10,000 resistors by the reel: two reels in one lot of at least 5,000
    reels = thousand.lines[1]
    assert (reels.needed, reels.choice.taken.terms.supplier, reels.cost) == (D(10000), "Reels", D(10))
    assert (thousand.lead_time_days, thousand.lead_time_parts) == (60, ("RES",))
    assert [bid.terms.supplier for bid in reels.choice.others] == ["Tape"]
    assert [bid.terms.supplier for bid in one.lines[0].choice.others] == ["Broker"]
    # three boards: a third does not come out even
    assert costs(board, 3).costs[0].unit_cost == D("12.2")
    assert costs(board, 7).costs[0].lines[1].choice.taken.purchase.excess == D(0)
    # a later rate counts from its day on
    later = costs(board, 1, at=Resolution.of(None, dt.date(2026, 7, 1))).costs[0]
    assert later.lines[0].cost == D("2.25")
    # mass and structure are those of the roll-up
    assert found.mass_kg == product_rollup(structure_load(board, NOW)).mass_kg


def test_what_is_missing_is_named_and_never_zero(board: Product) -> None:
    res, chip, case = (Product.objects.get(product_number=n) for n in ("RES", "CHIP", "CASE"))
    actor = system_actor()

    def missing() -> dict[str, str]:
        return {entry.product_number: entry.code for entry in costs(board, 10).missing}

    assert missing() == {"RES": "no_source", "CHIP": "no_source"}
    source = make_source(res, "Yageo", "RC0402")
    assert missing()["RES"] == "no_offer"
    offer = make_offer(source.manufacturer_part, "Tape", ("1", "1"), currency="USD")
    assert missing()["RES"] == "no_rate"
    offer_update(actor=actor, offer_id=offer.pk, changes={"currency": "EUR", "valid_to": ON})
    assert missing()["RES"] == "expired"
    offer_update(actor=actor, offer_id=offer.pk, changes={"valid_to": None, "valid_from": dt.date(2027, 1, 1)})
    assert missing()["RES"] == "not_yet_valid"
    offer_update(actor=actor, offer_id=offer.pk, changes={"valid_from": None})
    supplier_update(actor=actor, supplier_id=make_supplier("Tape").pk, changes={"is_active": False})
    assert missing()["RES"] == "inactive_supplier"
    supplier_update(actor=actor, supplier_id=make_supplier("Tape").pk, changes={"is_active": True})
    assert "RES" not in missing()
    maker = Manufacturer.objects.get(name="Yageo")
    manufacturer_update(actor=actor, manufacturer_id=maker.pk, changes={"is_active": False})
    assert missing()["RES"] == "no_source"
    product_update(actor=actor, product_id=case.pk, changes={"current_cost": D(0)})
    product_update(actor=actor, product_id=chip.pk, changes={"current_cost": D("1.5")})
    assert missing() == {"RES": "no_source", "CHIP": "no_source", "CASE": "no_cost"}
    assert costs(board, 10).costs[0].bought_cost == 0
    own = costs(board, 10, policy=MissingPolicy.OWN_COST)
    assert {entry.product_number for entry in own.missing} == {"RES", "CASE"}
    assert [(line.by, line.cost) for line in own.costs[0].lines] == [("own_cost", D(15)), ("missing", None)]
    assert (own.costs[0].lead_time_days, own.costs[0].lead_time_unknown) == (None, ("CHIP", "RES"))
    for bad in ([], [D(0)], [D("-1")], [D("NaN")], [D(1)] * 11):
        with pytest.raises(ValidationFailed) as refused:
            quantity_rollup(board, NOW, bad)
        assert set(refused.value.details) == {"quantity"}


def test_a_bought_product_alone_and_exact_to_the_last_digit() -> None:
    wire = bought("WIRE", unit_of_measure="m")
    make_offer(wire, "Coils", ("0.000001", "0.000001"))
    harness = make_product("HARNESS", current_cost=D(0))
    make_line(harness, wire, "0.333333")
    cost = costs(harness, 7).costs[0]
    assert cost.total_cost == D("0.333333") * 7 * D("0.000001")
    assert cost.unit_cost == D("0.333333") * D("0.000001")
    make_offer(bought("ODD"), "Coils", ("1", "1"), minimum_quantity=D(10))
    odd = costs(Product.objects.get(product_number="ODD"), 3).costs[0]
    assert (odd.total_cost, odd.excess_cost, odd.unit_cost) == (D(10), D(7), D("3.333333"))


def sourced_structure(products: int) -> Product:
    """A root with ``products`` bought parts, each with two sources and two offers."""
    root = Product.objects.filter(product_number="ROOT").first() or make_product("ROOT", current_cost=D(0))
    for number in range(products):
        part = bought(None, mass_kg=D("0.1"))  # type: ignore[arg-type]
        make_line(root, part, 2)
        for maker in ("Maker A", "Maker B"):
            source = make_source(part, maker, f"{part.product_number}-{number}")
            make_offer(source.manufacturer_part, "Shop", ("1", "0.5"), ("100", "0.25"))
    return root


def test_statements_do_not_grow(django_assert_max_num_queries: Any) -> None:
    counts = []
    for step in (2, 8):
        root = sourced_structure(step)
        quantity_rollup(root, NOW, [D(1)])
        with CaptureQueriesContext(connection) as asked:
            found = costs(root, 1, 10, 100, 1000)
        counts.append(len([q for q in asked if " FROM " in q["sql"]]))
        assert found.is_complete
    assert counts[0] == counts[1] <= 12
    assert [cost.total_cost for cost in found.costs] == [D(10), D(100), D(500), D(5000)]


def test_single_sources() -> None:
    one, two, none, same = (bought(number) for number in ("ONE", "TWO", "NONE", "SAME"))
    inner = make_product("INNER")
    for child in (one, two, none, same):
        make_line(inner, child, 1)
    for number in ("TOP-A", "TOP-B"):
        make_line(make_product(number), inner, 1)
    make_source(one, "Yageo", "R1")
    make_source(one, "Kemet", "R2", status="potential")
    make_source(two, "Yageo", "R3")
    make_source(two, "Kemet", "R4")
    make_source(same, "Yageo", "R5")
    make_source(same, "Yageo", "R6")
    make_offer(make_part("Yageo", "R1"), "Tape", ("1", "1"))
    bought("UNUSED")
    report = SingleSources(NOW)
    assert report.summary() == {"checked": 5, "no_source": 2, "single_source": 2}
    rows = {row.product_number: row for row in report[:]}
    assert list(rows) == ["NONE", "ONE", "SAME", "UNUSED"]
    assert (rows["SAME"].manufacturers, rows["SAME"].mpns) == (1, ("R5", "R6"))
    assert (rows["ONE"].manufacturer, rows["ONE"].suppliers) == ("Yageo", 1)
    assert (rows["ONE"].used_in, rows["ONE"].uses) == (("TOP-A", "TOP-B"), 2)
    assert rows["UNUSED"].used_in == ()
    below = SingleSources(NOW, below=Product.objects.get(product_number="TOP-A"))
    assert [row.product_number for row in below] == ["NONE", "ONE", "SAME"]
    assert [row.product_number for row in SingleSources(NOW, most=0)] == ["NONE", "UNUSED"]
    with CaptureQueriesContext(connection) as few:
        report[0:1]
    with CaptureQueriesContext(connection) as many:
        report[0:4]
    assert len(few) == len(many)


def test_prices_changed_keep_their_history(board: Product) -> None:
    offer = make_offer(board, "Shop", ("1", "2"), ("10", "1"))
    offer_update(
        actor=system_actor(), offer_id=offer.pk, changes={}, breaks=[Break(D(1), D(3)), Break(D(20), D("0.5"))]
    )
    offer.refresh_from_db()
    assert offer.version == 2
    assert [(b.from_quantity, b.unit_price) for b in offer.breaks.all()] == [(D(1), D(3)), (D(20), D("0.5"))]
    first = offer.breaks.get(from_quantity=1)
    assert [row.unit_price for row in first.history.order_by("history_date")] == [D(2), D(3)]


def test_the_commands(tenant: Any, board: Product) -> None:
    def run(name: str, *args: str, text: bool = False) -> Any:
        out = io.StringIO()
        call_command(name, *args, f"--tenant={tenant.slug}", *([] if text else ["--json"]), stdout=out)
        return out.getvalue() if text else json.loads(out.getvalue())

    make_offer(Product.objects.get(product_number="RES"), "Tape", (1, "0.5"), (100, "0.1"))
    answer = run("cost_by_quantity", "BOARD", "--quantity", "1,10", "--as-of", "2026-06-01")
    assert (answer["currency"], answer["as_of"], answer["complete"]) == ("EUR", "2026-06-01", False)
    assert [entry["code"] for entry in answer["missing"]] == ["no_source"]
    one, ten = answer["quantities"]
    assert (one["total_cost"], ten["total_cost"], ten["unit_cost"]) == ("15", "110", "11")
    assert ten["lines"][1]["offer"]["bought_quantity"] == "100"
    assert "10 units: 110, 11 each" in run("cost_by_quantity", "BOARD", "--quantity=10", text=True)
    with pytest.raises(CommandError):
        run("cost_by_quantity", "BOARD", "--quantity", "many")
    with pytest.raises(CommandError):
        run("cost_by_quantity", "BOARD", "--quantity", "0")
    report = run("single_source_report", "BOARD")
    assert (report["checked"], [line["product_number"] for line in report["lines"]]) == (2, ["CHIP", "RES"])
    assert "CHIP: - (in BOARD)" in run("single_source_report", text=True)
