from __future__ import annotations

from bench.measure import Row
from bench.report import table
from bench.shape import SIZES, catalogue_make


def test_a_catalogue_is_the_same_for_the_same_seed_and_has_its_size() -> None:
    size = SIZES["S"]
    made = catalogue_make(size, 7)
    assert (len(made.parts), len(made.uses), len(made.levels)) == (size.products, size.lines, size.levels)
    assert made.uses == catalogue_make(size, 7).uses != catalogue_make(size, 8).uses
    assert all(use.child > use.parent for use in made.uses)  # no cycle
    assert len({(use.parent, use.child) for use in made.uses}) == size.lines


def test_a_row_is_judged_by_its_goal() -> None:
    rows = [
        Row("S", "a", 50, 100, goal_ratio=0.6),
        Row("S", "b", 70, 100, goal_ratio=0.6),
        Row("S", "c", 9, None, goal_ms=9),
    ]
    assert [row.met for row in rows] == [True, False, False]
    assert "0.50 ×" in table(rows)
