"""Every structure question against plain Python over small random graphs, to the last digit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plm_project.core.decimals import EXACT
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.scope import require_tenant_id
from products.exceptions import StructureCycle
from products.models import BomLine, Product, ProductRevision
from products.selectors.compare import compare_revisions
from products.selectors.cycles import cycle_path, uses_above
from products.selectors.explosion import Explosion, explosion_flat
from products.selectors.explosion_page import explosion_first
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.selectors.rollup_all import price_changes, rollup_everything
from products.selectors.where_used import where_used

pytestmark = [pytest.mark.usefixtures("scope"), pytest.mark.slow]
DAY = dt.date(2026, 1, 1)
MOST = 7
quantities = st.decimals("0.000001", "999.999999", places=6) | st.sampled_from(
    [Decimal(1), Decimal("2.5"), Decimal(10)]
)
costs = st.just(Decimal(0)) | st.decimals(0, "99999999.9999", places=4)  # 0: no price


@dataclass(frozen=True)
class Drawn:
    """Products by place with their own costs; lines (parent, child, quantity, holds on DAY), parent before child."""

    costs: list[Decimal]
    lines: list[tuple[int, int, Decimal, bool]]

    def below(self, at: int) -> Iterator[tuple[int, Decimal]]:
        return ((child, quantity) for parent, child, quantity, holds in self.lines if parent == at and holds)

    def tree(self, at: int = 0, factor: Decimal = Decimal(1), level: int = 1) -> Iterator[tuple[int, int, Decimal]]:
        for child, quantity in self.below(at):
            product = EXACT.multiply(factor, quantity)
            yield level, child, product
            yield from self.tree(child, product, level + 1)

    def cost(self, at: int) -> Decimal:
        parts = (EXACT.multiply(quantity, self.cost(child)) for child, quantity in self.below(at))
        return reduce(EXACT.add, parts, self.costs[at])


@st.composite
def graphs(draw: st.DrawFn) -> Drawn:
    own = draw(st.lists(costs, min_size=2, max_size=MOST))
    pairs = [(parent, child) for parent in range(len(own)) for child in range(parent + 1, len(own))]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=14))
    return Drawn(own, [(*pair, draw(quantities), draw(st.booleans() | st.just(True))) for pair in chosen])


def store(drawn: Drawn) -> list[Product]:
    """Write the graph as it is; half of the revisions are released, which the resolution must not mind."""
    tenant_id = require_tenant_id()
    products = [
        Product(tenant_id=tenant_id, product_number=f"N-{at}", product_name=f"Name {at}", current_cost=cost, version=1)
        for at, cost in enumerate(drawn.costs)
    ]
    revisions = [ProductRevision(tenant_id=tenant_id, product=product, version=1) for product in products]
    lines = [
        BomLine(
            tenant_id=tenant_id,
            parent_revision=revisions[parent],
            child=products[child],
            quantity=quantity,
            find_number=place,
            reference_designators=[f"R{place}", 'odd "one", \\'] if place % 2 else [],
            effective_from=None if holds else DAY + dt.timedelta(days=1),
            version=1,
        )
        for place, (parent, child, quantity, holds) in enumerate(drawn.lines, 1)
    ]
    insert_in_bulk(Product, products)
    insert_in_bulk(ProductRevision, revisions)
    insert_in_bulk(BomLine, lines)
    even = [revision.pk for revision in revisions[::2]]
    ProductRevision.objects.filter(pk__in=even).update(state="released", effective_from=dt.date(2020, 1, 1))
    return products


# More digits than Python's usual 28, which the reference once rounded to.
FINE = Drawn([*[Decimal(0)] * 4, Decimal("999995.0001")], [(at, at + 1, Decimal("1.000001"), True) for at in range(4)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=graphs())
@example(drawn=FINE)
def test_answers_equal_plain_python(drawn: Drawn) -> None:
    resolution = Resolution.of("effective", DAY)
    with transaction.atomic():
        products = store(drawn)
        structure = structure_load(products[0], resolution)
        want = [(level, f"N-{child}", total) for level, child, total in drawn.tree()]
        explosion = Explosion(structure)
        assert [(row.level, row.product_number, row.total_quantity) for row in explosion] == want
        assert [explosion[at] for at in range(len(explosion))] == list(explosion)
        assert explosion_first(products[0], resolution, rows=5) == explosion[:5]
        shallow = [(level, number) for level, number, _total in want if level <= 2]
        assert [(row.level, row.product_number) for row in Explosion(structure, depth=2)] == shallow
        totals: dict[str, Decimal] = {}
        for _level, number, total in want:
            totals[number] = EXACT.add(totals.get(number, Decimal(0)), total)
        for sums_only in (True, False):
            flat = explosion_flat(structure_load(products[0], resolution, sums_only=sums_only))
            assert {line.product_number: line.total_quantity for line in flat} == totals
        assert product_rollup(structure).unit_cost == drawn.cost(0)
        everything = rollup_everything(resolution)
        assert [cost.unit_cost for cost in everything] == [drawn.cost(at) for at in range(len(products))]
        assert [cost.cost_complete for cost in everything] == [
            not product_rollup(structure_load(product, resolution)).missing_cost for product in products
        ]
        _check_above(drawn, products, resolution)
        transaction.set_rollback(True)


def _check_above(drawn: Drawn, products: list[Product], resolution: Resolution) -> None:
    last = len(products) - 1
    contained = {
        f"N-{at}": amount
        for at in range(last)
        if (
            amount := reduce(
                EXACT.add, (total for _level, child, total in drawn.tree(at) if child == last), Decimal(0)
            )
        )
    }
    used = where_used(products[last], resolution)
    assert {line.product_number: line.total_quantity for line in used.lines} == contained
    dearer = products[last].current_cost + 1
    changes = {entry.product_number: entry.change for entry in price_changes(products[last], resolution, dearer)}
    assert changes == {f"N-{last}": Decimal(1), **contained}
    everywhere = {(parent, child) for parent, child, _quantity, _holds in drawn.lines}
    assert bool(cycle_path(products[last].pk, products[0].pk)) == _reaches(everywhere, 0, last)
    places = {product.pk: at for at, product in enumerate(products)}
    above = {(places[parent], places[child]) for parent, child in uses_above([products[last].pk])}
    assert above == {(parent, child) for parent, child in everywhere if _reaches(everywhere, child, last)}


def _reaches(edges: set[tuple[int, int]], start: int, goal: int) -> bool:
    return start == goal or any(_reaches(edges, child, goal) for parent, child in edges if parent == start)


def test_a_cycle_in_the_data_is_reported_with_its_path() -> None:
    one = Decimal(1)
    drawn = Drawn([one] * 4, [(0, 1, one, True), (1, 2, one, True), (2, 3, one, True), (2, 1, one, True)])
    products = store(drawn)
    resolution = Resolution.of("effective", DAY)
    with pytest.raises(StructureCycle) as whole:
        Explosion(structure_load(products[0], resolution))
    with pytest.raises(StructureCycle) as first:
        explosion_first(products[0], resolution, rows=50)
    for found in (whole.value.path, first.value.path):
        assert found[0] == found[-1]
        assert set(found) == {"N-1", "N-2"}
    with pytest.raises(StructureCycle):
        rollup_everything(resolution)
    with pytest.raises(StructureCycle):
        where_used(products[3], resolution)


def test_a_root_that_contains_itself_in_another_revision_is_a_cycle() -> None:
    one = Decimal(1)
    products = store(Drawn([one] * 2, [(1, 0, one, True)]))
    second = ProductRevision(tenant_id=require_tenant_id(), product=products[0], sequence=2, label="B", version=1)
    insert_in_bulk(ProductRevision, [second])
    insert_in_bulk(BomLine, [BomLine(
        tenant_id=require_tenant_id(), parent_revision=second, child=products[1], quantity=one, find_number=10, version=1,
    )])  # fmt: skip
    structure = structure_load(products[0], Resolution.of("effective", DAY), revision=second)
    with pytest.raises(StructureCycle) as found:
        Explosion(structure)
    assert set(found.value.path) == {"N-0", "N-1"}


def test_comparing_reads_both_revisions_at_once() -> None:
    one = Decimal(1)
    products = store(Drawn([one] * 4, [(0, 1, one, True), (1, 2, one, True), (0, 3, one, True)]))
    before = products[0].revisions.get()
    after = ProductRevision(tenant_id=require_tenant_id(), product=products[0], sequence=2, label="B", version=1)
    insert_in_bulk(ProductRevision, [after])
    insert_in_bulk(BomLine, [BomLine(
        tenant_id=require_tenant_id(), parent_revision=after, child=products[3], quantity=Decimal(4), find_number=3,
        version=1,
    )])  # fmt: skip
    asked: list[str] = []
    with connection.execute_wrapper(lambda execute, sql, *rest: (asked.append(sql), execute(sql, *rest))[1]):
        found = compare_revisions(before, after)
    assert [(line.parent_number, line.product_number) for line in found.removed] == [("N-0", "N-1"), ("N-1", "N-2")]
    changed = {(row.product_number, row.field, row.before, row.after) for row in found.changed}
    assert ("N-3", "quantity", one, Decimal(4)) in changed
    assert sum("WITH RECURSIVE" in sql for sql in asked) == (1 if connection.vendor == "postgresql" else 2)
