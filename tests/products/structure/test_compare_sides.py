"""Two structures of any kind side by side: the same differences as a list and as a tree."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from plm_project.core.exceptions import NotFound, ValidationFailed
from products.models import Product
from products.selectors.compare import compare_sides
from products.selectors.compare_question import side_words, sides_asked, sides_read
from products.selectors.compare_tree import SideBySide, TreeRow
from products.selectors.resolution import Resolution
from products.services import line_update, revision_create
from tests.factories import make_assembly, make_baseline, make_line, make_product, release, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")
DAY = dt.date(2026, 3, 1)


@pytest.fixture
def car() -> Product:
    """CAR → 1 MOTOR-E (motor:e) or 1 MOTOR-D (motor:d) at one find number, 2 AXLE → 4 BOLT, 1 SEAT → 1 BOLT."""
    bolt = make_product("BOLT")
    seat = make_assembly("SEAT", [(bolt, 1)])
    axle = make_assembly("AXLE", [(bolt, 4)])
    release(axle, effective_from=DAY)
    car = make_product("CAR")
    for choice in ("e", "d"):
        make_line(car, make_product(f"MOTOR-{choice.upper()}"), find_number=10, condition=f"motor:{choice}")
    make_line(car, axle, 2, find_number=20)
    make_line(car, seat, 1, find_number=30)
    return car


def differences(product: Product, levels: str = "all", **query: Any) -> set[tuple[str, str, str, str]]:
    """The differences as (kind or field, parent, number, what)."""
    found = compare_sides(sides_read(*sides_asked(product, query)), levels=levels).as_answer()
    whole = {
        (kind, row["parent_number"], row["product_number"], row["quantity"])
        for kind in ("added", "removed")
        for row in found[kind]
    }
    return whole | {
        (row["field"], row["parent_number"], row["product_number"], f"{row['from']}>{row['to']}")
        for row in found["changed"]
    }


def test_a_baseline_with_today_shows_what_changed_at_every_level(car: Product) -> None:
    make_baseline(car, "Pilot")
    assert differences(car, from_baseline="Pilot") == set()
    axle = Product.objects.get(product_number="AXLE")
    revision_create(actor=system_actor(), product_id=axle.pk)
    line = revision_of(axle).lines.get()
    line_update(actor=system_actor(), line_id=line.pk, changes={"quantity": Decimal(5), "line_type": "consumable"})
    release(axle)
    make_line(Product.objects.get(product_number="SEAT"), make_product("BELT"), 2)
    assert differences(car, from_baseline="Pilot") == {
        ("revision", "CAR", "AXLE", "A>B"),
        ("quantity", "AXLE", "BOLT", "4>5"),
        ("line_type", "AXLE", "BOLT", "standard>consumable"),
        ("added", "SEAT", "BELT", "2"),
    }
    assert differences(car, "1", from_baseline="Pilot") == {("revision", "CAR", "AXLE", "A>B")}
    make_baseline(car, "Series")
    assert len(differences(car, from_baseline="Pilot", to_baseline="Series")) == 4
    assert differences(car, from_baseline="Series", to="A") == set()

    sides = sides_asked(car, {"from_baseline": "Pilot"})
    read = sides_read(*sides)
    tree = SideBySide(read)
    top = tree.level(0, 0)
    assert [(row.kind, row.differs_below) for row in top.rows] == [
        ("same", False), ("same", False), ("changed", True), ("same", True)
    ]  # fmt: skip
    assert [row.right.product_number for row in tree.level(0, 0, all_rows=False).rows if row.right] == ["AXLE", "SEAT"]
    assert [row.kind for row in below(tree, top.rows[3])] == ["same", "added"]
    portion = tree.level(0, 0, limit=3)
    assert (len(portion.rows), portion.next_offset, portion.left) == (3, 3, 1)
    assert side_words(sides[0], read.left, read.left_root) == "CAR baseline Pilot"


def below(tree: SideBySide, row: TreeRow) -> tuple[TreeRow, ...]:
    return tree.level(row.left.place if row.left else None, row.right.place if row.right else None).rows


def test_options_dates_and_products_are_compared(car: Product) -> None:
    assert differences(car, from_options="motor:e", to_options="motor:d") == {
        ("product_number", "CAR", "MOTOR-E", "MOTOR-E>MOTOR-D"),
        ("condition", "CAR", "MOTOR-E", "motor:e>motor:d"),
    }
    assert differences(car, from_options="motor:e", to_options="none") == {("removed", "CAR", "MOTOR-E", "1")}
    day_before = Resolution.of().as_of - dt.timedelta(days=1)
    assert differences(car, from_as_of=day_before, to_mode="latest") == set()
    van = make_assembly("VAN", [(Product.objects.get(product_number="SEAT"), 3)])
    assert differences(car, "1", to_product=van.product_number, from_options="none") == {
        ("removed", "CAR", "AXLE", "2"),
        ("quantity", "CAR", "SEAT", "1>3"),
        ("find_number", "CAR", "SEAT", "30>10"),
    }


def test_bare_revisions_are_read_as_one_graph(car: Product) -> None:
    release(car)
    revision_create(actor=system_actor(), product_id=car.pk)
    read = sides_read(*sides_asked(car, {"from": "A", "to": "B"}))
    assert read.is_one_graph
    assert sides_read(
        *sides_asked(car, {"from": "A", "to": "B", "from_mode": "latest", "to_mode": "latest"})
    ).is_one_graph
    make_line(car, make_assembly("RACK", [(make_product("TUBE"), 6)]), find_number=40)
    assert differences(car, **{"from": "A", "to": "B"}) == {
        ("added", "CAR", "RACK", "1"),
        ("added", "RACK", "TUBE", "6"),
    }
    read = sides_read(*sides_asked(car, {"from": "A", "to": "B"}))
    tree = SideBySide(read)
    rows = tree.level(read.left_root, read.right_root).rows
    assert [(row.kind, row.differs_below) for row in rows] == [("same", False)] * 4 + [("added", False)]
    assert [row.kind for row in below(tree, rows[4])] == ["added"]


def test_what_cannot_be_compared_is_named(car: Product) -> None:
    make_baseline(car, "Pilot")
    for query, error, field in (
        ({}, ValidationFailed, "from"),
        ({"from_baseline": "Pilot", "from": "A"}, ValidationFailed, "from"),
        ({"from_baseline": "Pilot", "from_options": "motor:e"}, ValidationFailed, "from_options"),
        ({"from_configuration": str(car.pk)}, ValidationFailed, "from_configuration"),
        ({"from_baseline": "Other"}, NotFound, None),
        ({"to_product": "NONE", "from": "A"}, NotFound, "to_product"),
    ):
        with pytest.raises(error) as caught:
            sides_asked(car, query)
        assert field is None or field in caught.value.details
    with pytest.raises(NotFound, match="released and effective"):
        sides_read(*sides_asked(car, {"from": "A", "to_mode": "released"}))
