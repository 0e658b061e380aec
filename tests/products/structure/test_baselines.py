"""Baselines: what was frozen stays, in every question, and a changed row is found and named."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed
from plm_project.outbox.models import OutboxEvent
from products import baseline_guards
from products.baseline_text import head_text, item_text, item_values, line_text, line_values
from products.choices import Rule
from products.models import Baseline, BaselineItem, BaselineLine, Product
from products.selectors.answers import explosion_answer
from products.selectors.baseline_check import baseline_verify
from products.selectors.baseline_structure import baseline_level, structure_of_baseline
from products.selectors.baselines import baseline_named, baselines_holding
from products.selectors.explosion import Explosion, explosion_flat
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.services import line_update, product_update
from products.services.baselines import baseline_create, baseline_withdraw
from tests.conftest import MakeActor
from tests.factories import make_assembly, make_line, make_product, release, system_actor

pytestmark = pytest.mark.usefixtures("scope")
DAY = dt.date(2026, 3, 1)


@pytest.fixture
def car() -> Product:
    """CAR → 2 AXLE (released) → 4 BOLT; CAR → BOLT with everything a line can say; CAR → a line for reference."""
    bolt = make_product("BOLT", product_type="purchased", current_cost=Decimal("0.1250"), product_description="M8")
    axle = make_assembly("AXLE", [(bolt, 4)])
    release(axle, effective_from=DAY)
    car = make_assembly("CAR", [(axle, 2)])
    make_line(
        car, bolt, "2.0", reference_designators=('R"1', "Ü2"), condition="motor:e", notes="greased",
        custom_attributes={"not_fitted": ["R9"], "size": 1.5}, attrition_percent=Decimal("2.5"),
    )  # fmt: skip
    make_line(car, bolt, 7, line_type="reference", effective_from=DAY)
    return car


def question(**kwargs: Any) -> Resolution:
    return Resolution.of("effective", DAY, choices=["motor:e"], **kwargs)


def take(car: Product, name: str = "Pilot", **kwargs: Any) -> Baseline:
    return baseline_create(actor=system_actor(), product_id=car.pk, name=name, resolution=question(), **kwargs)


def told(structure: Any) -> Any:
    """Everything the indented list says but the reason of the revision."""
    return [line._replace(reason=None) for line in Explosion(structure)]


def test_it_says_the_same_in_every_question_whatever_changes_afterwards(car: Product) -> None:
    live = structure_load(car, question())
    before, flat, rollup = told(live), explosion_flat(live), product_rollup(live)
    assert len(before) == 4
    events = OutboxEvent.objects.count()
    baseline = take(car, note="first cars")
    assert OutboxEvent.objects.count() == events
    line = car.revisions.get().lines.get(condition="motor:e")
    line_update(actor=system_actor(), line_id=line.pk, changes={"quantity": Decimal(9), "reference_designators": []})
    bolt = Product.objects.get(product_number="BOLT")
    product_update(actor=system_actor(), product_id=bolt.pk, changes={"current_cost": Decimal(3)})

    frozen = structure_of_baseline(baseline_named(car, "Pilot"))
    assert (told(frozen), explosion_flat(frozen), product_rollup(frozen)) == (before, flat, rollup)
    assert told(structure_load(car, question())) != before
    reasons = {(line.reason.rule, line.reason.text) for line in Explosion(frozen)}
    assert reasons == {(Rule.REVISION_BASELINE, "frozen in baseline Pilot")}
    answer = explosion_answer(frozen)
    assert (answer["as_of"], answer["mode"], answer["revision"]) == (DAY, "effective", "A")

    level = baseline_level(baseline, 0)
    assert [(line.product_number, line.has_lines, line.place > 0) for line in level.lines] == [
        ("AXLE", True, True),
        ("BOLT", False, True),
        ("BOLT", False, True),
    ]
    [bolts] = baseline_level(baseline, level.lines[0].place).lines
    assert (bolts.quantity, bolts.reason.text) == (4, "frozen in baseline Pilot")
    [found] = baselines_holding(bolt)
    assert (found, found.held_label) == (baseline, "A")


def test_anyone_can_write_the_text_and_a_changed_row_is_named(car: Product) -> None:
    baseline = baseline_named(car, str(take(car).pk))
    texts = [
        head_text(baseline),
        *(item_text(item_values(row)) for row in baseline.items.order_by("place")),
        *(line_text(line_values(row)) for row in baseline.lines.order_by("position")),
    ]
    assert '"0.125"' in "".join(texts)
    assert hashlib.sha256("".join(f"{text}\n" for text in texts).encode()).hexdigest() == baseline.checksum
    assert baseline_verify(baseline).is_intact

    lift_guards()
    row, item = baseline.lines.get(position=1), baseline.items.get(product_number="BOLT")
    run(f"UPDATE {BaselineLine._meta.db_table} SET quantity = 3 WHERE id = %s", row)
    run(f"DELETE FROM {BaselineItem._meta.db_table} WHERE id = %s", item)
    check = baseline_verify(baseline)
    assert not check.is_intact
    assert [(fault.row, fault.text.split(":")[0]) for fault in check.faults] == [
        (f"item {item.place}", "missing"),
        ("line 1", "changed"),
    ]
    assert '"quantity"' not in check.faults[1].text
    assert '"3"' in check.faults[1].text


def test_nothing_of_it_changes(car: Product) -> None:
    baseline = take(car)
    item, line = baseline.items.get(place=1), baseline.lines.get(position=0)
    head, items, lines = (model._meta.db_table for model in (Baseline, BaselineItem, BaselineLine))
    for sql, row in (
        (f"UPDATE {head} SET name = 'Other' WHERE id = %s", baseline),
        (f"UPDATE {head} SET checksum = '' WHERE id = %s", baseline),
        (f"UPDATE {head} SET is_deleted = (1 = 1) WHERE id = %s", baseline),
        (f"DELETE FROM {head} WHERE id = %s", baseline),
        (f"UPDATE {items} SET current_cost = 9 WHERE id = %s", item),
        (f"DELETE FROM {items} WHERE id = %s", item),
        (f"UPDATE {lines} SET quantity = 9 WHERE id = %s", line),
        (f"DELETE FROM {lines} WHERE id = %s", line),
    ):
        with pytest.raises(IntegrityError, match="baseline never changes"), transaction.atomic():
            run(sql, row)
    line.pk, line.position = None, 99
    with pytest.raises(IntegrityError, match="baseline never changes"), transaction.atomic():
        line.save(force_insert=True)
    assert baseline_verify(baseline).is_intact


def test_it_is_withdrawn_once_with_a_reason_and_stays_readable(car: Product, make_actor: MakeActor) -> None:
    baseline, manager = take(car), make_actor("plm_manager")
    with pytest.raises(PermissionDenied):
        baseline_withdraw(actor=make_actor("engineer"), baseline_id=baseline.pk, reason="wrong day")
    with pytest.raises(ValidationFailed):
        baseline_withdraw(actor=manager, baseline_id=baseline.pk, reason=" ")
    baseline_withdraw(actor=manager, baseline_id=baseline.pk, reason="wrong day")
    with pytest.raises(Conflict):
        baseline_withdraw(actor=manager, baseline_id=baseline.pk, reason="again")
    with pytest.raises(IntegrityError, match="baseline never changes"), transaction.atomic():
        run(f"UPDATE {Baseline._meta.db_table} SET withdrawn_at = NULL WHERE id = %s", baseline)
    found = baseline_named(car, "Pilot")
    assert (found.is_withdrawn, found.withdrawn_reason, found.history.count()) == (True, "wrong day", 2)
    assert len(Explosion(structure_of_baseline(found))) == 4
    assert baseline_verify(found).is_intact


def test_what_is_refused_leaves_nothing(car: Product, make_actor: MakeActor) -> None:
    take(car)
    before = rows()
    with pytest.raises(Conflict, match="baseline Pilot already"):
        take(car, " Pilot ")
    with pytest.raises(ValidationFailed):
        take(car, "")
    with pytest.raises(ValidationFailed):
        take(car, "x" * 101)
    with pytest.raises(NotFound):
        take(car, "Second", revision_label="Q")
    with pytest.raises(Conflict, match="nothing to freeze"):
        baseline_create(
            actor=system_actor(), product_id=car.pk, name="Second", resolution=Resolution.of("released", DAY)
        )
    with pytest.raises(PermissionDenied):
        baseline_create(actor=make_actor("viewer"), product_id=car.pk, name="Second", resolution=question())
    assert rows() == before


def lift_guards() -> None:
    """Drop the triggers as the owner of the tables, to the end of the test's transaction."""
    connection.check_constraints()  # pending checks stand in the way of PostgreSQL
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("RESET ROLE")
        for table, action in itertools.product((baseline_guards.ITEM, baseline_guards.LINE), ("update", "delete")):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {table}_frozen_{action}{on_table}")


def rows() -> list[int]:
    return [model._base_manager.count() for model in (Baseline, BaselineItem, BaselineLine)]


def run(sql: str, row: models.Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [type(row)._meta.get_field("id").get_db_prep_value(row.pk, connection)])
