"""What happens to existing parts: planned in a draft, signed, organised, done, and nothing of it forgotten."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from changes.choices import Disposal, Place
from changes.content import canonical, content_hash, content_of, hash_of
from changes.exceptions import NotADraft, ReleaseHeld
from changes.models import AffectedProduct, ChangePolicy, Disposition, EngineeringChange
from changes.packages.contents import package_entries
from changes.selectors import change_get, change_history, disposition_list
from changes.selectors.dispositions import cost_of, parts_to_dispose_of
from changes.services import (
    affected_remove,
    change_cancel,
    change_close,
    change_gates,
    change_implement,
    change_policy_update,
    change_problems,
    change_reopen,
    change_submit,
    change_withdraw,
    disposition_add,
    disposition_complete,
    disposition_remove,
    disposition_reopen,
    disposition_update,
    no_disposition_set,
    redline_remove,
)
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PreconditionFailed, ValidationFailed
from plm_project.core.ids import uuid7
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import (
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
from tests.conftest import MakeActor
from tests.factories import make_product, system_actor
from tests.signing import change_approve

pytestmark = pytest.mark.django_db

Refused = Callable[..., Any]


def affected_of(change: EngineeringChange) -> AffectedProduct:
    found: AffectedProduct = change.affected.get()
    return found


def add(actor: Actor, change: EngineeringChange, **values: Any) -> Disposition:
    given = {"place": "stock", "action": "scrap", **values}
    return disposition_add(actor=actor, change_id=change.pk, affected_id=affected_of(change).pk, values=given)


@pytest.fixture
def refused() -> Iterator[Refused]:
    """Call with the refusal and the service: what is refused leaves no row, no history and no event."""

    def call(refusal: type[Exception], service: Callable[..., Any], **kwargs: Any) -> Any:
        before = footprint()
        with pytest.raises(refusal) as caught:
            service(**kwargs)
        assert footprint() == before
        return caught.value

    yield call


def require(people: People) -> None:
    change_policy_update(
        actor=people.manager, policy_id=ChangePolicy.objects.get().pk, changes={"dispositions_required": True}
    )


# --- planning --------------------------------------------------------------------------------------------------------
def test_planned_in_a_draft_for_the_product_and_for_what_is_taken_out(
    people: People, lamp: Lamp, draft: EngineeringChange
) -> None:
    assert [part.product_number for part in parts_to_dispose_of(affected_of(draft))] == ["LAMP", "LAMP-BULB"]
    own = add(people.author, draft)
    assert (own.product_id, own.quantity, own.cost, own.is_done) == (lamp.product.pk, None, None, False)
    version = fresh(draft).version
    bulbs = add(
        people.author,
        draft,
        product_id=lamp.bulb.child_id,
        place="on_order",
        action="return",
        quantity=Decimal("120"),
        cost=Decimal("30.5"),
        owner_id=people.viewer.user_id,
        due_on=dt.date(2026, 12, 1),
        note="if the supplier takes them",
    )
    assert fresh(draft).version > version, "it is part of what the change's version stands for"
    assert [row.label for row in disposition_list(draft)] == ["LAMP (Stock)", "LAMP-BULB (On order)"]
    cost = cost_of(disposition_list(draft))
    assert (cost.total, cost.unknown) == (Decimal("30.5"), 1)
    told = [entry for entry in change_history(fresh(draft)) if entry.record == "disposition"]
    assert {(entry.action, entry.subject) for entry in told} == {
        ("created", "LAMP (Stock)"),
        ("created", "LAMP-BULB (On order)"),
    }
    disposition_update(actor=people.author, disposition_id=bulbs.pk, changes={"place": "supplier", "quantity": 0})
    last = next(entry for entry in change_history(fresh(draft)) if entry.record == "disposition")
    assert {(each.field, each.before, each.after) for each in last.changes} == {
        ("place", "on_order", "supplier"),
        ("quantity", "120", "0"),
    }
    disposition_remove(actor=people.author, disposition_id=own.pk, reason="there are none")
    assert [row.pk for row in disposition_list(draft)] == [bulbs.pk]
    add(people.author, draft)  # a removed one does not stand in its way


def test_what_cannot_be_planned(
    people: People, lamp: Lamp, draft: EngineeringChange, refused: Refused, make_actor: MakeActor, other_tenant: Tenant
) -> None:
    with tenant_scope(other_tenant.pk):
        stranger = make_actor("engineer", tenant=other_tenant, email="stranger@other.example")
    row = add(people.author, draft)
    common = {"change_id": draft.pk, "affected_id": affected_of(draft).pk}
    good = {"place": "field", "action": "rework"}
    for values, field, refusal in (
        ({"place": "stock", "action": "rework"}, "place", Conflict),
        ({**good, "place": "moon"}, "place", ValidationFailed),
        ({**good, "action": "eat"}, "action", ValidationFailed),
        ({"place": "field"}, "action", ValidationFailed),
        ({**good, "quantity": Decimal(-1)}, "quantity", ValidationFailed),
        ({**good, "cost": Decimal("-0.01")}, "cost", ValidationFailed),
        ({**good, "note": "x" * 2001}, "note", ValidationFailed),
        (
            {**good, "product_id": lamp.screw.child_id},
            "product_id",
            ValidationFailed,
        ),  # another quantity takes none out
        ({**good, "product_id": uuid7()}, "product_id", ValidationFailed),
        ({**good, "owner_id": stranger.user_id}, "owner_id", ValidationFailed),
        ({**good, "completed_at": clock.now()}, "completed_at", ValidationFailed),
    ):
        error = refused(refusal, disposition_add, actor=people.author, values=values, **common)
        assert list(error.details) == [field], values
    refused(PermissionDenied, disposition_add, actor=people.viewer, values=good, **common)
    refused(PreconditionFailed, disposition_add, actor=people.author, values=good, expected_version=0, **common)
    refused(
        ValidationFailed, disposition_add, actor=people.author, values=good, change_id=draft.pk, affected_id=uuid7()
    )
    refused(NotFound, disposition_update, actor=people.author, disposition_id=uuid7(), changes={})
    refused(PermissionDenied, disposition_update, actor=people.viewer, disposition_id=row.pk, changes={"note": "x"})
    refused(
        PreconditionFailed, disposition_update, actor=people.author, disposition_id=row.pk, changes={"note": "x"},
        expected_version=row.version + 1,
    )  # fmt: skip
    refused(ValidationFailed, disposition_update, actor=people.author, disposition_id=row.pk, changes={"change_id": 1})
    refused(PermissionDenied, disposition_remove, actor=people.viewer, disposition_id=row.pk)
    refused(NotFound, disposition_remove, actor=people.author, disposition_id=uuid7())
    assert Disposition.objects.get().version == row.version


def test_nothing_changed_writes_nothing(people: People, draft: EngineeringChange) -> None:
    row, before = add(people.author, draft), footprint()
    disposition_update(actor=people.author, disposition_id=row.pk, changes={"place": "stock", "action": "scrap"})
    assert footprint() == before and Disposition.objects.get().version == row.version


def test_nothing_to_dispose_of(people: People, draft: EngineeringChange, refused: Refused) -> None:
    affected = affected_of(draft)
    none_set = {"actor": people.author, "affected_id": affected.pk}
    refused(PermissionDenied, no_disposition_set, actor=people.viewer, affected_id=affected.pk, reason="none")
    refused(ValidationFailed, no_disposition_set, reason="x" * 501, **none_set)
    no_disposition_set(reason="None was ever built.", **none_set)
    assert affected_of(draft).no_disposition_reason == "None was ever built."
    assert content_of(fresh(draft))["nothing_to_dispose_of"] == [[affected.product_id, "None was ever built."]]
    row = add(people.author, draft)
    assert affected_of(draft).no_disposition_reason == "", "a place says that there is something"
    refused(Conflict, no_disposition_set, reason="None.", **none_set)
    disposition_remove(actor=people.author, disposition_id=row.pk)
    no_disposition_set(reason="None.", **none_set)
    no_disposition_set(reason=" ", **none_set)
    assert affected_of(draft).no_disposition_reason == ""


def test_a_product_taken_off_takes_its_dispositions_along(people: People, draft: EngineeringChange) -> None:
    add(people.author, draft)
    affected_remove(actor=people.author, affected_id=affected_of(draft).pk)
    assert not Disposition.objects.exists()


# --- what is signed --------------------------------------------------------------------------------------------------
def test_contents_without_dispositions_read_as_they_always_did(draft: EngineeringChange) -> None:
    assert set(content_of(draft)) == {
        "change_number", "change_title", "change_description", "change_type", "priority", "urgency", "cost_impact",
        "reason_for_change", "business_impact", "effective_from", "round", "change_id", "affected", "redlines",
        "lines_in_work", "documents", "files",
    }  # fmt: skip


def test_the_plan_is_signed_and_who_does_it_when_is_not(people: People, draft: EngineeringChange) -> None:
    row = add(people.author, draft, quantity=Decimal("5.50"), cost=Decimal(10))
    before = content_hash(draft)
    assert json.loads(canonical(content_of(draft)))["dispositions"][0]["quantity"] == "5.5"
    for changes in ({"owner_id": people.viewer.user_id}, {"due_on": dt.date(2026, 12, 1)}):
        disposition_update(actor=people.author, disposition_id=row.pk, changes=changes)
        assert content_hash(draft) == before
    seen = {before}
    for changes in (
        {"place": "field"}, {"action": "rework"}, {"quantity": None}, {"cost": Decimal(11)}, {"note": "carefully"},
        {"product_id": draft.redlines.get(operation="replace").line.child_id},
    ):  # fmt: skip
        disposition_update(actor=people.author, disposition_id=row.pk, changes=changes)
        seen.add(content_hash(draft))
    assert len(seen) == 7


def test_a_plan_changed_behind_the_services_voids_the_votes(
    people: People, draft: EngineeringChange, refused: Refused
) -> None:
    row = add(people.author, draft, quantity=Decimal(5))
    approved(people, draft)
    row = Disposition.objects.get(pk=row.pk)
    row.quantity = Decimal(500)
    row.save_as(system_actor(), reason="behind the services")
    error = refused(Conflict, change_implement, actor=people.analyst, change_id=draft.pk)
    assert "content has changed" in str(error)
    assert fresh(draft).status == "approved"


def test_beyond_the_draft_owner_and_day_alone(people: People, draft: EngineeringChange, refused: Refused) -> None:
    row = add(people.author, draft)
    for move in (submitted, lambda p, c: change_approve(actor=p.technical, change_id=c.pk)):
        move(people, draft)
        version, signed = fresh(draft).version, content_hash(fresh(draft))
        refused(NotADraft, disposition_update, actor=people.author, disposition_id=row.pk, changes={"quantity": 3})
        refused(NotADraft, disposition_remove, actor=people.author, disposition_id=row.pk)
        refused(NotADraft, add, actor=people.author, change=draft, place="field")
        refused(NotADraft, no_disposition_set, actor=people.author, affected_id=affected_of(draft).pk, reason="none")
        day = Disposition.objects.get().due_on or dt.date(2026, 12, 1)
        disposition_update(
            actor=people.author, disposition_id=row.pk,
            changes={"owner_id": people.viewer.user_id, "due_on": day + dt.timedelta(days=1)},
        )  # fmt: skip
        assert (fresh(draft).version, content_hash(fresh(draft))) == (version, signed)
    change_implement(actor=people.analyst, change_id=draft.pk)
    assert fresh(draft).status == "implemented"


def test_a_cancelled_change_is_not_organised_any_more(
    people: People, draft: EngineeringChange, refused: Refused
) -> None:
    row = add(people.author, draft)
    change_cancel(actor=people.analyst, change_id=draft.pk, reason="no")
    day = {"due_on": dt.date(2026, 12, 1)}
    refused(Conflict, disposition_update, actor=people.author, disposition_id=row.pk, changes=day)
    assert not disposition_list(state="open").exists() and disposition_list().exists()


# --- what is asked for -----------------------------------------------------------------------------------------------
def test_nothing_is_asked_unless_the_tenant_wants_it(people: People, draft: EngineeringChange) -> None:
    assert ChangePolicy.objects.get().dispositions_required is False
    assert change_problems(draft) == []
    approved(people, draft)
    assert "dispositions" not in {result.gate.key for result in change_gates(fresh(draft))}
    change_implement(actor=people.analyst, change_id=draft.pk)


def test_who_switches_it(people: People, refused: Refused) -> None:
    policy = ChangePolicy.objects.get()
    wanted = {"policy_id": policy.pk, "changes": {"dispositions_required": True}}
    refused(PermissionDenied, change_policy_update, actor=people.analyst, **wanted)
    refused(PreconditionFailed, change_policy_update, actor=people.manager, expected_version=99, **wanted)
    refused(NotFound, change_policy_update, actor=people.manager, policy_id=uuid7(), changes={})
    require(people)
    assert ChangePolicy.history.count() == 2


def test_when_required_submitting_names_the_product(
    people: People, draft: EngineeringChange, refused: Refused
) -> None:
    require(people)
    assert [problem.name for problem in change_problems(draft)] == ["affected[0].dispositions"]
    error = refused(ValidationFailed, change_submit, actor=people.author, change_id=draft.pk)
    assert list(error.details) == ["affected[0].dispositions"]
    assert fresh(draft).status == "draft" and not events_of("change_submitted")
    no_disposition_set(actor=people.author, affected_id=affected_of(draft).pk, reason="None was built.")
    assert change_problems(fresh(draft)) == []
    add(people.author, draft)
    submitted(people, draft)


def test_a_product_that_never_was_released_needs_none(people: People, scope: None) -> None:
    from changes.services import change_create

    require(people)
    change = change_create(
        actor=people.author,
        data={"change_title": "First", "reason_for_change": "new"},
        affected=[make_product("NEW").pk],
    )
    assert all("dispositions" not in problem.name for problem in change_problems(change))


def test_switched_on_later_the_gate_holds(people: People, draft: EngineeringChange, refused: Refused) -> None:
    approved(people, draft)
    require(people)
    (result,) = [found for found in change_gates(fresh(draft)) if found.gate.key == "dispositions"]
    assert [finding.product_number for finding in result.findings] == ["LAMP"]
    assert result.findings[0].url == f"{draft.get_absolute_url()}#dispositions"
    error = refused(ReleaseHeld, change_implement, actor=people.analyst, change_id=draft.pk)
    assert list(error.details) == ["affected[0]"] and "nobody has said" in str(error)
    assert fresh(draft).status == "approved" and not events_of("change_implemented")
    change_withdraw(actor=people.author, change_id=draft.pk)
    change_reopen(actor=people.author, change_id=draft.pk)
    add(people.author, draft)
    approved(people, draft)
    assert all(found.passed for found in change_gates(fresh(draft)))
    change_implement(actor=people.analyst, change_id=draft.pk)


def test_a_part_that_no_redline_takes_out_any_more_is_named(
    people: People, lamp: Lamp, draft: EngineeringChange, refused: Refused
) -> None:
    add(people.author, draft, product_id=lamp.bulb.child_id)
    assert change_problems(draft) == []
    redline_remove(actor=people.author, redline_id=draft.redlines.get(operation="replace").pk)
    error = refused(ValidationFailed, change_submit, actor=people.author, change_id=draft.pk)
    assert "LAMP-BULB (Stock)" in str(error.details)


# --- carrying it out -------------------------------------------------------------------------------------------------
@pytest.fixture
def implemented(people: People, lamp: Lamp, draft: EngineeringChange) -> Disposition:
    """120 bulbs on order are to go back; the viewer sees to it."""
    row = add(
        people.author, draft, product_id=lamp.bulb.child_id, place="on_order", action="return",
        quantity=Decimal(120), cost=Decimal(30), owner_id=people.viewer.user_id, due_on=dt.date(2026, 12, 1),
    )  # fmt: skip
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    return Disposition.objects.get(pk=row.pk)


def test_not_before_it_is_implemented(people: People, draft: EngineeringChange, refused: Refused) -> None:
    row = add(people.author, draft, owner_id=people.viewer.user_id)
    refused(Conflict, disposition_complete, actor=people.viewer, disposition_id=row.pk)
    approved(people, draft)
    refused(Conflict, disposition_complete, actor=people.viewer, disposition_id=row.pk)
    assert not Disposition.objects.get().is_done


def test_the_owner_says_what_was_really_done(people: People, implemented: Disposition, refused: Refused) -> None:
    version = fresh(implemented.change).version
    key = {"disposition_id": implemented.pk}
    refused(PermissionDenied, disposition_complete, actor=people.author, **key)
    refused(ValidationFailed, disposition_complete, actor=people.viewer, quantity_done=Decimal(-1), **key)
    refused(ValidationFailed, disposition_complete, actor=people.viewer, cost_done=Decimal(-1), **key)
    refused(ValidationFailed, disposition_complete, actor=people.viewer, note="x" * 2001, **key)
    refused(PreconditionFailed, disposition_complete, actor=people.viewer, expected_version=99, **key)
    refused(NotFound, disposition_complete, actor=people.viewer, disposition_id=uuid7())
    refused(Conflict, disposition_reopen, actor=people.viewer, reason="oops", **key)
    signed = content_hash(fresh(implemented.change))
    with clock.fixed(dt.datetime(2026, 12, 2, 8, tzinfo=dt.UTC)):
        assert Disposition.objects.get().is_overdue
        assert [row.pk for row in disposition_list(is_overdue=True)] == [implemented.pk]
        disposition_complete(
            actor=people.viewer, quantity_done=Decimal(100), cost_done=Decimal(41), note="20 were used", **key
        )
        assert not disposition_list(is_overdue=True).exists()
    row = Disposition.objects.get()
    assert (row.is_done, row.completed_by_id, row.quantity_done) == (True, people.viewer.user_id, Decimal(100))
    assert (row.quantity, row.cost) == (Decimal(120), Decimal(30)), "the plan stands as it was signed"
    assert content_hash(fresh(implemented.change)) == signed and fresh(implemented.change).version == version
    refused(Conflict, disposition_complete, actor=people.viewer, **key)
    refused(Conflict, disposition_update, actor=people.author, changes={"due_on": None}, **key)


def test_closing_waits_and_names_what_is_open(people: People, implemented: Disposition, refused: Refused) -> None:
    change_id = implemented.change_id
    error = refused(Conflict, change_close, actor=people.analyst, change_id=change_id)
    assert "LAMP-BULB (On order)" in str(error) and fresh(implemented.change).status == "implemented"
    disposition_complete(actor=people.analyst, disposition_id=implemented.pk)
    refused(ValidationFailed, disposition_reopen, actor=people.viewer, disposition_id=implemented.pk, reason=" ")
    refused(PermissionDenied, disposition_reopen, actor=people.author, disposition_id=implemented.pk, reason="x")
    disposition_reopen(actor=people.viewer, disposition_id=implemented.pk, reason="A box was found.")
    row = Disposition.objects.get()
    assert (row.is_done, row.completed_by_id, row.completion_note) == (False, None, "")
    refused(Conflict, change_close, actor=people.analyst, change_id=change_id)
    disposition_complete(actor=people.viewer, disposition_id=implemented.pk)
    change_close(actor=people.analyst, change_id=change_id)
    refused(Conflict, disposition_reopen, actor=people.viewer, disposition_id=implemented.pk, reason="again")
    assert fresh(implemented.change).status == "closed"


def test_closing_without_dispositions_is_as_it_was(people: People, draft: EngineeringChange) -> None:
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    assert change_close(actor=people.analyst, change_id=draft.pk).status == "closed"


# --- what tells of it ------------------------------------------------------------------------------------------------
def test_events_and_the_package_tell_of_it(people: People, implemented: Disposition) -> None:
    (event,) = events_of("change_implemented")
    (told,) = event.event_data["dispositions"]
    assert (told["product_number"], told["place"], told["action"], told["due_on"]) == (
        "LAMP-BULB", "on_order", "return", "2026-12-01")  # fmt: skip
    assert Decimal(told["quantity"]) == 120
    entries = {entry.name: entry.content for entry in package_entries(fresh(implemented.change))}
    before = dict(entries)
    (row,) = json.loads(entries["change.json"] or b"")["dispositions"]
    assert (row["product_number"], row["quantity"], row["cost"]) == ("LAMP-BULB", "120", "30")
    assert "disposition" in {entry["record"] for entry in json.loads(entries["history.json"] or b"")}
    disposition_complete(actor=people.viewer, disposition_id=implemented.pk, note="gone")
    after = {entry.name: entry.content for entry in package_entries(fresh(implemented.change))}
    assert after == before, "what was sealed does not move with what is done later"


def test_packages_without_dispositions_are_as_they_always_were(people: People, draft: EngineeringChange) -> None:
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    entries = {entry.name: (entry.content or b"").decode() for entry in package_entries(fresh(draft))}
    assert "disposition" not in "".join(text for name, text in entries.items() if name.endswith(".json"))


def test_lists_take_a_fixed_number_of_queries(
    people: People, draft: EngineeringChange, django_assert_num_queries: Any
) -> None:
    for place in Place.values[:3]:
        add(people.author, draft, place=place, owner_id=people.viewer.user_id)
    for _more in range(2):
        change = make_draft(people.author, make_lamp(f"LAMP{_more}"))
        add(people.author, change, action=Disposal.REWORK)
    with django_assert_num_queries(1):
        rows = list(disposition_list())
        assert [
            (row.label, row.affected.product.product_number, row.change.change_number, str(row.owner)) for row in rows
        ]
    assert disposition_list(owner_id=people.viewer.user_id).count() == 3
    assert disposition_list(place=["stock"], action=["rework"]).count() == 2
    assert disposition_list(state="done").count() == 0 and disposition_list(state="open").count() == 5
    assert len(change_get(draft.pk).dispositions.all()) == 3


def test_hashes_are_of_the_canonical_text(people: People, draft: EngineeringChange) -> None:
    add(people.author, draft)
    assert content_hash(draft) == hash_of(canonical(content_of(draft)))
