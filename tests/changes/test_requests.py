"""Change requests: who may ask, edit, answer and take back, and what becomes of the order."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from changes.models import ChangeRequest, EngineeringChange
from changes.selectors import products_not_in, request_get, request_list, request_story, requests_of_change
from changes.services import (
    change_cancel,
    change_create,
    change_delete,
    change_implement,
    change_submit,
    change_update,
    redline_add,
    request_accept,
    request_create,
    request_decline,
    request_reopen,
    request_unlink,
    request_update,
    request_withdraw,
    requests_finish,
)
from collaboration.models import Notice
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PreconditionFailed, ValidationFailed
from plm_project.outbox.relay import relay_tenant
from tests.changes.conftest import COMPLETE, Lamp, People, approved, events_of, footprint, fresh
from tests.conftest import MakeActor
from tests.factories import make_product
from tests.signing import change_approve

ASKED = {
    "title": "The lamp flickers",
    "description": "Twelve of fifty flicker when it is cold.",
    "proposal": "A better bulb.",
    "change_type": "quality_improvement",
    "priority": "high",
    "urgency": "urgent",
}


def ask(people: People, lamp: Lamp | None = None, actor: Actor | None = None, **data: Any) -> ChangeRequest:
    products = [lamp.product.pk] if lamp else []
    return request_create(actor=actor or people.viewer, data={**ASKED, **data}, products=products)


def renewed(request: ChangeRequest) -> ChangeRequest:
    return request_get(request.pk)


def release_of(people: People, order: EngineeringChange, lamp: Lamp) -> EngineeringChange:
    """Draw a redline on the order, make it quiet enough for the one approver, and implement it."""
    redline_add(
        actor=people.analyst, change_id=order.pk, operation="quantity", line_id=lamp.screw.pk, values={"quantity": 6}
    )
    quiet = {"change_type": "design", "priority": "medium", "urgency": "normal"}
    change_update(actor=people.analyst, change_id=order.pk, changes=quiet)
    change_submit(actor=people.analyst, change_id=order.pk)
    change_approve(actor=people.technical, change_id=order.pk)
    return change_implement(actor=people.manager, change_id=order.pk)


def notices(kind: str) -> list[Notice]:
    return list(Notice.objects.filter(kind=kind).select_related("recipient").order_by("created_at", "id"))


# --- asking ------------------------------------------------------------------------------------------------------------
def test_a_viewer_asks_and_the_analysts_are_told(people: People, lamp: Lamp) -> None:
    request = ask(people, lamp)
    assert (request.request_number, request.status, request.created_by_id) == (
        "CR-000001",
        "open",
        people.viewer.user_id,
    )
    assert ask(people).request_number == "CR-000002"
    assert [product.product_number for product in renewed(request).products_asked()] == ["LAMP"]
    event = events_of("change_requested")[0]
    assert (event.entity_type, event.entity_id) == ("changes.changerequest", request.pk)
    assert event.event_data["products"] == [{"product_id": str(lamp.product.pk), "product_number": "LAMP"}]
    assert event.event_data["requester_id"] == str(people.viewer.user_id)
    relay_tenant(people.viewer.tenant_id)
    told = {notice.recipient_id for notice in notices("change_requested") if notice.subject_id == request.pk}
    assert told == {people.analyst.user_id, people.manager.user_id}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"title": "x"}, "title"), ({"description": " "}, "description"), ({"description": "x" * 5001}, "description"),
        ({"priority": "huge"}, "priority"), ({"request_number": "CR-1"}, "request_number"), ({"status": "done"}, "status"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(people: People, refused: Callable[..., Any], data: dict[str, Any], field: str) -> None:
    refusal = refused(ValidationFailed, request_create, actor=people.viewer, data={**ASKED, **data})
    assert field in refusal.details


def test_unknown_products_and_too_many_are_refused(people: People, lamp: Lamp, refused: Callable[..., Any]) -> None:
    for products in ([uuid.uuid4()], [uuid.uuid4() for _n in range(101)]):
        refusal = refused(ValidationFailed, request_create, actor=people.viewer, data=ASKED, products=products)
        assert "products" in refusal.details
    assert ask(people).request_number == "CR-000001", "a refused request takes no number"


def test_who_asked_edits_it_while_it_is_open(people: People, lamp: Lamp, refused: Callable[..., Any]) -> None:
    request = ask(people, lamp)
    edit = {"request_id": request.pk, "changes": {"title": "The lamp buzzes"}}
    for actor in (people.author, people.manager):
        refused(PermissionDenied, request_update, actor=actor, **edit)
    refused(PreconditionFailed, request_update, actor=people.viewer, expected_version=0, **edit)
    refused(ValidationFailed, request_update, actor=people.viewer, request_id=request.pk, changes={"order_id": None})
    refused(NotFound, request_update, actor=people.viewer, request_id=uuid.uuid4(), changes={})
    before = footprint()
    request_update(
        actor=people.viewer, request_id=request.pk, changes={"title": request.title}, products=[lamp.product.pk]
    )
    assert footprint() == before, "nothing changed, nothing written"
    edited = request_update(actor=people.viewer, products=[lamp.glass.pk], **edit)
    assert [product.pk for product in renewed(edited).products_asked()] == [lamp.glass.pk]
    assert request_story(edited)[0].why == "changed: title, +LAMP-GLASS −LAMP"
    request_decline(actor=people.analyst, request_id=request.pk, reason="no")
    refused(Conflict, request_update, actor=people.viewer, **edit)


# --- accepting ---------------------------------------------------------------------------------------------------------
def test_accepting_makes_an_order_that_takes_over(people: People, lamp: Lamp) -> None:
    request = ask(people, lamp)
    found = request_accept(actor=people.analyst, request_id=request.pk, reason="We will.")
    order = fresh(found.order)
    assert (order.change_title, order.reason_for_change, order.change_description) == (
        ASKED["title"], ASKED["description"], ASKED["proposal"],
    )  # fmt: skip
    assert (order.change_type, order.priority, order.urgency) == ("quality_improvement", "high", "urgent")
    assert (order.status, order.created_by_id) == ("draft", people.analyst.user_id)
    assert [entry.product_id for entry in order.affected.all()] == [lamp.product.pk] and found.left_out == ()
    now = renewed(request)
    assert (now.status, now.order_id, now.answer, now.answered_by_id) == (
        "accepted", order.pk, "We will.", people.analyst.user_id,
    )  # fmt: skip
    assert list(requests_of_change(order)) == [request]
    (event,) = events_of("change_request_answered")
    assert (event.event_data["status"], event.event_data["order_number"]) == ("accepted", order.change_number)
    relay_tenant(people.viewer.tenant_id)
    (notice,) = notices("change_request_answered")
    assert (notice.recipient_id, notice.facts["status"]) == (people.viewer.user_id, "accepted")


def test_products_that_cannot_be_affected_are_named_and_not_lost(people: People, lamp: Lamp) -> None:
    gone, bare = make_product("GONE"), make_product("BARE")
    request = request_create(actor=people.viewer, data=ASKED, products=[gone.pk, lamp.product.pk, bare.pk])
    gone.soft_delete_as(people.manager, reason="a twin")
    bare.revisions.update(state="obsolete")
    found = request_accept(actor=people.analyst, request_id=request.pk)
    assert [number for number, _why in found.left_out] == ["GONE", "BARE"]
    assert "There is no such product." in found.left_out[0][1] and "released revision" in found.left_out[1][1]
    order = fresh(found.order)
    assert [entry.product.product_number for entry in order.affected.all()] == ["LAMP"]
    assert [one.product_number for one in products_not_in(renewed(request), order)] == ["GONE", "BARE"]


def test_several_requests_are_answered_by_one_open_order(
    people: People, lamp: Lamp, refused: Callable[..., Any]
) -> None:
    order = change_create(actor=people.author, data=COMPLETE, affected=[lamp.product.pk])
    first, second = ask(people, lamp), ask(people)
    for request in (first, second):
        assert request_accept(actor=people.analyst, request_id=request.pk, order_id=order.pk).order == order
    assert fresh(order).version == order.version and EngineeringChange.objects.count() == 1
    assert list(requests_of_change(order)) == [first, second]
    third = ask(people)
    refused(ValidationFailed, request_accept, actor=people.analyst, request_id=third.pk, order_id=uuid.uuid4())
    refused(Conflict, request_accept, actor=people.analyst, request_id=first.pk)
    change_cancel(actor=people.manager, change_id=order.pk, reason="no")
    refused(Conflict, request_accept, actor=people.analyst, request_id=third.pk, order_id=order.pk)


def test_who_answers_and_who_does_not(people: People, lamp: Lamp, refused: Callable[..., Any]) -> None:
    request = ask(people, lamp)
    for actor in (people.viewer, people.author, people.technical):
        refused(PermissionDenied, request_accept, actor=actor, request_id=request.pk)
        refused(PermissionDenied, request_decline, actor=actor, request_id=request.pk, reason="no")
        refused(PermissionDenied, request_unlink, actor=actor, request_id=request.pk, reason="no")
    refused(PreconditionFailed, request_accept, actor=people.analyst, request_id=request.pk, expected_version=0)
    refused(ValidationFailed, request_accept, actor=people.analyst, request_id=request.pk, reason="x" * 501)


# --- declining, withdrawing, asking again ------------------------------------------------------------------------------
def test_declining_says_why_and_asking_again_what_is_new(
    people: People, lamp: Lamp, refused: Callable[..., Any]
) -> None:
    request = ask(people, lamp)
    refused(ValidationFailed, request_decline, actor=people.analyst, request_id=request.pk, reason=" ")
    refused(Conflict, request_reopen, actor=people.viewer, request_id=request.pk, reason="again")
    request_decline(actor=people.analyst, request_id=request.pk, reason="It is the socket.")
    assert (renewed(request).status, renewed(request).answer) == ("declined", "It is the socket.")
    relay_tenant(people.viewer.tenant_id)
    assert [notice.recipient_id for notice in notices("change_request_answered")] == [people.viewer.user_id]
    refused(PermissionDenied, request_reopen, actor=people.author, request_id=request.pk, reason="again")
    refused(ValidationFailed, request_reopen, actor=people.viewer, request_id=request.pk, reason="")
    request_reopen(actor=people.viewer, request_id=request.pk, reason="Also with a new socket.")
    assert (renewed(request).status, renewed(request).answer, renewed(request).answered_at) == ("open", "", None)
    assert events_of("change_requested")[-1].event_data["comment"] == "Also with a new socket."
    assert [(one.status, one.why) for one in request_story(request)] == [
        ("open", "Also with a new socket."), ("declined", "It is the socket."), ("open", "asked for"),
    ]  # fmt: skip


def test_withdrawing(people: People, lamp: Lamp, refused: Callable[..., Any]) -> None:
    request, other = ask(people, lamp), ask(people)
    refused(PermissionDenied, request_withdraw, actor=people.author, request_id=request.pk)
    assert request_withdraw(actor=people.viewer, request_id=request.pk).status == "withdrawn"
    refused(Conflict, request_withdraw, actor=people.viewer, request_id=request.pk)
    assert request_withdraw(actor=people.manager, request_id=other.pk, reason="She has left.").status == "withdrawn"
    relay_tenant(people.viewer.tenant_id)
    assert [notice.subject_id for notice in notices("change_request_answered")] == [other.pk], "not of one's own deed"
    accepted = ask(people)
    request_accept(actor=people.analyst, request_id=accepted.pk)
    refused(Conflict, request_withdraw, actor=people.viewer, request_id=accepted.pk)


# --- what the order does -----------------------------------------------------------------------------------------------
def test_implementing_the_order_finishes_its_requests_once(people: People, lamp: Lamp) -> None:
    first, second, other = ask(people, lamp), ask(people), ask(people)
    order = request_accept(actor=people.analyst, request_id=first.pk).order
    request_accept(actor=people.analyst, request_id=second.pk, order_id=order.pk)
    release_of(people, order, lamp)
    assert renewed(first).status == "accepted", "the event does it"
    relay_tenant(people.viewer.tenant_id)
    assert [renewed(one).status for one in (first, second, other)] == ["done", "done", "open"]
    relay_tenant(people.viewer.tenant_id)
    told = [notice.facts["status"] for notice in notices("change_request_answered") if notice.subject_id == first.pk]
    assert sorted(told) == ["accepted", "done"]
    before = footprint()
    assert requests_finish(actor=Actor.system(people.viewer.tenant_id), order_id=order.pk) == []
    assert footprint() == before


def test_a_request_is_not_done_before_its_order_is(people: People, lamp: Lamp) -> None:
    request = ask(people, lamp)
    order = request_accept(actor=people.analyst, request_id=request.pk).order
    before = footprint()
    with pytest.raises(Conflict, match="not implemented yet"):
        requests_finish(actor=Actor.system(people.viewer.tenant_id), order_id=order.pk)
    assert footprint() == before and renewed(request).status == "accepted"


@pytest.mark.parametrize("way", ["cancelled", "deleted"])
def test_giving_up_the_order_opens_its_requests(people: People, lamp: Lamp, way: str) -> None:
    requests = [ask(people, lamp), ask(people)]
    order = change_create(actor=people.author, data=COMPLETE)
    for request in requests:
        request_accept(actor=people.analyst, request_id=request.pk, order_id=order.pk)
    if way == "cancelled":
        change_cancel(actor=people.manager, change_id=order.pk, reason="too dear")
    else:
        change_delete(actor=people.author, change_id=order.pk, reason="too dear")
    for request in requests:
        now = renewed(request)
        assert (now.status, now.order_id, now.answer) == ("open", None, "ECO-000001 is given up: too dear")
        assert request_story(now)[0].why == now.answer
    assert [event.event_data["status"] for event in events_of("change_request_answered")] == [
        *["accepted"] * 2,
        *["open"] * 2,
    ]
    again = request_accept(actor=people.analyst, request_id=requests[0].pk).order
    assert (again.change_number, renewed(requests[0]).status) == ("ECO-000002", "accepted")


def test_an_author_gives_up_an_order_with_no_right_to_answer(people: People, lamp: Lamp) -> None:
    """Who may delete a draft may, whatever else a token was narrowed to."""
    request = ask(people, lamp)
    order = change_create(actor=people.author, data=COMPLETE)
    request_accept(actor=people.analyst, request_id=request.pk, order_id=order.pk)
    narrow = Actor(
        kind="token", tenant_id=people.author.tenant_id, user_id=people.author.user_id,
        permissions=frozenset({"plm.changes.update"}),
    )  # fmt: skip
    change_delete(actor=narrow, change_id=order.pk)
    assert renewed(request).status == "open"


def test_taking_a_request_off_its_order(people: People, lamp: Lamp, refused: Callable[..., Any]) -> None:
    request = ask(people, lamp)
    refused(Conflict, request_unlink, actor=people.analyst, request_id=request.pk, reason="wrong one")
    order = request_accept(actor=people.analyst, request_id=request.pk).order
    refused(ValidationFailed, request_unlink, actor=people.analyst, request_id=request.pk, reason="")
    request_unlink(actor=people.analyst, request_id=request.pk, reason="wrong one")
    assert (renewed(request).status, renewed(request).order_id) == ("open", None)
    assert fresh(order).status == "draft", "the order stays"
    request_accept(actor=people.analyst, request_id=request.pk, order_id=order.pk)
    release_of(people, order, lamp)
    refusal = refused(Conflict, request_unlink, actor=people.analyst, request_id=request.pk, reason="late")
    assert "implemented already" in refusal.message


def test_a_rejected_order_keeps_its_requests(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    """Its author works on it again; who asked hears of it when it is over."""
    request = ask(people, lamp)
    request_accept(actor=people.analyst, request_id=request.pk, order_id=draft.pk)
    approved(people, draft)
    assert renewed(request).status == "accepted"


# --- lists -------------------------------------------------------------------------------------------------------------
def test_lists_are_narrowed_and_sorted(people: People, lamp: Lamp, make_actor: MakeActor) -> None:
    first = ask(people, lamp, priority="low")
    second = ask(people, actor=people.author, title="Cheaper cable", priority="critical", change_type="cost_reduction")
    third = ask(people, title="Another shade", priority="medium")
    request_accept(actor=people.analyst, request_id=third.pk)
    found = {
        "q": [request_list(q="cable"), [second]],
        "number": [request_list(q=first.request_number), [first]],
        "status": [request_list(status=["accepted", "done"]), [third]],
        "type": [request_list(change_type=["cost_reduction"]), [second]],
        "priority": [request_list(priority=["low", "critical"]), [second, first]],
        "mine": [request_list(requester_id=people.author.user_id), [second]],
        "product": [request_list(product_id=lamp.product.pk), [first]],
        "order": [request_list(order_id=renewed(third).order_id), [third]],
        "newest": [request_list(), [third, second, first]],
        "important": [request_list(sort_by="priority"), [second, third, first]],
        "title": [request_list(sort_by="title", sort_order="asc"), [third, second, first]],
    }
    for name, (rows, expected) in found.items():
        assert list(rows) == expected, name
    with pytest.raises(ValidationFailed):
        request_list(sort_by="version")
