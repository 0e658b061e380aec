"""Votes that an edit has voided come back to who cast them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from changes import services
from changes.models import Approval, EngineeringChange
from changes.selectors import approvals_waiting_for
from changes.services.renewing import votes_renew_all
from plm_project.core.actor import Actor
from plm_project.outbox.relay import relay_tenant
from products.models import BomLine
from products.services import line_update
from tests.changes.conftest import Lamp, People, approved, events_of, fresh, submitted
from tests.changes.pages.conftest import SignIn, sign_in, text_of  # noqa: F401 # a fixture
from tests.conftest import MakeActor
from tests.factories import make_line, make_product, release
from tests.signing import change_approve

pytestmark = pytest.mark.django_db


@pytest.fixture
def foot_line(people: People, draft: EngineeringChange) -> BomLine:
    """The change also releases STAND, which is still in work."""
    stand, foot = make_product("STAND"), make_product("FOOT")
    line = make_line(stand, foot, 3)
    release(foot)
    services.affected_add(actor=people.author, change_id=draft.pk, product_id=stand.pk)
    return line


def edit(people: People, line: BomLine, quantity: int) -> None:
    line_update(actor=people.author, line_id=line.pk, changes={"quantity": Decimal(quantity)})


def waits_for(actor: Actor, change: EngineeringChange) -> bool:
    return approvals_waiting_for(actor.user_id).filter(change=change).exists()


def vote_of(change: EngineeringChange, actor: Actor) -> Approval:
    return Approval.objects.get(change=change, approver_id=actor.user_id)


def test_an_edited_line_brings_the_vote_back(
    people: People,
    draft: EngineeringChange,
    foot_line: BomLine,
    make_actor: MakeActor,
    sign_in: SignIn,  # noqa: F811
) -> None:
    second = make_actor("technical_approver", email="second@acme.example")
    submitted(people, draft)
    change_approve(actor=people.technical, change_id=draft.pk, comment="three feet")
    assert not waits_for(people.technical, draft)
    edit(people, foot_line, 4)
    relay_tenant(draft.tenant_id)
    assert waits_for(people.technical, draft) and waits_for(second, draft)
    vote = vote_of(draft, people.technical)
    assert (vote.decision, vote.content_hash, vote.comment) == ("pending", "", "") and vote.renewed_at is not None
    (told,) = events_of("approvals_asked")
    assert (told.event_data["why"], [one["user_id"] for one in told.event_data["approvers"]]) == (
        "edited", [str(people.technical.user_id)],
    )  # fmt: skip
    page = text_of(sign_in(people.technical).get(draft.get_absolute_url()))
    assert "The content has changed since it was signed: asked again" in page

    relay_tenant(draft.tenant_id)
    assert len(events_of("approvals_asked")) == 1
    change_approve(actor=people.technical, change_id=draft.pk, comment="four feet")
    assert change_approve(actor=second, change_id=draft.pk).status == "approved"
    assert [row.comment for row in vote.history.order_by("history_date", "history_id")] == [
        "", "three feet", "", "four feet",
    ]  # fmt: skip


def test_an_edit_that_is_none_leaves_the_vote(
    people: People, draft: EngineeringChange, foot_line: BomLine, make_actor: MakeActor
) -> None:
    make_actor("technical_approver", email="second@acme.example")
    submitted(people, draft)
    change_approve(actor=people.technical, change_id=draft.pk)
    other = make_line(make_product("TABLE"), make_product("LEG"), 4)
    edit(people, other, 5)
    relay_tenant(draft.tenant_id)
    assert not waits_for(people.technical, draft) and not events_of("approvals_asked")


def test_what_is_approved_already_is_not_asked_again(
    people: People, draft: EngineeringChange, foot_line: BomLine
) -> None:
    """It cannot be released; its author takes it back."""
    approved(people, draft)
    edit(people, foot_line, 4)
    relay_tenant(draft.tenant_id)
    assert fresh(draft).status == "approved" and vote_of(draft, people.technical).decision == "approved"


def test_the_schedule_finds_what_no_event_tells_of(
    people: People, lamp: Lamp, draft: EngineeringChange, foot_line: BomLine, make_actor: MakeActor
) -> None:
    make_actor("technical_approver", email="second@acme.example")
    submitted(people, draft)
    change_approve(actor=people.technical, change_id=draft.pk)
    system = Actor.system(draft.tenant_id, "tests")
    assert votes_renew_all(actor=system) == 0
    line = BomLine.objects.get(pk=foot_line.pk)  # as by a writer that publishes nothing
    later = vote_of(draft, people.technical).decided_at + dt.timedelta(seconds=1)  # type: ignore[operator]
    BomLine.objects.filter(pk=line.pk).update(quantity=7, version=line.version + 1, updated_at=later)
    assert votes_renew_all(actor=system) == 1
    assert waits_for(people.technical, draft)
    assert votes_renew_all(actor=system) == 0
