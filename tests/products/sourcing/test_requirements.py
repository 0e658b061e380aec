"""What an order takes, against a walk of the whole tree and against examples worked out by hand."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from plm_project.tenancy.models import Tenant
from products.sourcing.requirements import Use, requirements
from tests.factories import make_line, make_product

D = Decimal


@st.composite
def graphs(draw: st.DrawFn) -> list[list[Use]]:
    """A graph whose lines go to later places alone, without set-up and rounding."""
    size = draw(st.integers(2, 6))
    uses: list[list[Use]] = [[] for _at in range(size)]
    for parent in range(size - 1):
        for child in draw(st.lists(st.integers(parent + 1, size - 1), max_size=3)):
            quantity = draw(st.decimals(D("0.1"), 20, places=2))
            attrition = draw(st.sampled_from([D(0), D("2.5"), D(100)]))
            uses[parent].append(Use(child, quantity, draw(st.sampled_from("sspcr")), attrition))
    return uses


def walk(uses: list[list[Use]], at: int, have: Decimal, found: dict[int, Decimal]) -> None:
    for use in uses[at]:
        if use.kind != "r":
            more = have * use.quantity * (100 + use.attrition_percent) / 100
            if use.kind != "p":
                found[use.child] = found.get(use.child, D(0)) + more
            walk(uses, use.child, more, found)


@given(graphs(), st.integers(1, 1000))
def test_without_rounding_it_is_the_sum_over_all_paths(uses: list[list[Use]], quantity: int) -> None:
    found: dict[int, Decimal] = {}
    walk(uses, 0, D(quantity), found)
    needed = requirements(uses, range(len(uses)), 0, D(quantity))
    for at in range(1, len(uses)):
        assert abs(needed[at] - found.get(at, D(0))) <= D("1e-15") * max(needed[at], D(1))


def test_worked_by_hand() -> None:
    # 0 takes 2 × 1 (10 % attrition, multiple of 5) and 1 × 2 (phantom, its set-up does not count); both take 3
    uses = [
        [Use(1, D(2), "s", D(10), D(0), D(5)), Use(2, D(1), "p", D(0), D(99), D(7))],
        [Use(3, D(4), "s", D(0), D(3))],
        [Use(3, D(1), "c", D(0), D(0), D(100)), Use(4, D(9), "r", D(0), D(5))],
        [],
        [],
    ]
    # 7 of 0: 15.4 of 1 → 20; 7 of the phantom pass through; of 3: 20 × 4 + 3 = 83, and 7 → 100; reference: nothing
    assert requirements(uses, range(5), 0, D(7)) == [7, 20, 0, 183, 0]
    assert Use(0, D(1), "s", D(0), D(0), D("0.25")).need(D(3)) == 3
    assert Use(0, D(1), "s", D(0), D(0), D("0.4")).need(D(3)) == D("3.2")


@pytest.mark.usefixtures("scope")
def test_by_command_and_cost(tenant: Tenant) -> None:
    bolt, wheel, bike = make_product("BOLT", product_type="purchased"), make_product("WHEEL"), make_product("BIKE")
    make_line(wheel, bolt, 4, attrition_percent=D(5), rounding_multiple=D(100))
    make_line(bike, wheel, 2)
    make_line(bike, make_product("BELL", current_cost=D(3)), is_optional=True)

    def asked(name: str, *more: str) -> Any:
        out = io.StringIO()
        call_command(name, "BIKE", "--quantity=30", f"--tenant={tenant.slug}", "--json", *more, stdout=out)
        return json.loads(out.getvalue())

    lines = asked("bom_requirements")["lines"]
    assert [(row["product_number"], D(row["needed"]), D(row["designed"])) for row in lines] == [
        ("BOLT", 300, 240), ("WHEEL", 60, 60)]  # fmt: skip
    assert len(asked("bom_requirements", "--optional")["lines"]) == 3
    (line,) = asked("cost_by_quantity")["quantities"][0]["lines"]
    assert (line["product_number"], D(line["needed_quantity"])) == ("BOLT", 300)
