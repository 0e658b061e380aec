from __future__ import annotations

from decimal import Decimal

import pytest

from products.exceptions import CycleRefused
from products.selectors.explosion import Explosion, explosion_flat
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.selectors.where_used import where_used
from tests.factories import make_line, make_product

pytestmark = pytest.mark.usefixtures("scope")


def test_explode_and_roll_up() -> None:
    bolt = make_product("BOLT", current_cost=Decimal("0.10"))
    wheel = make_product("WHEEL", current_cost=Decimal("5"))
    bike = make_product("BIKE", current_cost=Decimal("100"))
    make_line(wheel, bolt, "4")
    make_line(bike, wheel, 2)
    make_line(bike, bolt, "1.5")
    structure = structure_load(bike, Resolution.of("latest"))
    rows = list(Explosion(structure))
    assert [(row.level, row.product_number, row.total_quantity) for row in rows] == [
        (1, "WHEEL", 2), (2, "BOLT", 8), (1, "BOLT", Decimal("1.5"))]  # fmt: skip
    assert {line.product_number: line.total_quantity for line in explosion_flat(structure)} == {
        "BOLT": Decimal("9.5"), "WHEEL": 2}  # fmt: skip
    assert product_rollup(structure).unit_cost == Decimal("110.95")
    used = where_used(bolt, Resolution.of("latest"))
    assert (used.direct, used.ancestors, used.roots) == (2, 2, 1)
    with pytest.raises(CycleRefused) as refusal:
        make_line(wheel, bike, 1)
    assert refusal.value.path == ["WHEEL", "BIKE", "WHEEL"]
