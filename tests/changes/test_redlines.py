"""What a draft takes, and what the complete check says of it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from changes.models import EngineeringChange
from changes.selectors import change_difference
from changes.services import (
    affected_add,
    affected_remove,
    change_create,
    change_delete,
    change_implement,
    change_submit,
    change_update,
    redline_remove,
    redline_update,
)
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PreconditionFailed, ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.services import revision_create, revision_release
from tests.changes.conftest import COMPLETE, Lamp, People, approved, footprint, make_lamp
from tests.changes.setting_redlines import draw, faults
from tests.factories import make_assembly, make_line, make_product, release, revision_of


@pytest.mark.parametrize(
    ("operation", "values", "field"),
    [
        ("odd", {}, "operation"),
        ("quantity", {}, "quantity"),
        ("quantity", {"quantity": 0}, "quantity"),
        ("quantity", {"quantity": -1}, "quantity"),
        ("quantity", {"quantity": 1, "find_number": 5}, "find_number"),
        ("unit", {"unit_of_measure": "cubit"}, "unit_of_measure"),
        ("unit", {}, "unit_of_measure"),
        ("find_number", {"find_number": 0}, "find_number"),
        ("designators", {"reference_designators": "S1"}, "reference_designators"),
        ("designators", {}, "reference_designators"),
        ("replace", {}, "child_id"),
        ("replace", {"child_id": uuid.uuid4()}, "child_id"),
        ("remove", {"quantity": 1}, "quantity"),
        ("add", {"quantity": 1}, "child_id"),
        ("add", {"child_id": uuid.uuid4(), "quantity": 1}, "child_id"),
    ],
)
def test_a_redline_without_sense_is_refused(
    operation: str, values: dict[str, Any], field: str, people: People, lamp: Lamp, empty: EngineeringChange
) -> None:
    before = footprint()
    with pytest.raises(ValidationFailed) as refusal:
        draw(people, empty, operation, None if operation == "add" else lamp.screw, **values)
    assert field in refusal.value.details
    assert footprint() == before


def test_lines_of_other_revisions_and_tenants_are_unknown(
    people: People, lamp: Lamp, empty: EngineeringChange, other_tenant: Tenant
) -> None:
    other = make_lamp("OTHER")
    with tenant_scope(other_tenant.pk):
        foreign = make_lamp("FOREIGN")
    for line in (other.screw, foreign.screw):
        with pytest.raises(ValidationFailed) as refusal:
            draw(people, empty, "remove", line)
        assert list(refusal.value.details) == ["line_id"]
    with pytest.raises(ValidationFailed) as refusal:
        draw(people, empty, "replace", lamp.screw, child_id=foreign.glass.pk)
    assert list(refusal.value.details) == ["child_id"]
    with pytest.raises(ValidationFailed):
        affected_add(actor=people.author, change_id=empty.pk, product_id=foreign.product.pk)


def test_a_line_is_not_removed_and_edited(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    draw(people, empty, "quantity", lamp.screw, quantity=5)
    draw(people, empty, "designators", lamp.screw, reference_designators=["S1"])
    draw(people, empty, "remove", lamp.bulb)
    for operation, line, values in (
        ("remove", lamp.screw, {}),
        ("quantity", lamp.screw, {"quantity": 7}),
        ("quantity", lamp.bulb, {"quantity": 2}),
        ("remove", lamp.bulb, {}),
    ):
        with pytest.raises(Conflict):
            draw(people, empty, operation, line, **values)
    assert empty.redlines.count() == 3


def test_units_are_known_by_name_and_judged_when_submitted(
    people: People, lamp: Lamp, empty: EngineeringChange
) -> None:
    redline = draw(people, empty, "unit", lamp.screw, unit_of_measure="Meter")
    assert redline.unit_of_measure == "m"
    assert "redlines[0].unit_of_measure" in faults(empty)
    # The same unit together with a part that is counted in it is right: the result counts, not the single redline.
    draw(people, empty, "replace", lamp.screw, child_id=lamp.cable.child_id)
    assert faults(empty) == {}


def test_a_replacement_takes_its_own_unit(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    draw(people, empty, "replace", lamp.screw, child_id=lamp.cable.child_id, quantity="0.5")
    assert faults(empty) == {}
    (row,) = change_difference(empty)[0].changed_rows
    assert (row.old("unit_of_measure"), row.values["unit_of_measure"], row.values["quantity"]) == ("pack", "m", "0.5")


def test_find_numbers_are_judged_on_the_result(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    first = draw(people, empty, "find_number", lamp.bulb, find_number=20)
    assert list(faults(empty)) == ["redlines[0].find_number"]
    draw(people, empty, "find_number", lamp.screw, find_number=10)
    assert faults(empty) == {}
    redline_update(actor=people.author, redline_id=first.pk, changes={"find_number": 30})
    assert list(faults(empty)) == ["redlines[0].find_number"]
    draw(people, empty, "remove", lamp.cable)
    assert faults(empty) == {}


def test_a_cycle_is_found_over_the_whole_result(people: People, lamp: Lamp) -> None:
    inner = make_assembly("INNER", [(lamp.glass, 1)])
    outer = make_assembly("OUTER", [(inner, 1)])
    for product in (inner, outer):
        release(product)
    change = change_create(actor=people.author, data=COMPLETE, affected=[inner.pk])
    draw(people, change, "replace", revision_of(inner).lines.get(), child_id=outer.pk)
    assert list(faults(change)) == ["redlines[0].child_id"]
    assert "INNER → OUTER → INNER" in faults(change)["redlines[0].child_id"]
    # Turned round within one change: OUTER loses INNER, and INNER gets OUTER.
    affected_add(actor=people.author, change_id=change.pk, product_id=outer.pk)
    draw(people, change, "replace", revision_of(outer).lines.get(), child_id=lamp.socket.pk)
    assert faults(change) == {}
    approved(people, change)
    change_implement(actor=people.manager, change_id=change.pk)
    assert revision_of(inner).lines.get().child == outer


@pytest.mark.parametrize(
    ("data", "field"), [({"reason_for_change": " "}, "reason_for_change"), ({"change_title": "abc"}, None)]
)
def test_what_submitting_needs(
    data: dict[str, str], field: str | None, people: People, lamp: Lamp, empty: EngineeringChange
) -> None:
    draw(people, empty, "remove", lamp.cable)
    change_update(actor=people.author, change_id=empty.pk, changes=data)
    assert list(faults(empty)) == ([field] if field else [])


def test_a_change_needs_products_and_each_a_redline(people: People, lamp: Lamp) -> None:
    change = change_create(actor=people.author, data=COMPLETE)
    assert list(faults(change)) == ["affected"]
    affected_add(actor=people.author, change_id=change.pk, product_id=lamp.product.pk)
    assert list(faults(change)) == ["affected[0].redlines"]
    before = footprint()
    with pytest.raises(ValidationFailed) as refusal:
        change_submit(actor=people.author, change_id=change.pk)
    assert list(refusal.value.details) == ["affected[0].redlines"] and footprint() == before


def test_a_base_that_moved_is_a_conflict_when_submitted(people: People, lamp: Lamp, empty: EngineeringChange) -> None:
    draw(people, empty, "remove", lamp.cable)
    newer = revision_create(actor=people.manager, product_id=lamp.product.pk)
    with pytest.raises(Conflict, match="Revision B of LAMP is in work already"):
        change_submit(actor=people.author, change_id=empty.pk)
    revision_release(actor=people.manager, revision_id=newer.pk, reason="meanwhile")
    with pytest.raises(Conflict, match="Revision A of LAMP is no longer the current one; B is"):
        change_submit(actor=people.author, change_id=empty.pk)


def test_a_line_in_work_that_is_gone_is_a_conflict(people: People, lamp: Lamp) -> None:
    from products.services import line_remove

    new = make_product("NEW")
    line = make_line(new, lamp.glass, 1)
    change = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])
    draw(people, change, "quantity", line, quantity=2)
    line_remove(actor=people.author, line_id=line.pk)
    with pytest.raises(Conflict, match="no longer on revision A"):
        change_submit(actor=people.author, change_id=change.pk)


def test_only_the_author_or_a_manager_edits_and_only_a_draft(
    people: People, lamp: Lamp, draft: EngineeringChange
) -> None:
    redline = draft.redlines.first()
    affected = draft.affected.get()
    edits: list[Any] = [
        lambda actor: change_update(actor=actor, change_id=draft.pk, changes={"priority": "low"}),
        lambda actor: affected_add(actor=actor, change_id=draft.pk, product_id=lamp.glass.pk),
        lambda actor: redline_update(actor=actor, redline_id=redline.pk, changes={"note": "x"}),
        lambda actor: redline_remove(actor=actor, redline_id=redline.pk),
        lambda actor: affected_remove(actor=actor, affected_id=affected.pk),
        lambda actor: change_delete(actor=actor, change_id=draft.pk),
    ]
    for edit in edits:
        with pytest.raises(PermissionDenied):
            edit(people.viewer)
    change_submit(actor=people.author, change_id=draft.pk)
    before = footprint()
    for edit in edits:
        with pytest.raises(Conflict, match="only a draft"):
            edit(people.author)
    assert footprint() == before


def test_a_stale_version_is_refused(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    old = draft.version
    redline = draft.redlines.first()
    change_update(actor=people.author, change_id=draft.pk, changes={"priority": "low"}, expected_version=old)
    stale: list[Any] = [
        lambda: change_update(
            actor=people.author, change_id=draft.pk, changes={"priority": "high"}, expected_version=old
        ),
        lambda: change_submit(actor=people.author, change_id=draft.pk, expected_version=old),
        lambda: affected_add(actor=people.author, change_id=draft.pk, product_id=lamp.glass.pk, expected_version=old),
        lambda: redline_update(
            actor=people.author, redline_id=redline.pk, changes={"note": "x"}, expected_version=redline.version + 1
        ),
    ]
    before = footprint()
    for edit in stale:
        with pytest.raises(PreconditionFailed):
            edit()
    assert footprint() == before


def test_what_was_submitted_once_is_not_deleted(people: People, draft: EngineeringChange) -> None:
    from changes.services import change_reopen, change_withdraw

    change_submit(actor=people.author, change_id=draft.pk)
    change_withdraw(actor=people.author, change_id=draft.pk)
    change_reopen(actor=people.author, change_id=draft.pk)
    with pytest.raises(Conflict, match="cancel it instead"):
        change_delete(actor=people.author, change_id=draft.pk)


def test_unknown_records_are_not_found(people: People, draft: EngineeringChange) -> None:
    nobody = uuid.uuid4()
    with pytest.raises(NotFound):
        change_submit(actor=people.author, change_id=nobody)
    with pytest.raises(NotFound):
        redline_remove(actor=people.author, redline_id=nobody)
    with pytest.raises(ValidationFailed):
        change_create(actor=people.author, data=COMPLETE, affected=[nobody])
    with pytest.raises(ValidationFailed):
        change_create(actor=people.author, data={**COMPLETE, "status": "approved"})
    assert change_create(actor=people.author, data=COMPLETE).change_number == "ECO-000002"
