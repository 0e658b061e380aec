"""What happens to existing parts: planned in a draft, signed, organised, done, and nothing of it forgotten."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from changes.content import canonical, content_hash, content_of
from changes.exceptions import NotADraft, ReleaseHeld
from changes.models import ChangePolicy, Disposition, EngineeringChange
from changes.selectors import change_history, disposition_list
from changes.selectors.dispositions import cost_of, parts_to_dispose_of
from changes.services import (
    affected_remove,
    change_cancel,
    change_gates,
    change_implement,
    change_policy_update,
    change_problems,
    change_reopen,
    change_submit,
    change_withdraw,
    disposition_add,
    disposition_remove,
    disposition_update,
    no_disposition_set,
    redline_remove,
)
from plm_project.core import clock
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
    submitted,
)
from tests.changes.existing_parts import add, affected_of
from tests.conftest import MakeActor
from tests.factories import make_product, system_actor
from tests.signing import change_approve

pytestmark = pytest.mark.django_db

Refused = Callable[..., Any]


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
