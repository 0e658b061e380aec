"""The words of what is told about change requests, and whom a neighbour's channel is told for."""

from __future__ import annotations

import pytest
from django.test import override_settings

from changes.services import request_accept, request_create, request_reopen, request_withdraw
from collaboration.choices import NoticeKind
from collaboration.models import Notice
from collaboration.notice_wording import wording_of
from integrations.contracts.base import Subject
from integrations.contracts.notification import CONTRACT
from plm_project.outbox.models import OutboxEvent
from plm_project.outbox.relay import relay_tenant
from tests.changes.conftest import People, events_of, people  # noqa: F401 # its people are a fixture

FACTS = {
    "request_number": "CR-000007",
    "title": "It flickers",
    "by": "Aiko Brandt",
    "order_number": None,
    "comment": "",
}
ASKED = {"title": "It flickers", "description": "When it is cold.", "urgency": "urgent"}


@pytest.mark.once
@pytest.mark.parametrize(
    ("facts", "title", "detail"),
    [
        ({"status": "accepted", "order_number": "ECO-000003"}, "CR-000007 was accepted: ECO-000003", "It flickers"),
        ({"status": "declined", "comment": "no"}, "CR-000007 was declined", "It flickers · “no”"),
        (
            {"status": "done", "order_number": "ECO-000003"},
            "CR-000007 is done: ECO-000003 is implemented",
            "It flickers",
        ),
        (
            {"status": "open", "comment": "ECO-000003 is given up: stop"},
            "CR-000007 is open again",
            "It flickers · “ECO-000003 is given up: stop”",
        ),
        ({"status": "withdrawn"}, "CR-000007 was withdrawn", "It flickers"),
    ],
)
def test_an_answer_in_words(facts: dict[str, str], title: str, detail: str) -> None:
    words = wording_of(NoticeKind.CHANGE_REQUEST_ANSWERED, {**FACTS, **facts})
    assert (words.title, words.detail) == (title, detail)


@pytest.mark.once
def test_asking_in_words() -> None:
    first = wording_of(NoticeKind.CHANGE_REQUESTED, {**FACTS, "status": "open"})
    assert (first.title, first.detail) == ("CR-000007 asks for a change", "It flickers · by Aiko Brandt")
    again = wording_of(NoticeKind.CHANGE_REQUESTED, {**FACTS, "status": "open", "comment": "It got worse."})
    assert (again.title, again.detail) == ("CR-000007 is asked for again", "It flickers · “It got worse.”")


def test_an_urgent_one_is_told_loudly_once_and_leads_to_its_page(people: People) -> None:  # noqa: F811 # the fixture by its name
    request = request_create(actor=people.viewer, data=ASKED)
    relay_tenant(people.viewer.tenant_id)
    relay_tenant(people.viewer.tenant_id)
    told = Notice.objects.filter(kind="change_requested")
    assert {(one.recipient_id, one.priority) for one in told} == {
        (people.analyst.user_id, "high"),
        (people.manager.user_id, "high"),
    }
    assert told.count() == 2
    assert {(one.target_route, tuple(one.target_args)) for one in told} == {
        ("changes:request-detail", (str(request.pk),))
    }
    request_withdraw(actor=people.viewer, request_id=request.pk)
    request_reopen(actor=people.viewer, request_id=request.pk, reason="It got worse.")
    relay_tenant(people.viewer.tenant_id)
    assert Notice.objects.filter(kind="change_requested").count() == 4
    assert not Notice.objects.filter(kind="change_request_answered").exists(), "nobody is told of their own deed"


@override_settings(SITE_URL="https://plm.example")
def test_a_neighbour_hears_who_asked(people: People) -> None:  # noqa: F811 # the fixture by its name
    request = request_create(actor=people.viewer, data=ASKED)
    request_accept(actor=people.analyst, request_id=request.pk, reason="We will.")
    asked, answered = (_payload(events_of(kind)[0]) for kind in ("change_requested", "change_request_answered"))
    assert (asked["recipients"], asked["priority"]) == ([], "high"), "whoever follows the topic"
    assert answered["recipients"] == [str(people.viewer.user_id)]
    assert (answered["title"], answered["body"]) == ("CR-000001 It flickers is accepted", "We will.")
    assert answered["link"] == f"https://plm.example/changes/requests/{request.pk}/"


def _payload(event: OutboxEvent) -> dict[str, object]:
    subject = Subject(event_id=event.pk, event_type=event.event_type, entity_id=event.entity_id, data=event.event_data)
    payload: dict[str, object] = CONTRACT.map(CONTRACT.gather(subject))
    return payload
