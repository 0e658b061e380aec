"""The algebra of merging two edits of one line: what order they come in makes no difference."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changes.merging import DESIGNATORS, FIELDS, LINE, QUANTITY, changed_fields, designators_merge, line_merge

MARKS = st.lists(st.sampled_from(["R1", "R2", "R9", "R10", "C3", "C20"]), unique=True)
LINES = st.fixed_dictionaries(
    {
        "child_id": st.sampled_from(["part-a", "part-b", "part-c"]),
        "quantity": st.sampled_from([Decimal(1), Decimal(2), Decimal("2.5"), Decimal(3)]),
        "unit_of_measure": st.sampled_from(["each", "m"]),
        "find_number": st.sampled_from([10, 20, 30]),
        "reference_designators": MARKS,
    }
)
SIDES = st.one_of(st.none(), LINES)
BASE: dict[str, Any] = {
    "child_id": "part-a",
    "quantity": Decimal(2),
    "unit_of_measure": "each",
    "find_number": 10,
    "reference_designators": ["R1", "R2"],
}


def as_set(line: Any) -> Any:
    return None if line is None else {**line, DESIGNATORS: frozenset(line[DESIGNATORS])}


@settings(max_examples=400)
@given(LINES, SIDES, SIDES)
def test_the_order_makes_no_difference(base: Any, one: Any, other: Any) -> None:
    """A then B is B then A wherever nothing conflicts, and the same fields conflict in both."""
    ab, ba = line_merge(base, one, other), line_merge(base, other, one)
    assert {found.field for found in ab.conflicts} == {found.field for found in ba.conflicts}
    assert [(found.theirs, found.mine) for found in ab.conflicts] == [
        (found.mine, found.theirs) for found in ba.conflicts
    ]
    if not ab.conflicts:
        assert as_set(ab.line) == as_set(ba.line)


@given(LINES, SIDES)
def test_who_changed_nothing_has_no_say(base: Any, other: Any) -> None:
    for merged in (line_merge(base, other, base), line_merge(base, base, other)):
        assert (as_set(merged.line), merged.conflicts) == (as_set(other), ())


@given(LINES, SIDES)
def test_what_both_want_alike_is_agreed(base: Any, wanted: Any) -> None:
    merged = line_merge(base, wanted, wanted)
    assert (as_set(merged.line), merged.conflicts) == (as_set(wanted), ())


@given(LINES, LINES)
def test_a_removed_line_stays_removed(base: Any, edited: Any) -> None:
    for merged in (line_merge(base, None, edited), line_merge(base, edited, None)):
        assert merged.line is None
        assert [found.field for found in merged.conflicts] == ([LINE] if changed_fields(base, edited) else [])


@given(LINES, LINES, LINES)
def test_every_field_comes_from_somebody(base: Any, one: Any, other: Any) -> None:
    """No value is invented but the count of merged designators; what conflicts was changed by both, differently."""
    merged = line_merge(base, one, other)
    assert merged.line is not None
    for field in FIELDS:
        if field not in (DESIGNATORS, QUANTITY):
            assert merged.line[field] in (base[field], one[field], other[field])
    for found in merged.conflicts:
        assert found.theirs != found.base and found.mine != found.base and found.theirs != found.mine
        assert merged.line[found.field] == found.theirs or found.field == QUANTITY
    assert set(merged.line[DESIGNATORS]) == (
        (set(one[DESIGNATORS]) | set(other[DESIGNATORS])) - (set(base[DESIGNATORS]) - set(one[DESIGNATORS]))
    ) - (set(base[DESIGNATORS]) - set(other[DESIGNATORS]))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"quantity": Decimal(3)}, {"find_number": 20}, {"quantity": Decimal(3), "find_number": 20}),
        ({"child_id": "part-b"}, {"quantity": Decimal(5)}, {"child_id": "part-b", "quantity": Decimal(5)}),
        # counted designators: both change the quantity, and the number of the merged ones is no matter of opinion
        (
            {"quantity": Decimal(3), DESIGNATORS: ["R1", "R2", "R10"]},
            {"quantity": Decimal(3), DESIGNATORS: ["R1", "R2", "R9"]},
            {"quantity": Decimal(4), DESIGNATORS: ["R1", "R2", "R9", "R10"]},
        ),
        (
            {"quantity": Decimal(1), DESIGNATORS: ["R2"]},
            {"quantity": Decimal(3), DESIGNATORS: ["R1", "R2", "R9"]},
            {"quantity": Decimal(2), DESIGNATORS: ["R2", "R9"]},
        ),
    ],
)
def test_examples(one: Any, other: Any, expected: Any) -> None:
    merged = line_merge(BASE, {**BASE, **one}, {**BASE, **other})
    assert (merged.line, merged.conflicts) == ({**BASE, **expected}, ())


def test_a_conflict_names_the_field_and_all_three_values() -> None:
    merged = line_merge(BASE, {**BASE, "find_number": 20}, {**BASE, "find_number": 30})
    (found,) = merged.conflicts
    assert (found.field, found.base, found.theirs, found.mine) == ("find_number", 10, 20, 30)
    assert merged.line == {**BASE, "find_number": 20}  # until somebody decides, what is released stands


def test_lists_that_nobody_touched_keep_their_order() -> None:
    assert designators_merge(["R2", "R1"], ["R2", "R1"], ["R1", "R2"]) == ["R2", "R1"]
    assert designators_merge(["R2", "R1"], ["R1"], ["R2", "R1"]) == ["R1"]
    assert designators_merge(["R2", "R1"], ["R2", "R1", "R10"], ["R2", "R1", "R9"]) == ["R2", "R1", "R9", "R10"]
