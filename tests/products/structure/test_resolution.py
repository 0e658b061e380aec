"""What is in a structure for a date, a unit and options, and by which rule: against the rules written in plain Python."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product as combinations
from typing import Any

import pytest

from plm_project.core.exceptions import NotFound, ValidationFailed
from products.choices import LineType, Rule
from products.models import BomLine, Product
from products.selectors.explanations import lines_left_out, passed_over
from products.selectors.explosion import Explosion, explosion_flat
from products.selectors.explosion_page import explosion_first
from products.selectors.graph import Structure, structure_load
from products.selectors.levels import level_load
from products.selectors.questions import resolution_asked
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.selectors.where_used import where_used
from products.services import LineInput, line_update, revision_create, revision_release, revision_update
from products.services.bom_lines import lines_insert
from tests.factories import make_line, make_product, release, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")
EARLY, DAY, LATE = dt.date(2026, 1, 1), dt.date(2026, 3, 1), dt.date(2026, 6, 1)
PERIODS = [(None, None), (DAY, None), (None, DAY), (EARLY, LATE)]
UNITS = [None, (1, 10), (11, None)]
CONDITIONS = ["", "colour:red", "not colour:red and motor:e"]
LINE_RULES = {
    Rule.LINE_ALWAYS,
    Rule.LINE_DATE,
    Rule.LINE_SERIAL,
    Rule.LINE_CONDITION,
    Rule.LINE_OPTIONAL,
}


@pytest.fixture
def everything() -> tuple[Product, Product]:
    """A product with one line for every combination of limits, and another end item that half of the units are of."""
    bike, other = make_product("BIKE"), make_product("OTHER")
    cases = list(combinations(PERIODS, UNITS, CONDITIONS, (False, True)))
    inputs = []
    for at, ((since, until), unit, condition, optional) in enumerate(cases):
        child = make_product(f"PART-{at:03d}")
        owner = bike if at % 5 else other
        ranges = [{"end_item": str(owner.pk), "first": unit[0], "last": unit[1]}] if unit else None
        inputs.append(
            LineInput(
                child_id=child.pk,
                quantity=Decimal(1),
                effective_from=since,
                effective_to=until,
                serials=ranges,
                condition=condition,
                is_optional=optional,
            )
        )
    lines_insert(system_actor(), revision_of(bike), inputs)
    return bike, other


def holds(line: BomLine, question: dict[str, Any]) -> bool:
    """The rules in plain Python."""
    day, serial, choices = question["as_of"], question["serial"], question["choices"]
    if (line.effective_from and line.effective_from > day) or (line.effective_to and line.effective_to <= day):
        return False
    if line.serials:
        [unit] = line.serials
        if question["end_item"] and unit["end_item"] != str(question["end_item"]):
            return False
        if serial is None and unit["last"] is not None:
            return False
        if serial is not None and not unit["first"] <= serial <= (unit["last"] or serial):
            return False
    if choices is not None and line.condition:
        red, electric = "colour:red" in choices, "motor:e" in choices
        if not {"colour:red": red, "not colour:red and motor:e": not red and electric}[line.condition]:
            return False
    return question["with_optional"] or not line.is_optional


def questions(bike: Product, other: Product) -> list[dict[str, Any]]:
    units: list[tuple[int | None, Any]] = [(None, None), (None, bike.pk), (5, bike.pk), (11, bike.pk), (11, other.pk)]
    choices: list[Any] = [None, [], ["colour:red"], ["motor:e"]]
    return [
        {"as_of": day, "serial": serial, "end_item": owner, "choices": made, "with_optional": optional}
        for day, (serial, owner), made, optional in combinations((EARLY, DAY, LATE), units, choices, (False, True))
    ]


def taken(structure: Structure) -> set[str]:
    return {line.product_number for line in Explosion(structure)}


def test_a_line_is_in_exactly_when_all_its_limits_are_met(everything: tuple[Product, Product]) -> None:
    bike, other = everything
    lines = list(BomLine.objects.filter(parent_revision__product=bike).select_related("child"))
    assert len(lines) == 72
    for question in questions(bike, other):
        resolution = Resolution.of("effective", **question)
        wanted = {line.child.product_number for line in lines if holds(line, question)}
        assert taken(structure_load(bike, resolution)) == wanted, question
        level = level_load(revision_of(bike), resolution)
        assert ({line.product_number for line in level.lines}, level.left_out) == (wanted, 72 - len(wanted))
        out = lines_left_out(revision_of(bike), resolution)
        assert {line.product_number for line in out} | wanted == {line.child.product_number for line in lines}
        assert all(line.why for line in out)
    assert len(taken(structure_load(bike, Resolution.of("as_stored")))) == 72


def test_every_line_has_one_rule_and_goes_with_it(everything: tuple[Product, Product]) -> None:
    bike, _other = everything
    question: dict[str, Any] = {"serial": 11, "end_item": bike.pk, "choices": ["colour:red"], "with_optional": True}
    whole = {line.line_id: line for line in Explosion(structure_load(bike, Resolution.of(None, DAY, **question)))}
    assert {line.line_reason.rule for line in whole.values()} == LINE_RULES
    for rule in LINE_RULES:
        without = Resolution.of(None, DAY, **question, without=[rule])
        left = {line.line_id: line.line_reason for line in Explosion(structure_load(bike, without))}
        assert rule not in {reason.rule for reason in left.values()}
        assert left == {key: whole[key].line_reason for key in left}  # nothing else came in, or changed its reason
        assert set(left) < set(whole)
    assert not Explosion(structure_load(bike, Resolution.of("as_stored", without=[Rule.LINE_STORED])))


def test_the_first_rows_say_the_same(everything: tuple[Product, Product]) -> None:
    bike, other = everything
    top = make_product("TOP")
    make_line(top, bike, 2, line_type=LineType.REFERENCE)
    make_line(top, bike, 3, line_type=LineType.PHANTOM)
    for question in questions(bike, other)[::17]:
        resolution = Resolution.of(None, **question)
        assert explosion_first(top, resolution, rows=50) == Explosion(structure_load(top, resolution))[:50]


def units(product: Product, first: int, last: int | None = None) -> list[dict[str, Any]]:
    return [{"end_item": str(product.pk), "first": first, "last": last}]


def next_revision(product: Product, serials: Any = None, begins: dt.date | None = None) -> None:
    actor = system_actor()
    revision = revision_create(actor=actor, product_id=product.pk)
    if serials:
        revision_update(actor=actor, revision_id=revision.pk, changes={"serials": serials})
    revision_release(actor=actor, revision_id=revision.pk, reason="tests", effective_from=begins)


def test_each_unit_gets_its_own_revision(everything: tuple[Product, Product]) -> None:
    bike, other = everything
    make_line(other, bike)
    lamp = make_product("LAMP")
    make_line(bike, lamp)
    release(lamp, effective_from=EARLY)
    next_revision(lamp, units(bike, 100), EARLY)
    found = {
        serial: next(
            line
            for line in Explosion(structure_load(bike, resolution_asked({"as_of": DAY, "serial": serial}, bike)))
            if line.product_number == "LAMP"
        )
        for serial in (99, 100, 5000, None)
    }
    assert {serial: line.revision for serial, line in found.items()} == {99: "A", 100: "B", 5000: "B", None: "B"}
    assert found[99].reason.rule == Rule.REVISION_EFFECTIVE and found[100].reason.rule == Rule.REVISION_SERIAL
    assert "100" in found[100].reason.text
    as_other = resolution_asked({"as_of": DAY, "serial": 5000, "end_item": "OTHER"})
    assert [line.revision for line in Explosion(structure_load(bike, as_other)) if line.product_number == "LAMP"] == [
        "A"
    ]

    line_id = found[99].line_id
    over = passed_over([line_id], resolution_asked({"as_of": DAY, "serial": 99}, bike))[line_id]
    assert [(entry.revision, "100" in entry.why) for entry in over.revisions] == [("B", True)]
    over = passed_over([line_id], resolution_asked({"as_of": DAY, "serial": 100}, bike))[line_id]
    assert [(entry.revision, "B is newer" in entry.why) for entry in over.revisions] == [("A", True)]

    for rule, left in ((Rule.REVISION_SERIAL, "A"), (Rule.REVISION_EFFECTIVE, "B")):
        question = Resolution.of("released", DAY, serial=100, end_item=bike.pk, without=[rule])
        found_now = structure_load(bike, question, revision=revision_of(bike))
        [line] = [line for line in Explosion(found_now) if line.product_number == "LAMP"]
        assert line.revision == left and line.reason.rule != rule


def test_a_fallback_goes_with_its_rule() -> None:
    bike, lamp = make_product("BIKE"), make_product("LAMP")
    make_line(bike, lamp)
    for mode, rule in (("effective", Rule.REVISION_FALLBACK), ("latest", Rule.REVISION_LATEST)):
        [line] = Explosion(structure_load(bike, Resolution.of(mode), revision=revision_of(bike)))
        assert (line.revision, line.reason.rule) == ("A", rule)
        without = Resolution.of(mode, without=[rule])
        [line] = Explosion(structure_load(bike, without, revision=revision_of(bike)))
        assert (line.revision, line.reason.rule) == ("", Rule.REVISION_NONE)


def test_two_released_changes_take_effect_out_of_order() -> None:
    """The later revision may hold a line from an earlier date than the line that the revision before it brought."""
    bike, bell, lamp = (make_product(number) for number in ("BIKE", "BELL", "LAMP"))
    make_line(bike, make_product("FRAME"))
    release(bike, effective_from=EARLY)
    for part, begins in ((bell, LATE), (lamp, DAY)):
        release(part, effective_from=EARLY)
        revision = revision_create(actor=system_actor(), product_id=bike.pk)
        make_line(bike, part, effective_from=begins)
        revision_release(actor=system_actor(), revision_id=revision.pk, reason="tests", effective_from=EARLY)
    found = {day: taken(structure_load(bike, Resolution.of("released", day))) for day in (EARLY, DAY, LATE)}
    assert found == {EARLY: {"FRAME"}, DAY: {"FRAME", "LAMP"}, LATE: {"FRAME", "LAMP", "BELL"}}


def test_what_line_types_count() -> None:
    bike, kit, glue, manual, bolt = (
        make_product(number, current_cost=Decimal(cost), mass_kg=Decimal(1))
        for number, cost in (("BIKE", 10), ("KIT", 2), ("GLUE", 3), ("MANUAL", 5), ("BOLT", 1))
    )
    make_line(kit, bolt, 4)
    make_line(manual, bolt, 100)
    make_line(bike, kit, 2, line_type=LineType.PHANTOM)
    make_line(bike, glue, "0.5", line_type=LineType.CONSUMABLE)
    make_line(bike, manual, 1, line_type=LineType.REFERENCE)
    make_line(bike, bolt, 1)
    for sums_only in (False, True):
        structure = structure_load(bike, Resolution.of("latest"), sums_only=sums_only)
        totals = {line.product_number: line.total_quantity for line in explosion_flat(structure)}
        assert totals == {"GLUE": Decimal("0.5"), "BOLT": Decimal(9)}
        rollup = product_rollup(structure)
        assert rollup.unit_cost == Decimal("10") + 2 * 2 + Decimal("1.5") + 9
        assert rollup.mass_kg == Decimal(1) + 2 + 9
    whole = Explosion(structure_load(bike, Resolution.of("latest")))
    assert [(line.product_number, line.total_quantity) for line in whole] == [
        ("KIT", 2),
        ("BOLT", 8),
        ("GLUE", Decimal("0.5")),
        ("MANUAL", 0),
        ("BOLT", 0),
        ("BOLT", 1),
    ]
    assert {line.product_number: line.total_quantity for line in where_used(bolt, Resolution.of("latest")).lines} == {
        "BIKE": 9,
        "KIT": 4,
        "MANUAL": 100,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"condition": "colour red"}, "condition"),
        ({"condition": "a:b and"}, "condition"),
        ({"serials": [{"end_item": "x", "first": 1}]}, "serials"),
        ({"serials": [{"end_item": "00000000-0000-7000-8000-000000000000", "first": 1, "last": None}]}, "serials"),
        ({"serials": [{"end_item": "00000000-0000-7000-8000-000000000000", "first": 0, "last": 3}]}, "serials"),
        ({"serials": [{"end_item": "00000000-0000-7000-8000-000000000000", "first": 9, "last": 3}]}, "serials"),
        ({"attrition_percent": Decimal(901)}, "attrition_percent"),
        ({"setup_quantity": Decimal(-1)}, "setup_quantity"),
        ({"line_type": "ghost"}, "line_type"),
    ],
)
def test_bad_limits_are_refused_by_name(changes: dict[str, Any], field: str) -> None:
    line = make_line(make_product("BIKE"), make_product("BELL"))
    before = line.version
    with pytest.raises(ValidationFailed) as refusal:
        line_update(actor=system_actor(), line_id=line.pk, changes=changes)
    assert set(refusal.value.details) == {field}
    assert BomLine.objects.get().version == before


def test_lines_share_a_find_number_where_they_cannot_meet() -> None:
    bike, bell, horn = (make_product(number) for number in ("BIKE", "BELL", "HORN"))
    apart: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"condition": "sound:bell"}, {"condition": "sound:horn"}),
        ({"serials": units(bike, 1, 10)}, {"serials": units(bike, 11)}),
        ({"serials": units(bike, 1)}, {"serials": units(horn, 1)}),
        ({"effective_to": DAY}, {"effective_from": DAY}),
    ]
    for at, (one, other) in enumerate(apart, start=1):
        make_line(bike, bell, find_number=at, **one)
        make_line(bike, horn, find_number=at, **other)
        with pytest.raises(ValidationFailed, match="used twice"):
            make_line(bike, bell, find_number=at)
    assert BomLine.objects.count() == 2 * len(apart)


def test_a_question_is_read_from_words() -> None:
    bike = make_product("BIKE")
    asked = resolution_asked({"serial": 7, "options": "Colour:red, motor:e", "optional": True}, bike)
    assert (asked.end_item, asked.choices, asked.with_optional) == (bike.pk, {"colour:red", "motor:e"}, True)
    assert resolution_asked({"options": ""}).choices is None and resolution_asked({"options": "none"}).choices == set()
    for query, field in (({"serial": 7}, "end_item"), ({"options": "red"}, "choices"), ({"mode": "x"}, "mode")):
        with pytest.raises(ValidationFailed) as refusal:
            resolution_asked(query)
        assert field in refusal.value.details
    with pytest.raises(NotFound):
        resolution_asked({"end_item": "NOBODY"})


def test_questions_cost_the_same_however_many_lines(
    everything: tuple[Product, Product], django_assert_num_queries: Any
) -> None:
    bike, _other = everything
    with django_assert_num_queries(1):
        resolution = Resolution.of(None, DAY, choices=["colour:red"])
    structure = structure_load(bike, resolution)
    with django_assert_num_queries(3):
        passed_over([line.line_id for line in Explosion(structure)], resolution)
    revision = revision_of(bike)
    with django_assert_num_queries(2):
        lines_left_out(revision, resolution)
