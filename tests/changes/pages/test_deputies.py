"""Deputies on the pages, and what a page says of steps, quorums and deadlines."""

from __future__ import annotations

import datetime as dt

from django.test import Client

from changes.models import ApprovalRule, Delegation
from changes.services import approval_rule_add, approval_rule_update, approvals_chase, change_submit, delegation_add
from plm_project.core import clock
from plm_project.core.actor import Actor
from tests.changes.conftest import Lamp, People, fresh, make_draft
from tests.changes.pages.conftest import SignIn, seen, text_of, url
from tests.conftest import PASSWORD, MakeActor

DAY = dt.timedelta(days=1)


def test_i_name_my_deputy_and_end_it(people: People, approver: Client, viewer: Client, make_actor: MakeActor) -> None:
    deputy = make_actor("quality_approver", email="deputy@acme.example")
    page = url("delegations")
    shown = text_of(approver.get(page))
    assert "Nobody stands in for you." in shown and "You stand in for nobody." in shown and "Name a deputy" in shown
    assert "Name a deputy" not in text_of(viewer.get(page))
    today = clock.today()
    data = {"deputy_id": str(deputy.user_id), "first_day": str(today), "last_day": str(today - DAY), "note": "Fair"}
    refused = approver.post(page, data)
    assert refused.status_code == 422 and "over already" in text_of(refused) and 'value="Fair"' in text_of(refused)
    assert not Delegation.objects.exists()
    assert approver.post(page, {**data, "last_day": str(today + DAY)}).status_code == 302
    assert approver.post(page, {**data, "last_day": str(today + DAY)}).status_code == 422
    record = Delegation.objects.get()
    assert "deputy" in text_of(approver.get(page)) and "Fair" in text_of(approver.get(page))
    assert viewer.post(page, data).status_code == 403
    viewer.post(url("delegation-end", record))
    assert not Delegation.objects.get().is_deleted
    assert approver.post(url("delegation-end", record)).status_code == 302
    assert not Delegation.objects.exists()


def test_a_deputy_decides_on_the_page(people: People, lamp: Lamp, sign_in: SignIn, make_actor: MakeActor) -> None:
    deputy: Actor = make_actor("quality_approver", email="deputy@acme.example")
    assert deputy.user_id is not None
    today = clock.today()
    delegation_add(actor=people.technical, deputy_id=deputy.user_id, first_day=today, last_day=today + DAY)
    change = change_submit(actor=people.author, change_id=make_draft(people.author, lamp).pk)
    client = sign_in(deputy)
    shown = text_of(client.get(url("my-approvals")))
    assert "You decide for" in shown and "who is away" in shown
    assert f'name="on_behalf_of" value="{people.technical.user_id}"' in shown
    data = {**seen(change), "comment": "in her name", "password": PASSWORD, "meaning": "approval",
            "on_behalf_of": str(people.technical.user_id)}  # fmt: skip
    assert client.post(url("change-step", change, "approve"), data).status_code == 302
    told = text_of(client.get(change.get_absolute_url()))
    assert "decided for" in told and fresh(change).status == "approved"
    again = client.post(url("change-step", change, "approve"), data, follow=True)
    assert "already" in text_of(again) and change.history.filter(status="approved").count() == 1


def test_the_page_says_what_each_waits_for(
    people: People, lamp: Lamp, author: Client, approver: Client, sign_in: SignIn
) -> None:
    technical = ApprovalRule.objects.get(code="technical")
    approval_rule_update(
        actor=people.manager, rule_id=technical.pk, changes={"deadline_days": 2, "escalation_role": "plm_manager"}
    )
    approval_rule_add(actor=people.manager, data={"name": "Boss", "role": "plm_manager", "step": 2})
    draft = make_draft(people.author, lamp)
    assert "every change" in text_of(author.get(draft.get_absolute_url()))
    change = change_submit(actor=people.author, change_id=draft.pk)
    shown = text_of(author.get(change.get_absolute_url()))
    assert "asked after: Technical" in shown and "0 of 1" in shown and "due " in shown
    manager = sign_in(people.manager)
    waits = manager.get(change.get_absolute_url())
    assert "approve" not in {button.step.name for button in waits.context["buttons"]}
    assert "Asked after: Technical" in text_of(waits)
    with clock.fixed(clock.now() + 3 * DAY):
        approvals_chase(actor=Actor.system(people.manager.tenant_id, "tests"))
        assert "late since" in text_of(approver.get(change.get_absolute_url()))
        stands_in = manager.get(change.get_absolute_url())
        assert "may answer for who is late" in text_of(stands_in)
        assert "approve" in {button.step.name for button in stands_in.context["buttons"]}


def test_a_comment_is_given_on_the_page(people: People, lamp: Lamp, sign_in: SignIn) -> None:
    approval_rule_add(actor=people.manager, data={"name": "Opinion", "role": "plm_manager", "weight": "comment"})
    change = change_submit(actor=people.author, change_id=make_draft(people.author, lamp).pk)
    client = sign_in(people.manager)
    shown = client.get(change.get_absolute_url())
    names = {button.step.name for button in shown.context["buttons"]}
    assert "comment" in names and not {"approve", "reject"} & names
    assert "steps/comment/" in text_of(client.get(url("my-approvals")))
    data = {**seen(change), "comment": "Mind the glass", "password": PASSWORD}
    assert client.post(url("change-step", change, "comment"), data).status_code == 302
    told = text_of(client.get(change.get_absolute_url()))
    assert "Mind the glass" in told and "Commented" in told and fresh(change).status == "submitted"
