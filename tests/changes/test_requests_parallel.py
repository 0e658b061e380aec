"""Change requests with several people at once, on connections of their own."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from changes.models import ChangeRequest, EngineeringChange
from changes.services import (
    change_cancel,
    change_create,
    request_accept,
    request_create,
    request_decline,
    request_unlink,
    request_withdraw,
    requests_finish,
)
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import COMPLETE, events_of
from tests.changes.test_parallel import Firm, firm  # noqa: F401 # its firm is a fixture
from tests.parallel import at_once, refusals

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ASKED = {"title": "The lamp flickers", "description": "When it is cold."}


def asked_of(firm: Firm) -> ChangeRequest:  # noqa: F811 # the fixture by its name
    with tenant_scope(firm.tenant.pk):
        return request_create(actor=firm.author, data=ASKED, products=[firm.lamp.product.pk])


@pytest.mark.parametrize("attempt", range(3))
def test_two_who_accept_make_one_order(firm: Firm, attempt: int) -> None:  # noqa: F811 # as above
    request = asked_of(firm)
    answers = at_once(
        firm.tenant, [partial(request_accept, actor=firm.manager, request_id=request.pk) for _each in range(3)]
    )
    assert len(refusals(answers)) == 2
    assert all(isinstance(found, Conflict) and "is Accepted already" in found.message for found in refusals(answers))
    with tenant_scope(firm.tenant.pk):
        order = EngineeringChange.objects.get()
        assert (order.change_number, order.affected.count()) == ("ECO-000001", 1)
        assert ChangeRequest.objects.get().order_id == order.pk
        assert len(events_of("change_request_answered")) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_one_answer_wins(firm: Firm, attempt: int) -> None:  # noqa: F811 # as above
    request = asked_of(firm)
    answers = at_once(
        firm.tenant,
        [
            partial(request_accept, actor=firm.manager, request_id=request.pk),
            partial(request_decline, actor=firm.manager, request_id=request.pk, reason="no"),
            partial(request_withdraw, actor=firm.author, request_id=request.pk),
        ],
    )
    assert len(refusals(answers)) == 2 and all(isinstance(found, Conflict) for found in refusals(answers))
    with tenant_scope(firm.tenant.pk):
        status = ChangeRequest.objects.get().status
        assert status in ("accepted", "declined", "withdrawn")
        assert EngineeringChange.objects.count() == (status == "accepted")
        assert [event.event_data["status"] for event in events_of("change_request_answered")] == [status]


@pytest.mark.parametrize("attempt", range(3))
def test_linking_against_giving_the_order_up(firm: Firm, attempt: int) -> None:  # noqa: F811 # as above
    """Whoever comes first: never is a request accepted by a change that is cancelled, and nobody waits for the other."""
    request, other = asked_of(firm), asked_of(firm)
    with tenant_scope(firm.tenant.pk):
        order = change_create(actor=firm.manager, data=COMPLETE)
        request_accept(actor=firm.manager, request_id=other.pk, order_id=order.pk)
    answers = at_once(
        firm.tenant,
        [
            partial(request_accept, actor=firm.manager, request_id=request.pk, order_id=order.pk),
            partial(change_cancel, actor=firm.manager, change_id=order.pk, reason="stop"),
            partial(request_unlink, actor=firm.manager, request_id=other.pk, reason="not here"),
        ],
    )
    assert all(isinstance(found, Conflict) for found in refusals(answers)), refusals(answers)
    with tenant_scope(firm.tenant.pk):
        assert EngineeringChange.objects.get().status == "cancelled"
        assert set(ChangeRequest.objects.values_list("status", "order_id")) == {("open", None)}


def test_two_relays_finish_once(firm: Firm) -> None:  # noqa: F811 # as above
    request = asked_of(firm)
    with tenant_scope(firm.tenant.pk):
        order = request_accept(actor=firm.manager, request_id=request.pk).order
        EngineeringChange.objects.filter(pk=order.pk).update(status="implemented")
    system = Actor.system(firm.tenant.pk, "tests")
    answers = at_once(firm.tenant, [partial(requests_finish, actor=system, order_id=order.pk) for _each in range(3)])
    assert refusals(answers) == [] and sorted(len(done) for done in answers) == [0, 0, 1]
    with tenant_scope(firm.tenant.pk):
        assert [event.event_data["status"] for event in events_of("change_request_answered")] == ["accepted", "done"]


def test_numbers_have_no_gaps_and_no_repeats(firm: Firm) -> None:  # noqa: F811 # as above
    def take(index: int) -> Any:
        request = request_create(actor=firm.author, data=ASKED)
        if index % 3 == 0:
            raise ZeroDivisionError
        return request.request_number

    takers = [partial(take, number) for number in range(9)]
    answers = at_once(firm.tenant, takers, also=(ZeroDivisionError,))
    made = sorted(answer for answer in answers if isinstance(answer, str))
    assert made == [f"CR-{number:06d}" for number in range(1, 7)]
