"""The algebra of merging two edits of one line: what order they come in makes no difference."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changes.line_settings import SETTING_FIELDS
from changes.merging import (
    ABSENT,
    CHILD,
    CUSTOM,
    DESIGNATORS,
    FIELDS,
    KEYED,
    LINE,
    QUANTITY,
    SUBSTITUTES,
    changed_fields,
    designators_merge,
    line_merge,
)
from changes.models.redline import COLUMNS
from products.services.inputs import LINE_FIELDS

MARKS = st.lists(st.sampled_from(["R1", "R2", "R9", "R10", "C3", "C20"]), unique=True)
PARTS = ["part-a", "part-b", "part-c", "part-d"]
DAYS = st.sampled_from([None, dt.date(2026, 3, 1), dt.date(2026, 5, 1)])
SERIALS = st.sampled_from([None, [{"end_item": "bike", "first": 1, "last": 50}], [{"end_item": "bike", "first": 51}]])
NUMBERS = st.sampled_from([Decimal(0), Decimal("2.5"), Decimal(10)])
OWN = st.dictionaries(st.sampled_from(["colour", "torque", "glue"]), st.sampled_from([None, 1, "red"]))
TAKEN = st.dictionaries(st.sampled_from(PARTS), st.sampled_from([(1, Decimal(2)), (2, Decimal(2)), (1, Decimal(3))]))


def valid(line: dict[str, Any]) -> dict[str, Any]:
    """A part is no substitute for itself."""
    return {**line, SUBSTITUTES: {key: one for key, one in line[SUBSTITUTES].items() if key != line[CHILD]}}


LINES = st.fixed_dictionaries(
    {
        "child_id": st.sampled_from(PARTS[:3]),
        "quantity": st.sampled_from([Decimal(1), Decimal(2), Decimal("2.5"), Decimal(3)]),
        "unit_of_measure": st.sampled_from(["each", "m"]),
        "find_number": st.sampled_from([10, 20, 30]),
        "reference_designators": MARKS,
        "effective_from": DAYS,
        "effective_to": DAYS,
        "serials": SERIALS,
        "condition": st.sampled_from(["", "colour:red", "gps:yes"]),
        "line_type": st.sampled_from(["standard", "phantom", "reference"]),
        "is_optional": st.booleans(),
        "attrition_percent": NUMBERS,
        "setup_quantity": NUMBERS,
        "rounding_multiple": NUMBERS,
        "notes": st.sampled_from(["", "left", "right"]),
        "custom_attributes": OWN,
        "substitutes": TAKEN,
    }
).map(valid)
SIDES = st.one_of(st.none(), LINES)
BASE: dict[str, Any] = {
    "child_id": "part-a",
    "quantity": Decimal(2),
    "unit_of_measure": "each",
    "find_number": 10,
    "reference_designators": ["R1", "R2"],
    "effective_from": None,
    "effective_to": None,
    "serials": None,
    "condition": "",
    "line_type": "standard",
    "is_optional": False,
    "attrition_percent": Decimal(0),
    "setup_quantity": Decimal(0),
    "rounding_multiple": Decimal(0),
    "notes": "",
    "custom_attributes": {"colour": "red"},
    "substitutes": {"part-d": (1, Decimal(2))},
}


def test_all_that_a_line_says_is_merged_and_redlined() -> None:
    """Nothing a line says is forgotten, and nothing else is known."""
    assert set(FIELDS) == {*LINE_FIELDS, SUBSTITUTES}
    assert {*COLUMNS, *SETTING_FIELDS} == set(LINE_FIELDS)


def as_set(line: Any) -> Any:
    return None if line is None else {**line, DESIGNATORS: frozenset(line[DESIGNATORS])}


@settings(max_examples=400)
@given(LINES, SIDES, SIDES)
def test_the_order_makes_no_difference(base: Any, one: Any, other: Any) -> None:
    """A then B is B then A wherever nothing conflicts, and the same fields conflict in both."""
    ab, ba = line_merge(base, one, other), line_merge(base, other, one)
    here = {(found.field, found.key): (found.theirs, found.mine) for found in ab.conflicts}
    there = {(found.field, found.key): (found.mine, found.theirs) for found in ba.conflicts}
    assert here == there
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
        if field in KEYED:
            for key, value in merged.line[field].items():
                assert value in [side[field].get(key, ABSENT) for side in (base, one, other)]
        elif field not in (DESIGNATORS, QUANTITY):
            assert merged.line[field] in (base[field], one[field], other[field])
    for found in merged.conflicts:
        assert found.theirs != found.base and found.mine != found.base and found.theirs != found.mine
        if found.field in KEYED:
            assert merged.line[found.field].get(found.key, ABSENT) == found.theirs or found.key == merged.line[CHILD]
        else:
            assert merged.line[found.field] == found.theirs or found.field == QUANTITY
    assert set(merged.line[DESIGNATORS]) == (
        (set(one[DESIGNATORS]) | set(other[DESIGNATORS])) - (set(base[DESIGNATORS]) - set(one[DESIGNATORS]))
    ) - (set(base[DESIGNATORS]) - set(other[DESIGNATORS]))


@settings(max_examples=400)
@given(LINES, LINES, LINES)
def test_following_once_more_changes_nothing(base: Any, one: Any, other: Any) -> None:
    """What was merged and released stays what it is for whoever wants just that."""
    merged = line_merge(base, one, other)
    if not merged.conflicts:
        for again in (line_merge(base, merged.line, other), line_merge(one, one, merged.line)):
            assert (as_set(again.line), again.conflicts) == (as_set(merged.line), ())


@settings(max_examples=400)
@given(LINES, LINES, LINES)
def test_no_part_is_a_substitute_for_itself(base: Any, one: Any, other: Any) -> None:
    merged = line_merge(base, one, other)
    assert merged.line is not None
    if CHILD not in {found.field for found in merged.conflicts}:
        assert merged.line[CHILD] not in merged.line[SUBSTITUTES]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # both ends, units and use: every field for itself
        (
            {"effective_from": dt.date(2026, 3, 1), "is_optional": True},
            {"effective_to": dt.date(2026, 5, 1), "notes": "left"},
            {
                "effective_from": dt.date(2026, 3, 1),
                "effective_to": dt.date(2026, 5, 1),
                "is_optional": True,
                "notes": "left",
            },
        ),
        # attributes of one's own by name, also one that says nothing
        (
            {CUSTOM: {"colour": "red", "torque": 4}},
            {CUSTOM: {"glue": None}},
            {CUSTOM: {"torque": 4, "glue": None}},
        ),
        # substitutes by product
        (
            {SUBSTITUTES: {"part-d": (1, Decimal(2)), "part-c": (2, Decimal(2))}},
            {SUBSTITUTES: {"part-b": (1, Decimal(2))}},
            {SUBSTITUTES: {"part-c": (2, Decimal(2)), "part-b": (1, Decimal(2))}},
        ),
        # what one side makes the part is no substitute, though the other ranks it anew or adds it
        (
            {CHILD: "part-d", SUBSTITUTES: {}},
            {SUBSTITUTES: {"part-d": (2, Decimal(2)), "part-c": (1, Decimal(2))}},
            {CHILD: "part-d", SUBSTITUTES: {"part-c": (1, Decimal(2))}},
        ),
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


@pytest.mark.parametrize(
    ("field", "key", "one", "other"),
    [
        (CUSTOM, "colour", {CUSTOM: {"colour": "blue"}}, {CUSTOM: {"colour": "green"}}),
        (CUSTOM, "colour", {CUSTOM: {"colour": None}}, {CUSTOM: {}}),
        (SUBSTITUTES, "part-d", {SUBSTITUTES: {"part-d": (2, Decimal(2))}}, {SUBSTITUTES: {}}),
        (
            "serials",
            "",
            {"serials": [{"end_item": "bike", "first": 1}]},
            {"serials": [{"end_item": "bike", "first": 2}]},
        ),
        ("effective_to", "", {"effective_to": dt.date(2026, 5, 1)}, {"effective_to": dt.date(2026, 6, 1)}),
    ],
)
def test_a_conflict_is_about_one_entry(field: str, key: str, one: Any, other: Any) -> None:
    merged = line_merge(BASE, {**BASE, **one}, {**BASE, **other})
    (found,) = merged.conflicts
    assert (found.field, found.key) == (field, key)
    assert merged.line == {**BASE, **one}


def test_lists_that_nobody_touched_keep_their_order() -> None:
    assert designators_merge(["R2", "R1"], ["R2", "R1"], ["R1", "R2"]) == ["R2", "R1"]
    assert designators_merge(["R2", "R1"], ["R1"], ["R2", "R1"]) == ["R1"]
    assert designators_merge(["R2", "R1"], ["R2", "R1", "R10"], ["R2", "R1", "R9"]) == ["R2", "R1", "R9", "R10"]
