"""Two revisions side by side (the question belongs to products; changes make the revisions)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plm_project.core.exceptions import ValidationFailed
from products.models import Product, ProductRevision
from products.selectors.compare import Comparison, compare_revisions
from products.selectors.resolution import Resolution
from products.services import line_remove, line_update, revision_create
from tests.factories import make_line, make_product, release, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")


@pytest.fixture
def bike() -> tuple[Product, dict[str, Product]]:
    """BIKE rev A, released: 10 WHEEL ×2, 20 BELL ×1, 30 TAPE 1.5 m; a WHEEL has 32 SPOKEs."""
    parts = {name: make_product(name) for name in ("SPOKE", "BULB", "WHEEL", "BELL", "HORN", "LAMP")}
    parts["TAPE"] = make_product("TAPE", unit_of_measure="m")
    make_line(parts["WHEEL"], parts["SPOKE"], 32)
    make_line(parts["LAMP"], parts["BULB"], 1)
    bike = make_product("BIKE")
    for name, quantity in (("WHEEL", 2), ("BELL", 1), ("TAPE", "1.5")):
        make_line(bike, parts[name], quantity)
    for product in (*parts.values(), bike):
        release(product)
    return bike, parts


def next_revision(product: Product) -> ProductRevision:
    return revision_create(actor=system_actor(), product_id=product.pk)


def changed(found: Comparison) -> list[tuple[int, str, str, object, object]]:
    return [tuple(row.values())[1:] for row in found.as_answer()["changed"]]  # type: ignore[misc]


def test_a_copy_differs_in_nothing(bike: tuple[Product, dict[str, Product]]) -> None:
    product, _parts = bike
    base = revision_of(product)
    assert compare_revisions(base, next_revision(product)).is_equal


def test_each_kind_of_difference(bike: tuple[Product, dict[str, Product]]) -> None:
    product, parts = bike
    base = revision_of(product)
    new = next_revision(product)
    lines = {line.child.product_number: line for line in new.lines.select_related("child")}
    edits = (
        ("WHEEL", {"quantity": Decimal(3), "reference_designators": ["F", "M", "R"], "find_number": 15}),
        ("BELL", {"child_id": parts["HORN"].pk}),
    )
    for number, values in edits:
        line_update(actor=system_actor(), line_id=lines[number].pk, changes=values)
    line_remove(actor=system_actor(), line_id=lines["TAPE"].pk)
    make_line(product, parts["LAMP"], 1, find_number=40)
    found = compare_revisions(base, new, levels="1")
    assert [line.product_number for line in found.added] == ["LAMP"]
    assert [(line.find_number, line.product_number) for line in found.removed] == [(30, "TAPE")]
    assert changed(found) == [
        (10, "WHEEL", "find_number", 10, 15),
        (10, "WHEEL", "quantity", "2", "3"),
        (10, "WHEEL", "reference_designators", [], ["F", "M", "R"]),
        (20, "BELL", "product_number", "BELL", "HORN"),
    ]
    everything = compare_revisions(base, new)
    assert [(line.parent_number, line.product_number) for line in everything.added] == [
        ("BIKE", "LAMP"),
        ("LAMP", "BULB"),
    ]
    back = compare_revisions(new, base, levels="1")
    assert [line.product_number for line in back.added] == ["TAPE"]


def test_a_date_decides_what_is_below(bike: tuple[Product, dict[str, Product]]) -> None:
    """A wheel built in twice is compared once; a draft of it is not in force."""
    product, parts = bike
    base = revision_of(product)
    new = next_revision(product)
    make_line(product, parts["WHEEL"], 1)
    draft = next_revision(parts["WHEEL"])
    line_update(actor=system_actor(), line_id=draft.lines.get().pk, changes={"quantity": Decimal(36)})
    found = compare_revisions(base, new, resolution=Resolution.of("effective"))
    assert (len(found.added), found.removed, found.changed) == (1, (), ())


def test_only_revisions_of_one_product_and_known_levels(bike: tuple[Product, dict[str, Product]]) -> None:
    product, parts = bike
    with pytest.raises(ValidationFailed):
        compare_revisions(revision_of(product), revision_of(parts["WHEEL"]))
    with pytest.raises(ValidationFailed):
        compare_revisions(revision_of(product), revision_of(product), levels="2")
