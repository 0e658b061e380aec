"""Who is told what: from the service of the change, through the relay, to the rows."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from changes.services import (
    change_cancel,
    change_implement,
    change_reopen,
    change_submit,
    change_withdraw,
)
from collaboration.choices import NoticeKind
from collaboration.models import Notice
from collaboration.selectors import notice_list, notice_unread_count
from collaboration.services import (
    Target,
    Wish,
    notice_preferences_update,
    notice_send,
    participant_remove,
    session_create,
    session_start,
    update_store,
)
from plm_project.accounts.models import Membership
from plm_project.accounts.services import membership_end
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.outbox.models import Delivery, OutboxEvent
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from tests.changes.conftest import make_draft
from tests.collaboration.notices.conftest import Team, key, only, submitted, told
from tests.conftest import MakeActor
from tests.signing import change_approve, change_reject

pytestmark = pytest.mark.usefixtures("scope")


def send(actor: Actor, recipients: list[uuid.UUID], source: uuid.UUID | None = None) -> list[Notice]:
    return notice_send(
        actor=actor,
        kind=NoticeKind.CHANGE_DECIDED,
        recipients=recipients,
        source=source or uuid7(),
        subject_id=uuid7(),
        facts={"change_number": "ECO-9", "change_title": "Lamp", "decision": "approved"},
        target=Target("changes:change-list"),
    )


def deliver_again() -> None:
    """As after a crash between the handler and its note: the relay has forgotten that it delivered."""
    Delivery.objects.all().delete()
    OutboxEvent.objects.update(settled_at=None)


def test_approvers_are_told_with_the_priority_of_the_change(team: Team) -> None:
    submitted(team)
    assert told(team.technical) == [("approval_needed", "normal")]
    assert told(team.boss) == told(team.author) == []
    urgent = submitted(team, priority="critical", change_title="Fire in the lamp")
    assert told(team.technical) == [("approval_needed", "normal"), ("approval_needed", "high")]
    assert told(team.boss) == [("approval_needed", "high")]
    notice = only(team.boss)
    assert (notice.target_route, notice.target_args) == ("changes:change-detail", [str(urgent.pk)])
    assert (notice.facts["by"], notice.facts["change_title"]) == ("Ada Author", "Fire in the lamp")
    deliver_again()
    relay_tenant(team.tenant.pk)
    assert Notice.objects.count() == 3  # one for each vote, however often the event comes


def test_the_author_hears_of_the_decision_and_nobody_of_their_own_deed(team: Team, make_actor: MakeActor) -> None:
    change = submitted(team)
    change_approve(actor=team.technical, change_id=change.pk, comment="fine")
    relay_tenant(team.tenant.pk)
    assert told(team.author) == [("change_decided", "normal")]
    assert only(team.technical).read_at is not None
    analyst = make_actor("change_analyst")
    change_implement(actor=analyst, change_id=change.pk)
    relay_tenant(team.tenant.pk)
    assert told(team.author) == [("change_decided", "normal"), ("change_implemented", "normal")]
    assert told(analyst) == []
    assert only(team.author, kind="change_decided").mail_state == "due"
    assert only(team.author, kind="change_implemented").mail_state == "not_wanted"


def test_an_author_who_decides_or_implements_is_not_told(team: Team, make_actor: MakeActor) -> None:
    both = make_actor("engineer", "technical_approver", "change_analyst", email="both@acme.example")
    change = make_draft(both, team.lamp)
    change_submit(actor=both, change_id=change.pk)
    relay_tenant(team.tenant.pk)
    assert told(both) == []  # an approver as well, but it was they who submitted it
    assert told(team.technical) == [("approval_needed", "normal")]
    change_approve(actor=team.technical, change_id=change.pk)
    change_approve(actor=both, change_id=change.pk)
    change_implement(actor=both, change_id=change.pk)
    relay_tenant(team.tenant.pk)
    assert told(both) == []


def test_the_bell_counts_only_votes_that_are_still_open(team: Team) -> None:
    change = submitted(team, priority="high")
    assert (notice_unread_count(team.technical), notice_unread_count(team.boss)) == (1, 1)
    change_approve(actor=team.technical, change_id=change.pk)  # no event: the boss is still to decide
    assert (notice_unread_count(team.technical), notice_unread_count(team.boss)) == (0, 1)
    change_withdraw(actor=team.author, change_id=change.pk)  # no event either
    assert notice_unread_count(team.boss) == 0
    settled = notice_list(team.boss).get()
    assert (settled.is_settled, settled.is_unread, settled.read_at) == (True, False, None)
    change_reopen(actor=team.author, change_id=change.pk)
    change_submit(actor=team.author, change_id=change.pk)
    relay_tenant(team.tenant.pk)
    assert len(told(team.boss)) == 2
    assert notice_unread_count(team.boss) == 1  # the question of the first round is not asked twice
    assert [row.mail_state for row in Notice.objects.filter(recipient_id=team.boss.user_id)] == ["due", "dropped"]
    change_reject(actor=team.technical, change_id=change.pk, comment="no")
    relay_tenant(team.tenant.pk)
    assert notice_unread_count(team.boss) == 0
    assert only(team.author).facts["decision"] == "rejected"


def test_a_cancelled_change_asks_nobody(team: Team, make_actor: MakeActor) -> None:
    change = submitted(team)
    change_cancel(actor=make_actor("change_analyst"), change_id=change.pk, reason="not needed")
    assert notice_unread_count(team.technical) == 0


def test_only_live_members_are_told_each_once(team: Team, make_actor: MakeActor, other_tenant: Tenant) -> None:
    gone = make_actor("viewer", email="gone@acme.example")
    membership_end(
        actor=Actor.system(team.tenant.pk), member=Membership.objects.get(user_id=gone.user_id), reason="left"
    )
    asleep = make_actor("viewer", email="asleep@acme.example")
    person = Membership.objects.select_related("user").get(user_id=asleep.user_id).user
    person.is_active = False
    person.save()
    foreign = make_actor("viewer", email="foreign@globex.example", tenant=other_tenant)
    source = uuid7()
    people = [key(actor) for actor in (gone, asleep, foreign, team.author, team.boss, team.boss)]
    made = send(team.author, people, source)
    assert [row.recipient_id for row in made] == [team.boss.user_id]
    assert send(team.author, people, source) == []
    assert [row.recipient_id for row in send(team.boss, people, source)] == [team.author.user_id]


def test_a_choice_decides_where_one_is_told(team: Team) -> None:
    wish = Wish("change_decided", in_page=False, by_mail="never")
    notice_preferences_update(actor=team.boss, wishes=[wish])
    assert send(team.author, [key(team.boss)]) == []
    notice_preferences_update(actor=team.boss, wishes=[Wish("change_decided", by_mail="at_once")])
    (by_mail,) = send(team.author, [key(team.boss)])
    assert (by_mail.in_page, by_mail.mail_state) == (False, "due")
    assert notice_unread_count(team.boss) == 0
    assert not notice_list(team.boss).exists()


@pytest.mark.parametrize("people", [3, 40])
def test_telling_many_takes_as_many_statements_as_telling_few(team: Team, make_actor: MakeActor, people: int) -> None:
    keys = [key(make_actor("viewer", email=f"p{n}@acme.example")) for n in range(people)]
    with CaptureQueriesContext(connection) as captured:
        assert len(send(team.author, keys)) == people
    asked = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) == 4, asked  # who knows already, members, their choices, one insert


def test_rooms_tell_of_invitations_and_mentions_while_one_takes_part(team: Team) -> None:
    session = session_create(
        actor=team.author, data={"title": "Housing review"}, participants=[(key(team.technical), "editor")]
    )
    session_start(actor=team.author, session_id=session.pk)
    assert told(team.author) == []
    assert told(team.technical) == [("invited", "normal")]
    chat: dict[str, Any] = {"kind": "chat", "text": "Look at this", "mentions": [str(team.technical.user_id)]}
    for _again in range(2):  # a lost acknowledgement: the same update, told once
        update_store(actor=team.author, session_id=session.pk, update=chat, request="r1")
    update_store(actor=team.author, session_id=session.pk, update={"kind": "chat", "text": "and so on"})
    assert told(team.technical) == [("invited", "normal"), ("mentioned", "normal")]
    notice = only(team.technical, kind="mentioned")
    assert (notice.facts["by"], notice.facts["text"]) == ("Ada Author", "Look at this")
    assert notice_unread_count(team.technical) == 2
    participant_remove(actor=team.author, session_id=session.pk, user_id=key(team.technical))
    assert notice_unread_count(team.technical) == 0
    assert not notice_list(team.technical).exists()
