from __future__ import annotations

import datetime as dt

import pytest

from changes.models import AffectedProduct, EngineeringChange, Redline
from changes.selectors import change_difference, redline_results
from changes.services import (
    affected_add,
    change_create,
    change_implement,
    redline_add,
    redline_update,
)
from plm_project.core import clock
from plm_project.core.exceptions import Conflict
from products.choices import RevisionState
from products.models import BomLine, ProductRevision
from products.selectors.compare import compare_revisions
from products.services import product_delete, revision_create, revision_release
from tests.changes.conftest import (
    COMPLETE,
    Lamp,
    People,
    approved,
    events_of,
    footprint,
    fresh,
    make_draft,
    make_lamp,
    submitted,
)
from tests.factories import make_line, make_product, revision_of
from tests.signing import change_approve


def lines_of(revision: ProductRevision) -> list[tuple[int, str, str, list[str]]]:
    return [
        (line.find_number, line.child.product_number, f"{line.quantity.normalize():f}", line.reference_designators)
        for line in revision.lines.select_related("child").order_by("find_number")
    ]


def test_revision_b_holds_the_redlines_and_a_is_superseded(
    people: People, lamp: Lamp, draft: EngineeringChange
) -> None:
    for operation, line, values in (
        ("designators", lamp.screw, {"reference_designators": ["S1", "S2", "S3"]}),
        ("remove", lamp.cable, {}),
    ):
        redline_add(actor=people.author, change_id=draft.pk, operation=operation, line_id=line.pk, values=values)
    affected = draft.affected.get()
    redline_add(
        actor=people.author,
        change_id=draft.pk,
        operation="add",
        affected_id=affected.pk,
        values={"child_id": lamp.socket.pk, "quantity": 2, "find_number": 15},
    )
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk, comment="lot 7")

    lamp.base.refresh_from_db()
    affected.refresh_from_db()
    new = affected.resulting_revision
    assert (new.label, new.state, new.effective_from) == ("B", RevisionState.RELEASED, clock.today())
    assert (lamp.base.state, lamp.base.effective_to) == (RevisionState.SUPERSEDED, new.effective_from)
    assert lines_of(new) == [
        (10, "LAMP-GLASS", "1", []),
        (15, "LAMP-SOCKET", "2", []),
        (20, "LAMP-SCREW", "6", ["S1", "S2", "S3"]),
    ]
    assert lines_of(lamp.base) == [
        (10, "LAMP-BULB", "1", []),
        (20, "LAMP-SCREW", "4", ["S1", "S2"]),
        (30, "LAMP-CABLE", "1.5", []),
    ]
    change = fresh(draft)
    assert (change.status, change.implemented_by_id) == ("implemented", people.analyst.user_id)
    assert change.history.latest().history_change_reason == "lot 7"
    (event,) = events_of("change_implemented")
    assert event.event_data["affected_products"] == [
        {
            "product_id": str(lamp.product.pk),
            "product_number": "LAMP",
            "action": "revise",
            "replacement": None,
            "effective_from": None,
            "base_revision": "A",
            "resulting_revision": "B",
        }
    ]
    changed = events_of("bom_changed")[-1].event_data
    assert [len(changed[kind]) for kind in ("added", "removed", "changed")] == [1, 1, 2]
    answer = compare_revisions(lamp.base, new, levels="1").as_answer()
    assert [row["product_number"] for row in answer["added"]] == ["LAMP-SOCKET"]
    assert [row["product_number"] for row in answer["removed"]] == ["LAMP-CABLE"]
    assert [(row["field"], row["from"], row["to"]) for row in answer["changed"]] == [
        ("product_number", "LAMP-BULB", "LAMP-GLASS"),
        ("quantity", "4", "6"),
        ("reference_designators", ["S1", "S2"], ["S1", "S2", "S3"]),
    ]


