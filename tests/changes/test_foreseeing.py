"""What is foreseen of a change is what comes of it: against the roll-ups after the real release, to the last digit."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from changes.models import EngineeringChange
from changes.services import (
    change_cancel,
    change_consequences,
    change_create,
    change_implement,
    change_submit,
    redline_add,
)
from changes.services.foreseeing import Consequences, TopConsequence
from integrations.models import Delivery
from integrations.services import target_save
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.ids import uuid7
from plm_project.tenancy.models import Tenant
from products.choices import LineType
from products.models import Product
from products.selectors.graph import structure_load
from products.selectors.quantity_rollup import quantity_rollup
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.selectors.single_source import SingleSources
from products.services import product_update
from products.services.documents import document_link
from tests.changes.api_calls import Api
from tests.changes.conftest import COMPLETE, Lamp, People, fresh, make_draft
from tests.compliance.conftest import assess, make_regulation
from tests.factories import (
    make_document,
    make_line,
    make_offer,
    make_product,
    make_source,
    release,
    revision_of,
    system_actor,
)
from tests.signing import change_approve

pytestmark = pytest.mark.django_db


def foreseen(people: People, change: EngineeringChange, **kwargs: Any) -> Consequences:
    found = change_consequences(fresh(change), people.analyst, **kwargs)
    assert found is not None
    return found


def carried_out(people: People, change: EngineeringChange) -> None:
    change_submit(actor=people.author, change_id=change.pk)
    change_approve(actor=people.technical, change_id=change.pk)
    change_implement(actor=people.analyst, change_id=change.pk)


def standing(top: Product, day: dt.date) -> dict[str, Any]:
    """What the reports say of a product as it is stored."""
    resolution = Resolution.of(as_of=day)
    rollup = product_rollup(structure_load(top, resolution))
    (ordered,) = quantity_rollup(top, resolution, [Decimal(1)]).costs
    days = ordered.lead_time_days
    return {
        "cost": rollup.unit_cost,
        "mass": rollup.mass_kg,
        "lead_time": None if days is None else Decimal(days),
        "single_sourced": Decimal(len(SingleSources(resolution, below=top))),
    }


def told(top: TopConsequence, side: str) -> dict[str, Any]:
    return {name: getattr(getattr(top, name), side) for name in ("cost", "mass", "lead_time", "single_sourced")}


KINDS = [LineType.STANDARD, LineType.STANDARD, LineType.PHANTOM, LineType.CONSUMABLE, LineType.REFERENCE]


def world(chance: random.Random) -> tuple[list[Product], list[Product], list[Product]]:
    """Twelve priced parts, some with sources and offers; four modules of them; three products of modules and parts."""
    parts = []
    for at in range(12):
        part = make_product(
            f"PART-{at:02d}",
            product_type=chance.choice(["purchased", "manufactured", "raw_material"]),
            current_cost=Decimal(chance.randint(0, 99_999)) / 10_000,
            mass_kg=Decimal(chance.randint(0, 9_999)) / 1_000,
        )
        for maker in chance.sample(["Acme", "Bolt", "Core"], chance.randint(0, 2)):
            make_source(part, maker, f"{maker}-{at}")
        if chance.random() < 0.7:
            make_offer(part, "Supply", (1, "1.10"), lead_time_days=chance.randint(1, 90))
            make_offer(part, "Bulk", (chance.randint(10, 40), "0.40"), lead_time_days=chance.randint(91, 180))
        release(part)
        parts.append(part)

    def build(number: str, below: list[Product]) -> Product:
        made = make_product(number, current_cost=Decimal(chance.randint(0, 500)) / 100)
        for at, child in enumerate(chance.sample(below, 4)):
            since = chance.choice([None, None, dt.date(2031, 1, 1)])
            limits = {} if since is None else {"effective_from": since}
            quantity = str(Decimal(chance.randint(1, 400)) / 100)
            make_line(made, child, quantity, line_type=chance.choice(KINDS), find_number=10 * (at + 1), **limits)
        return made

    modules = [build(f"MODULE-{at}", parts) for at in range(4)]
    tops = [build(f"TOP-{at}", [*modules, *parts[:3]]) for at in range(3)]
    for made in (*modules, *tops):
        release(made)
    return parts, modules, tops


def draw(chance: random.Random, people: People, parts: list[Product], changed: list[Product]) -> EngineeringChange:
    change = change_create(actor=people.author, data=dict(COMPLETE), affected=[one.pk for one in changed])
    for entry in change.affected.all():
        lines = list(entry.base_revision.lines.all())
        first, second, third, fourth = chance.sample(lines, 4)
        common: dict[str, Any] = {"actor": people.author, "change_id": change.pk}
        quantity = {"quantity": Decimal(chance.randint(1, 900)) / 100}
        redline_add(**common, operation="quantity", line_id=first.pk, values=quantity)
        redline_add(**common, operation="remove", line_id=second.pk)
        inside = {line.child_id for line in lines}
        new = chance.sample([part for part in parts if part.pk not in inside], 2)
        redline_add(**common, operation="replace", line_id=third.pk, values={"child_id": new[0].pk})
        used = {"line_type": chance.choice(KINDS), "setup_quantity": Decimal(chance.choice([0, 30]))}
        redline_add(**common, operation="attributes", line_id=fourth.pk, values={"attributes": used})
        days = {"effective_from": chance.choice([None, dt.date(2031, 1, 1)])}
        redline_add(**common, operation="effectivity", line_id=fourth.pk, values={"effectivity": days})
        values = {
            "child_id": new[1].pk, "quantity": Decimal("2.5"), "find_number": 900,
            "attributes": {"attrition_percent": Decimal(chance.choice([0, 500]))},
        }  # fmt: skip
        redline_add(**common, operation="add", affected_id=entry.pk, values=values)
    return change


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_what_is_foreseen_comes_true(people: People, seed: int) -> None:
    chance = random.Random(seed)
    parts, modules, tops = world(chance)
    change = draw(chance, people, parts, [modules[0], modules[2], tops[1]])
    found = foreseen(people, change)
    assert found.problems == () and found.day == clock.today()
    by_number = {top.product_number: top for top in found.tops}
    products = {product.product_number: product for product in (*tops, *modules)}
    assert "TOP-1" in by_number and set(by_number) <= set(products)
    for number, top in by_number.items():
        assert told(top, "before") == standing(products[number], found.day), number
        assert sum((cause.cost for cause in top.causes), Decimal(0)) == top.cost.difference, number
        assert sum((cause.mass for cause in top.causes), Decimal(0)) == top.mass.difference, number
    assert any(top.cost.difference for top in found.tops)
    carried_out(people, change)
    for number, top in by_number.items():
        assert told(top, "after") == standing(products[number], found.day), number
    assert change_consequences(fresh(change), people.analyst) is None


def test_the_lines_behind_it(people: People, lamp: Lamp) -> None:
    for line, cost, mass in ((lamp.bulb, "3.20", "0.1"), (lamp.screw, "0.05", "0.002"), (lamp.cable, "1", "0.3")):
        product_update(
            actor=people.manager,
            product_id=line.child_id,
            changes={"current_cost": Decimal(cost), "mass_kg": Decimal(mass)},
        )
    product_update(
        actor=people.manager, product_id=lamp.glass.pk, changes={"current_cost": Decimal(4), "mass_kg": Decimal(0)}
    )
    street = make_product("STREET", current_cost=Decimal(5))
    make_line(street, lamp.product, 3)
    release(street)
    (top,) = foreseen(people, make_draft(people.author, lamp)).tops
    assert top.product_number == "STREET"
    assert (top.cost.before, top.cost.after) == (Decimal("22.70"), Decimal("25.40"))
    assert top.cost.percent == Decimal("11.9")
    assert [(c.product_number, c.find_number, c.kind, c.part_number, c.cost, c.mass) for c in top.causes] == [
        ("LAMP", 10, "replaced", "LAMP-GLASS", Decimal("2.40"), Decimal("-0.3")),
        ("LAMP", 20, "changed", "LAMP-SCREW", Decimal("0.30"), Decimal("0.012")),
    ]


def test_a_product_in_nothing_is_its_own_top_and_a_later_day_counts(people: People, lamp: Lamp) -> None:
    day = clock.today() + dt.timedelta(days=40)
    fan = make_product("FAN", current_cost=Decimal(7))
    line = make_line(lamp.product, fan, 1) if revision_of(lamp.product).state == "in_work" else None
    assert line is None  # the lamp is released: only a redline adds to it
    change = make_draft(people.author, lamp, effective_from=day)
    entry = change.affected.get()
    redline_add(
        actor=people.author,
        change_id=change.pk,
        operation="add",
        affected_id=entry.pk,
        values={"child_id": fan.pk, "quantity": 2},
    )
    found = foreseen(people, change)
    assert found.day == day and [top.product_number for top in found.tops] == ["LAMP"]
    assert found.tops[0].cost.difference == 2 * 7 + 2 * 1  # two fans, two more screws, a glass for a bulb


def test_what_does_not_work_is_said_instead(people: People, lamp: Lamp) -> None:
    change = make_draft(people.author, lamp)
    entry = change.affected.get()
    values = {"child_id": lamp.socket.pk, "quantity": 1, "find_number": 30}
    redline_add(actor=people.author, change_id=change.pk, operation="add", affected_id=entry.pk, values=values)
    found = foreseen(people, change)
    assert [problem.name for problem in found.problems] == ["redlines[2].find_number"]
    assert (found.tops, found.total) == ((), 0)


def test_compliance_before_and_after(people: People, lamp: Lamp) -> None:
    rohs = make_regulation("RoHS")
    for part in (lamp.screw.child, lamp.cable.child, lamp.glass, lamp.product):
        assess(part, rohs, "compliant")
    assess(lamp.bulb.child, rohs, "non_compliant", reason="mercury")
    change = make_draft(people.author, lamp)
    (top,) = foreseen(people, change).tops
    (verdict,) = top.verdicts
    assert (verdict.before.code, verdict.before.parts) == ("non_compliant", ("LAMP-BULB",))
    assert verdict.after.code == "compliant" and verdict.is_better and not verdict.is_worse


def test_others_documents_twins_and_deliveries(people: People, lamp: Lamp) -> None:
    change, other = make_draft(people.author, lamp), make_draft(people.author, lamp, change_title="Another")
    gone = make_draft(people.author, lamp)
    change_cancel(actor=people.manager, change_id=gone.pk, reason="no")
    drawing = make_document("DRW-LAMP")
    document_link(actor=people.author, document_id=drawing.pk, product_id=lamp.product.pk)
    Product.objects.filter(pk=lamp.product.pk).update(digital_twin_id="twin-7")
    found = foreseen(people, change)
    assert [(one.change.pk, one.product_number) for one in found.others] == [(other.pk, "LAMP")]
    assert [document.document_number for document in found.documents] == ["DRW-LAMP"]
    touched = {one.touch.key: [(thing.product_number, thing.text) for thing in one.found] for one in found.touched}
    assert touched == {"twins": [("LAMP", "Twin twin-7")]}  # an analyst does not see deliveries
    seen = change_consequences(fresh(change), people.manager)
    assert seen is not None and "deliveries" in {one.touch.key for one in seen.touched}
    target = target_save(
        actor=system_actor(), neighbour_key="audit_compliance", base_url="https://audit.example", token="x"
    )
    for number in (1, 2):
        Delivery(
            target=target, contract_key="plm_audit_stream", event_id=uuid7(), event_type="product_updated",
            entity_id=lamp.product.pk, entity_label="LAMP",
        ).save_as(people.manager, reason=f"made {number}")  # fmt: skip
    seen = change_consequences(fresh(change), people.manager)
    assert seen is not None
    (waiting,) = next(one.found for one in seen.touched if one.touch.key == "deliveries")
    assert (waiting.product_number, waiting.text) == ("LAMP", "2 open deliveries")
    assert waiting.url.endswith(f"?entity={lamp.product.pk}")


@pytest.mark.slow
def test_many_tops_are_a_portion_and_the_questions_do_not_grow(people: People, lamp: Lamp) -> None:
    def grow(start: int, end: int) -> None:
        for at in range(start, end):
            street = make_product(f"STREET-{at:02d}")
            make_line(street, lamp.product, at + 1)
            release(street)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            foreseen(people, change)
        return len(captured)

    change = make_draft(people.author, lamp)
    grow(0, 2)
    few = asked()
    grow(2, 25)
    assert asked() == few
    found = foreseen(people, change, offset=20)
    assert (found.total, found.offset, len(found.tops)) == (25, 20, 5)
    assert found.tops[0].product_number == "STREET-20"


def test_by_the_api(people: People, lamp: Lamp, tenant: Tenant) -> None:
    change = make_draft(people.author, lamp)
    path = f"changes/{change.pk}/consequences/"
    api = Api(User.objects.get(pk=people.analyst.user_id), tenant)
    data = api.get(path).json()["data"]
    (top,) = data["tops"]
    assert (data["total"], top["product_number"], top["cost"]) == (
        1,
        "LAMP",
        {"before": "7.5", "after": "9.5", "difference": "2", "percent": "26.7"},
    )
    assert [cause["kind"] for cause in top["causes"]] == ["changed", "replaced"]
    assert top["measures"][0]["key"] == "compliance"
    assert api.get(path, {"offset": "20"}).json()["data"]["tops"] == []
    assert api.get(path, {"offset": "-1"}).status_code == 400
    carried_out(people, change)
    answer = api.get(path)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "CONFLICT")


def test_on_the_page(people: People, lamp: Lamp) -> None:
    change = make_draft(people.author, lamp)
    client = Client()
    client.force_login(User.objects.get(pk=people.author.user_id))
    address = reverse("changes:change-consequences", args=[change.pk])
    assert f'hx-get="{address}"' in client.get(change.get_absolute_url()).content.decode()
    for headers in ({}, {"HX-Request": "true"}):
        page = client.get(address, headers=headers).content.decode()
        assert ("<html" in page) != bool(headers)
        assert "7.50\u00a0EUR" in page and "+2.00\u00a0EUR (+26.7 %)" in page and "The 2 lines behind it" in page
    assert client.get(address, {"offset": "x"}).status_code == 400
    values = {"child_id": lamp.socket.pk, "quantity": 1, "find_number": 30}
    entry = change.affected.get()
    redline_add(actor=people.author, change_id=change.pk, operation="add", affected_id=entry.pk, values=values)
    assert "This cannot be worked out yet" in client.get(address).content.decode()
    change_cancel(actor=people.manager, change_id=change.pk, reason="no")
    assert "released or given up" in client.get(address).content.decode()
    assert f'hx-get="{address}"' not in client.get(change.get_absolute_url()).content.decode()
