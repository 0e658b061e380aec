"""Release gates: asked under the locks, shown before, judged on what the redlines will make."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from changes.exceptions import ReleaseHeld
from changes.models import EngineeringChange
from changes.services import affected_add, change_create, change_gates, change_implement, change_update, redline_add
from compliance.models import ComplianceRecord
from compliance.services import product_markets_set, record_move, regulation_update
from compliance.services import records_start as compliance_records_start
from plm_project.core import clock
from plm_project.core.exceptions import Conflict
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from products.services import product_update, revision_create
from products.services.revisions import revision_obsolete
from tests.changes.conftest import COMPLETE, Lamp, People, approved, footprint, fresh
from tests.compliance.conftest import assess, make_regulation
from tests.factories import make_assembly, make_line, make_product, make_substitute, release, revision_of, system_actor

pytestmark = pytest.mark.django_db


def held(change: EngineeringChange) -> list[str]:
    """What the compliance gate says; the others have their own tests."""
    results = [result for result in change_gates(fresh(change)) if result.gate.key == "compliance"]
    return [finding.message for result in results for finding in result.findings]


def part_of(lamp: Lamp, name: str) -> Any:
    return getattr(lamp, name).child if name in ("bulb", "screw", "cable") else getattr(lamp, name)


def change_with(people: People, lamp: Lamp, operation: str, **kwargs: Any) -> EngineeringChange:
    change = change_create(actor=people.author, data=COMPLETE, affected=[lamp.product.pk])
    if operation == "add":
        kwargs["affected_id"] = change.affected.get().pk
    redline_add(actor=people.author, change_id=change.pk, operation=operation, **kwargs)
    return fresh(change)


def test_a_bad_part_holds_the_change_until_it_is_waived(people: People, lamp: Lamp, tenant: Tenant) -> None:
    rohs = make_regulation("RoHS", is_binding=True)
    record = assess(lamp.screw.child, rohs, "non_compliant", reason="lead")
    change = change_with(people, lamp, "quantity", line_id=lamp.screw.pk, values={"quantity": 6})
    assert held(change) == ["LAMP-SCREW is non-compliant with RoHS 2011/65/EU (LAMP → LAMP-SCREW)."]
    approved(people, change)  # a warning until here, no more
    before = footprint()
    with pytest.raises(ReleaseHeld) as refused:
        change_implement(actor=people.analyst, change_id=change.pk)
    assert refused.value.error_code == "CONFLICT"
    assert list(refused.value.details) == ["affected[0]"]
    assert footprint() == before and fresh(change).status == "approved"
    # a waiver that is over on the day holds too
    today = clock.today()
    record = record_move(actor=system_actor(), record_id=record.pk, to="waived", reason="old stock", valid_until=today)
    assert held(change) == []
    with clock.fixed(clock.now() + dt.timedelta(days=1)):
        assert held(change) == ["The waiver of LAMP-SCREW for RoHS 2011/65/EU has expired (LAMP → LAMP-SCREW)."]
    change_implement(actor=people.analyst, change_id=change.pk)
    assert fresh(change).status == "implemented" and change_gates(fresh(change)) == []
    relay_tenant(tenant.pk)
    rows = ComplianceRecord.objects.filter(revision__product=lamp.product)
    assert {(row.revision.label, row.status) for row in rows} == {("A", "not_assessed"), ("B", "not_assessed")}


def test_a_substitute_counts_as_what_may_be_built_in(people: People, lamp: Lamp) -> None:
    rohs = make_regulation("RoHS", is_binding=True)
    assess(lamp.glass, rohs, "non_compliant", reason="cadmium")
    shade = make_product("SHADE")
    make_substitute(make_line(shade, make_product("RIM")), lamp.glass)
    # on a line that the change itself releases
    change = change_create(actor=people.author, data=COMPLETE, affected=[shade.pk])
    assert held(change) == ["LAMP-GLASS is non-compliant with RoHS 2011/65/EU (SHADE → LAMP-GLASS)."]
    with pytest.raises(Conflict, match="GLASS"):
        release(shade)
    # and below a part that it builds in
    adding = change_with(people, lamp, "add", values={"child_id": shade.pk, "quantity": 1})
    assert held(adding) == ["LAMP-GLASS is non-compliant with RoHS 2011/65/EU (LAMP → SHADE → LAMP-GLASS)."]


def test_the_redlines_decide_what_is_judged(people: People, lamp: Lamp) -> None:
    rohs = make_regulation("RoHS", is_binding=True)
    assess(lamp.screw.child, rohs, "non_compliant", reason="lead")
    assert held(change_with(people, lamp, "remove", line_id=lamp.screw.pk)) == []
    replacing = change_with(people, lamp, "replace", line_id=lamp.screw.pk, values={"child_id": lamp.socket.pk})
    assert held(replacing) == []
    # the part that comes in is looked into as deep as it goes
    assess(lamp.glass, rohs, "non_compliant", reason="cadmium")
    shade = make_assembly("SHADE", [(lamp.glass, 1)])
    adding = change_with(people, lamp, "add", values={"child_id": shade.pk, "quantity": 1})
    redline_add(actor=people.author, change_id=adding.pk, operation="remove", line_id=lamp.screw.pk)
    assert held(adding) == ["LAMP-GLASS is non-compliant with RoHS 2011/65/EU (LAMP → SHADE → LAMP-GLASS)."]
    # another product of the same change counts with its own redlines
    affected = affected_add(actor=people.author, change_id=adding.pk, product_id=shade.pk)
    redline_add(
        actor=people.author,
        change_id=adding.pk,
        operation="remove",
        line_id=revision_of(shade).lines.get().pk,
    )
    assert affected.product == shade and held(adding) == []


def test_what_does_not_hold(people: People, lamp: Lamp) -> None:
    rohs = make_regulation("RoHS", is_binding=True)
    change = change_with(people, lamp, "quantity", line_id=lamp.bulb.pk, values={"quantity": 2})
    assert held(change) == []  # nothing is assessed
    assess(lamp.screw.child, rohs, "compliant", valid_until=clock.today())
    with clock.fixed(clock.now() + dt.timedelta(days=2)):
        assert held(change) == []  # a certificate that ran out is an open question
    assess(lamp.screw.child, rohs, "non_compliant", reason="lead")
    assert len(held(change)) == 1
    change_rule = lambda **changes: regulation_update(  # noqa: E731
        actor=system_actor(), regulation_id=rohs.pk, changes=changes
    )
    for off, on in (
        ({"is_binding": False}, {"is_binding": True}),
        ({"product_types": ["kit"]}, {"product_types": []}),
        ({"effective_to": clock.today()}, {"effective_to": None}),
    ):
        change_rule(**off)
        assert held(change) == []
        change_rule(**on)
        assert len(held(change)) == 1
    change_rule(markets=["EU"])
    product_markets_set(actor=system_actor(), product_id=lamp.product.pk, markets=["US"])
    assert held(change) == []  # the lamp is not sold where it holds
    product_markets_set(actor=system_actor(), product_id=lamp.product.pk, markets=["US", "AT"])
    assert len(held(change)) == 1


def test_another_type_or_an_optional_line_is_no_way_past(people: People, lamp: Lamp) -> None:
    rohs = make_regulation("RoHS", is_binding=True, product_types=["manufactured", "purchased"])
    screw = lamp.screw.child
    record = assess(screw, rohs, "non_compliant", reason="lead")
    change = change_with(people, lamp, "quantity", line_id=lamp.bulb.pk, values={"quantity": 2})
    assert len(held(change)) == 1
    product_update(actor=system_actor(), product_id=screw.pk, changes={"product_type": "raw_material"})
    assert len(held(change)) == 1
    record_move(actor=system_actor(), record_id=record.pk, to="in_progress", reason="looked at anew")
    assert held(change) == []
    # what some unit or variant may hold counts; what stands for reference alone does not
    assess(lamp.glass, rohs, "non_compliant", reason="cadmium")
    for data, count in (({"is_optional": True}, 1), ({"serials": units(lamp.product)}, 1), ({"condition": "a:b"}, 1),
                        ({"line_type": "reference"}, 0)):  # fmt: skip
        shade = make_product()
        make_line(shade, lamp.glass, **data)
        adding = change_with(people, lamp, "add", values={"child_id": shade.pk, "quantity": 1})
        assert len(held(adding)) == count, data


def units(product: Any) -> list[dict[str, Any]]:
    return [{"end_item": str(product.pk), "first": 1, "last": 10}]


def test_a_product_never_released_is_judged_by_its_own_record(people: People) -> None:
    rohs = make_regulation("RoHS", is_binding=True)
    product = make_product("PLAIN")
    assess(product, rohs, "non_compliant", reason="lead")
    change = change_create(actor=people.author, data=COMPLETE, affected=[product.pk])
    assert held(change) == ["PLAIN is non-compliant with RoHS 2011/65/EU (PLAIN)."]


def test_a_new_letter_is_no_way_past_a_finding(people: People, lamp: Lamp) -> None:
    rohs = make_regulation("RoHS", is_binding=True)
    record = assess(lamp.product, rohs, "non_compliant", reason="lead in the solder")
    change = change_with(people, lamp, "quantity", line_id=lamp.bulb.pk, values={"quantity": 2})
    assert held(change) == ["LAMP is non-compliant with RoHS 2011/65/EU (LAMP)."]
    approved(people, change)
    with pytest.raises(ReleaseHeld):
        change_implement(actor=people.analyst, change_id=change.pk)
    # a person takes the finding up again, and says why
    record_move(actor=system_actor(), record_id=record.pk, to="in_progress", reason="mended by this change")
    assert held(change) == []
    change_implement(actor=people.analyst, change_id=change.pk)
    assert fresh(change).status == "implemented"


def test_a_finding_stands_until_the_newer_revision_is_assessed(people: People, lamp: Lamp) -> None:
    rohs = make_regulation("RoHS", is_binding=True)
    screw, today = lamp.screw.child, clock.today()
    record = assess(screw, rohs, "non_compliant", reason="lead")
    change = change_with(people, lamp, "quantity", line_id=lamp.bulb.pk, values={"quantity": 2})
    assert len(held(change)) == 1
    # withdrawing the revision from use, and beginning the next one, takes nothing out of the world
    revision_obsolete(actor=system_actor(), revision_id=record.revision_id, reason="out of use")
    fresh_one = revision_create(actor=system_actor(), product_id=screw.pk)
    assert len(held(change)) == 1
    # a day in the past is judged as today; a waiver holds for later revisions too, as long as it is valid
    change_update(actor=people.author, change_id=change.pk, changes={"effective_from": today - dt.timedelta(days=900)})
    assert len(held(change)) == 1
    record_move(actor=system_actor(), record_id=record.pk, to="waived", reason="old stock", valid_until=today)
    assert held(change) == []
    with clock.fixed(clock.now() + dt.timedelta(days=1)):
        assert held(change) == ["The waiver of LAMP-SCREW for RoHS 2011/65/EU has expired (LAMP → LAMP-SCREW)."]
    own = ComplianceRecord.objects.filter(revision=fresh_one, regulation=rohs).first()
    if own is None:  # tracking starts after the commit
        compliance_records_start(actor=system_actor())
        own = ComplianceRecord.objects.get(revision=fresh_one, regulation=rohs)
    record_move(actor=system_actor(), record_id=own.pk, to="in_progress")
    record_move(actor=system_actor(), record_id=own.pk, to="compliant", reason="new plating")
    with clock.fixed(clock.now() + dt.timedelta(days=1)):
        assert held(change) == []


def test_a_release_without_a_change_meets_the_same_rule(people: People, lamp: Lamp) -> None:
    rohs = make_regulation("RoHS", is_binding=True)
    record = assess(lamp.screw.child, rohs, "non_compliant", reason="lead")
    shade = make_assembly("SHADE", [(lamp.screw.child, 4)])
    before = footprint()
    with pytest.raises(Conflict, match="LAMP-SCREW is non-compliant with RoHS"):
        release(shade)
    assert footprint() == before and revision_of(shade).state == "in_work"
    record_move(actor=system_actor(), record_id=record.pk, to="waived", reason="old stock")
    assert release(shade).state == "released"