def test_the_picture_is_the_same_before_and_after(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    def picture() -> list[tuple[str, object, object]]:
        (entry,) = change_difference(fresh(draft))
        return [(row.kind, row.values["product_number"], row.old("quantity")) for row in entry.rows]

    before = picture()
    assert before == [
        ("changed", "LAMP-GLASS", "1"),
        ("changed", "LAMP-SCREW", "4"),
        ("unchanged", "LAMP-CABLE", "1.5"),
    ]
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    assert picture() == before


def test_every_redline_and_line_tells_what_it_became(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    affected = draft.affected.get()
    added = redline_add(
        actor=people.author,
        change_id=draft.pk,
        operation="add",
        affected_id=affected.pk,
        values={"child_id": lamp.socket.pk, "quantity": 2},
    )
    assert {redline.resulting_line_id for redline in redline_results(draft)} == {None}
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    revision = fresh(draft).affected.get().resulting_revision
    assert revision is not None
    assert revision.label == "B"
    lines = {line.pk: line for line in revision.lines.all()}
    for redline in redline_results(draft):
        line = lines.pop(redline.resulting_line_id)
        assert line.predecessor_id == redline.line_id
        if redline.pk == added.pk:
            assert (line.child_id, line.quantity) == (lamp.socket.pk, 2)
    (copied,) = lines.values()
    assert (copied.child_id, copied.predecessor_id) == (lamp.cable.child_id, lamp.cable.pk)


def test_a_product_never_released_is_edited_in_place_and_released(people: People, lamp: Lamp) -> None:
    new = make_product("NEW")
    kept, gone = make_line(new, lamp.glass, 1), make_line(new, lamp.socket, 1)
    change = change_create(actor=people.author, data=COMPLETE, affected=[new.pk])
    affected = change.affected.get()
    for operation, line, values in (("quantity", kept, {"quantity": 3}), ("remove", gone, {})):
        redline_add(actor=people.author, change_id=change.pk, operation=operation, line_id=line.pk, values=values)
    redline_add(
        actor=people.author,
        change_id=change.pk,
        operation="add",
        affected_id=affected.pk,
        values={"child_id": lamp.product.pk, "quantity": 1},
    )
    approved(people, change)
    picture = [(row.kind, row.values["product_number"]) for row in change_difference(change)[0].rows]
    change_implement(actor=people.analyst, change_id=change.pk)
    affected.refresh_from_db()
    assert affected.resulting_revision == affected.base_revision
    assert affected.resulting_revision.state == RevisionState.RELEASED
    assert lines_of(affected.resulting_revision) == [
        (10, "LAMP-GLASS", "3", []),
        (20, "LAMP", "1", []),
    ]
    assert [(row.kind, row.values["product_number"]) for row in change_difference(change)[0].rows] == picture


def test_released_as_it_is_without_a_redline(people: People, lamp: Lamp) -> None:
    fresh_part = make_product("NEW-PART")
    change = change_create(actor=people.author, data=COMPLETE, affected=[fresh_part.pk])
    approved(people, change)
    change_implement(actor=people.analyst, change_id=change.pk)
    assert revision_of(fresh_part).state == RevisionState.RELEASED


def test_planned_date_is_when_it_becomes_effective(people: People, lamp: Lamp) -> None:
    planned = clock.today() + dt.timedelta(days=30)
    change = make_draft(people.author, lamp, effective_from=planned)
    approved(people, change)
    change_implement(actor=people.analyst, change_id=change.pk)
    lamp.base.refresh_from_db()
    assert (revision_of(lamp.product).effective_from, lamp.base.effective_to) == (planned, planned)


def test_a_second_click_is_a_conflict_and_changes_nothing(
    people: People, lamp: Lamp, draft: EngineeringChange
) -> None:
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    before = footprint()
    with pytest.raises(Conflict, match="already implemented"):
        change_implement(actor=people.analyst, change_id=draft.pk)
    assert footprint() == before


def test_a_moved_base_is_named_and_leaves_nothing_behind(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    other = make_lamp("OTHER")
    affected_add(actor=people.author, change_id=draft.pk, product_id=other.product.pk)
    redline_add(
        actor=people.author,
        change_id=draft.pk,
        operation="quantity",
        line_id=other.screw.pk,
        values={"quantity": 9},
    )
    approved(people, draft)
    newer = revision_create(actor=people.manager, product_id=other.product.pk)
    revision_release(actor=people.manager, revision_id=newer.pk, reason="in between")
    before = footprint()
    with pytest.raises(Conflict, match="Revision A of OTHER is no longer the current one; B is") as refusal:
        change_implement(actor=people.analyst, change_id=draft.pk)
    assert list(refusal.value.details) == ["affected[1].base_revision"]
    assert footprint() == before and fresh(draft).status == "approved"


def test_a_failure_at_the_last_product_takes_the_first_one_back(
    people: People, lamp: Lamp, draft: EngineeringChange
) -> None:
    """The first product is made and released in the transaction before the second one's release is refused: it would
    begin before the revision it supersedes."""
    other = make_lamp("OTHER")
    affected_add(actor=people.author, change_id=draft.pk, product_id=other.product.pk)
    redline_add(
        actor=people.author, change_id=draft.pk, operation="quantity", line_id=other.screw.pk, values={"quantity": 9}
    )
    submitted(people, draft)
    later = clock.today() + dt.timedelta(days=5)
    newer = revision_create(actor=people.manager, product_id=other.product.pk)
    revision_release(actor=people.manager, revision_id=newer.pk, reason="in between", effective_from=later)
    AffectedProduct.objects.filter(change=draft, product=other.product).update(base_revision=newer)
    twin = newer.lines.get(find_number=20)
    Redline.objects.filter(change=draft, line=other.screw).update(line=twin)
    change_approve(actor=people.technical, change_id=draft.pk)
    before = footprint()
    with pytest.raises(Exception, match="cannot begin before it"):
        change_implement(actor=people.analyst, change_id=draft.pk)
    assert footprint() == before
    lamp.base.refresh_from_db()
    assert lamp.base.state == RevisionState.RELEASED and fresh(draft).status == "approved"
    assert not BomLine.objects.filter(parent_revision__product=lamp.product, quantity=6).exists()


def test_a_product_deleted_since_is_refused(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    new = make_product("NEVER-RELEASED")
    redline = draft.redlines.get(operation="replace")
    redline_update(actor=people.author, redline_id=redline.pk, changes={"child_id": new.pk})
    approved(people, draft)
    product_delete(actor=people.manager, product_id=new.pk)
    before = footprint()
    with pytest.raises(Exception, match="There is no such product") as refusal:
        change_implement(actor=people.analyst, change_id=draft.pk)
    assert "redlines[1].child_id" in refusal.value.details
    assert footprint() == before
