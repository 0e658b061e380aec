from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from changes.models import EngineeringChange
from changes.services import change_reopen, change_update
from changes.services import change_withdraw as withdraw
from products.services import revision_create, revision_release
from tests.changes.conftest import Lamp, People, approved, events_of, fresh, submitted
from tests.changes.pages.conftest import SignIn, seen, text_of, url
from tests.conftest import PASSWORD, MakeActor
from tests.signing import change_approve


def take(client: Client, change: EngineeringChange, step: str, comment: str = "", **data: Any) -> Any:
    signed = {"password": PASSWORD} if step in ("approve", "reject") else {}
    sent = {**seen(change), "comment": comment, **signed, **data}
    return client.post(url("change-step", change, step), {k: v for k, v in sent.items() if v is not None}, follow=True)


def test_from_draft_to_closed(
    people: People, draft: EngineeringChange, author: Client, approver: Client, analyst: Client
) -> None:
    number = draft.change_number
    assert f"{number} is submitted." in text_of(take(author, draft, "submit", "please look"))
    assert f"You have approved {number}." in text_of(take(approver, draft, "approve", "fine"))
    assert fresh(draft).status == "approved" and fresh(draft).round_approvals().get().comment == "fine"
    page = text_of(take(analyst, draft, "implement", "lot 7"))
    assert f"{number} is implemented." in page and "Compare A → B" in page
    assert f"{number} is closed." in text_of(take(analyst, draft, "close"))
    assert fresh(draft).status == "closed"


@pytest.mark.parametrize("step", ["submit", "approve", "implement", "close"])
def test_a_second_click_is_harmless(
    people: People, draft: EngineeringChange, author: Client, approver: Client, analyst: Client, step: str
) -> None:
    clients = {"submit": author, "approve": approver, "implement": analyst, "close": analyst}
    for name, client in clients.items():
        first = seen(draft)
        take(client, draft, name)
        if name == step:
            break
    before = (fresh(draft).version, fresh(draft).history.count())
    for again in (first, seen(draft)):
        page = text_of(take(clients[step], draft, step, **again))
        assert "already." in page and "note-danger" not in page
    assert (fresh(draft).version, fresh(draft).history.count()) == before


def test_reject_needs_a_comment(people: People, draft: EngineeringChange, approver: Client, author: Client) -> None:
    submitted(people, draft)
    refused = take(approver, draft, "reject")
    assert refused.status_code == 422 and "This field is required." in text_of(refused)
    assert fresh(draft).status == "submitted"
    take(approver, draft, "reject", "too bright")
    assert fresh(draft).status == "rejected"
    page = text_of(author.get(draft.get_absolute_url()))
    assert "too bright" in page and "Reopen as draft" in page
    assert "already." in text_of(take(approver, draft, "reject", "again"))
    take(author, draft, "reopen")
    assert fresh(draft).status == "draft"


def test_withdraw_and_cancel(people: People, draft: EngineeringChange, author: Client, analyst: Client) -> None:
    submitted(people, draft)
    take(author, draft, "withdraw", "not yet")
    assert fresh(draft).status == "withdrawn"
    take(author, draft, "reopen")
    assert take(analyst, draft, "cancel").status_code == 422
    take(analyst, draft, "cancel", "no budget")
    change = fresh(draft)
    assert change.status == "cancelled" and change.history.latest().history_change_reason == "no budget"


def test_a_decision_on_changed_content_is_refused_and_the_comment_kept(
    people: People, draft: EngineeringChange, approver: Client, unchanged: Callable[[], None]
) -> None:
    submitted(people, draft)
    opened = seen(draft)
    withdraw(actor=people.author, change_id=draft.pk)
    change_reopen(actor=people.author, change_id=draft.pk)
    change_update(actor=people.author, change_id=draft.pk, changes={"change_title": "Quite another lamp"})
    submitted(people, draft)
    unchanged()
    response = take(approver, draft, "approve", "looks good", **opened)
    assert response.status_code == 409
    page = text_of(response)
    assert "The change is not the one you looked at" in page and "Quite another lamp" in page
    assert response.context["form"]["comment"].value() == "looks good"
    assert response.context["form"]["expected_version"].value() == fresh(draft).version
    assert not events_of("change_approved")


def test_another_approvers_vote_is_no_reason_to_look_again(
    people: People, draft: EngineeringChange, sign_in: SignIn, make_actor: MakeActor, approver: Client
) -> None:
    second = make_actor("technical_approver", email="second@acme.example")
    submitted(people, draft)
    opened = seen(draft)
    change_approve(actor=second, change_id=draft.pk)
    assert fresh(draft).version > opened["expected_version"]
    assert "You have approved" in text_of(take(approver, draft, "approve", **opened))
    assert fresh(draft).status == "approved"


def test_a_stale_draft_is_not_submitted(
    people: People, draft: EngineeringChange, author: Client, unchanged: Callable[[], None]
) -> None:
    opened = seen(draft)
    change_update(actor=people.analyst, change_id=draft.pk, changes={"change_title": "Another title"})
    unchanged()
    assert take(author, draft, "submit", **opened).status_code == 409


def test_what_is_missing_is_said_and_nothing_is_submitted(
    people: People, draft: EngineeringChange, author: Client, unchanged: Callable[[], None]
) -> None:
    change_update(actor=people.author, change_id=draft.pk, changes={"reason_for_change": ""})
    unchanged()
    response = take(author, draft, "submit")
    assert response.status_code == 422 and "This is needed before the change can be submitted." in text_of(response)


def test_a_moved_base_stops_implementing(
    people: People, lamp: Lamp, draft: EngineeringChange, analyst: Client, unchanged: Callable[[], None]
) -> None:
    approved(people, draft)
    newer = revision_create(actor=people.manager, product_id=lamp.product.pk)
    revision_release(actor=people.manager, revision_id=newer.pk, reason="in between")
    unchanged()
    response = take(analyst, draft, "implement", "now")
    assert response.status_code == 409
    assert "Revision A of LAMP is no longer the current one; B is" in text_of(response)
    assert response.context["form"]["comment"].value() == "now" and fresh(draft).status == "approved"


@pytest.mark.parametrize(
    ("step", "who", "status"),
    [
        ("submit", "viewer", 403),
        ("submit", "technical", 403),
        ("cancel", "author", 403),
        ("implement", "author", 403),
        ("implement", "analyst", 409),
        ("approve", "author", 403),
        ("approve", "analyst", 403),
        ("close", "analyst", 409),
        ("fly", "author", 404),
    ],
)
def test_refused_steps_do_nothing(
    people: People, draft: EngineeringChange, sign_in: SignIn, unchanged: Callable[[], None],
    step: str, who: str, status: int,
) -> None:  # fmt: skip
    client = sign_in(getattr(people, who))
    unchanged()
    assert take(client, draft, step, "because").status_code == status


@pytest.mark.parametrize("step", ["submit", "approve", "reject", "implement", "withdraw", "cancel", "close", "reopen"])
def test_the_page_of_a_step_works_without_scripts(
    people: People, draft: EngineeringChange, author: Client, step: str
) -> None:
    response = author.get(url("change-step", draft, step))
    assert response.status_code == 200
    assert response.context["possible"] is (step == "submit")
    assert "LAMP-GLASS" in text_of(response)


def test_decisions_lead_back_to_what_waits(people: People, draft: EngineeringChange, approver: Client) -> None:
    submitted(people, draft)
    response = take(approver, draft, "approve", back="approvals")
    assert response.redirect_chain[-1][0] == url("my-approvals")
    assert "You have approved" in text_of(response)
