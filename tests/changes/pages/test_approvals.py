from __future__ import annotations

from django.test import Client

from changes.models import EngineeringChange
from changes.services import redline_add
from tests.changes.conftest import Lamp, People, make_draft, make_lamp, submitted
from tests.changes.pages.conftest import text_of, url
from tests.signing import change_approve


def test_essentials_and_decision_on_one_screen(
    people: People, lamp: Lamp, draft: EngineeringChange, approver: Client
) -> None:
    redline_add(actor=people.author, change_id=draft.pk, operation="remove", line_id=lamp.cable.pk)
    submitted(people, draft)
    page = text_of(approver.get(url("my-approvals")))
    assert "One change waits for your decision." in page
    for text in ("ECO-000001", "Brighter lamp", "Customers ask for more light.", "LAMP-CABLE", "Technical"):
        assert text in page
    assert f'action="{url("change-step", draft, "approve")}"' in page
    assert f'action="{url("change-step", draft, "reject")}"' in page
    assert 'name="back" value="approvals"' in page


def test_only_what_waits_for_me_the_oldest_first(
    people: People, lamp: Lamp, draft: EngineeringChange, approver: Client, author: Client
) -> None:
    second = make_draft(people.author, make_lamp("OTHER"))
    submitted(people, second)
    submitted(people, draft)
    waiting = approver.get(url("my-approvals")).context["waiting"]
    assert [entry.change.pk for entry in waiting] == [second.pk, draft.pk]
    assert "Nothing waits for you" in text_of(author.get(url("my-approvals")))
    change_approve(actor=people.technical, change_id=second.pk)
    assert [entry.change.pk for entry in approver.get(url("my-approvals")).context["waiting"]] == [draft.pk]
