"""The mails: what they say, who gets them, and that a server's trouble costs nobody a mail or gives them two."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from changes.services import change_withdraw
from collaboration.choices import MailState, NoticeKind
from collaboration.models import Notice
from collaboration.services import (
    Target,
    mails_send_again,
    mails_send_due,
    mails_send_due_all,
    notice_mail,
    notice_send,
)
from collaboration.services.notices import Wish, notice_preferences_update
from collaboration.tasks import send_due, send_due_of
from plm_project.accounts.models import Membership
from plm_project.accounts.services import membership_end
from plm_project.celery import app
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import PermissionDenied
from plm_project.core.ids import uuid7
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.collaboration.notices.conftest import Sink, Team, key, listening, only, submitted
from tests.conftest import MakeActor
from tests.parallel import at_once


def decided(team: Team, recipient: Actor, **facts: Any) -> Notice:
    (notice,) = notice_send(
        actor=team.author,
        kind=NoticeKind.CHANGE_DECIDED,
        recipients=[key(recipient)],
        source=uuid7(),
        subject_id=uuid7(),
        facts={"change_number": "ECO-9", "change_title": "Lamp", "decision": "approved", **facts},
        target=Target("changes:change-list"),
    )
    return notice


def fresh(notice: Notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


def command(*args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("notices_send_due", *args, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.mark.usefixtures("scope")
def test_what_an_approver_gets(team: Team, sink: Sink, mailoutbox: list[Any]) -> None:
    submitted(team, priority="high", change_title="Brighter\nlamp")
    notice = only(team.boss)
    with listening(sink):
        assert command("--tenant", "acme") == {
            "sent": 2, "postponed": 0, "failed": 0, "dropped": 0, "server_answers": True,
        }  # fmt: skip
        assert command()["sent"] == 0
    (mail,) = sink.to("management_approver@acme.example")
    number = notice.facts["change_number"]
    assert mail["Subject"] == f"High priority: {number} needs your approval"
    assert mail["To"] == "Bea Boss <management_approver@acme.example>"
    assert (mail["X-Priority"], mail["Importance"]) == ("1 (Highest)", "high")
    assert mail["Message-ID"] == f"<notice.{notice.pk.hex}@plm.example.com>"
    text = mail.get_content()
    assert f"https://plm.example.com/collaboration/notices/{notice.pk}/open/" in text
    assert "https://plm.example.com/collaboration/notices/settings/" in text
    assert "submitted by Ada Author" in text
    assert "This has high priority." in text
    row = fresh(notice)
    assert (row.mail_state, row.mail_attempts, row.mail_due_at) == ("sent", 1, None)
    assert row.mail_sent_at is not None


@pytest.mark.usefixtures("scope")
def test_a_server_that_is_down_delays_and_neither_loses_nor_doubles(team: Team, sink: Sink) -> None:
    first, second = decided(team, team.boss), decided(team, team.technical)
    assert command() == {"sent": 0, "postponed": 1, "failed": 0, "dropped": 0, "server_answers": False}
    assert "Refused" in fresh(first).mail_error
    assert fresh(second).mail_attempts == 0  # a dead line is no reason to use up the others' attempts
    moment = clock.now()
    with listening(sink):
        send_due()  # the second is due, the first still waits
        assert [str(mail["To"]) for mail in sink.mails] == ["Tim Technical <technical_approver@acme.example>"]
        with clock.fixed(moment + dt.timedelta(minutes=2)):
            send_due_of(str(team.tenant.pk))
            send_due()
    assert len(sink.mails) == 2
    assert (fresh(first).mail_state, fresh(first).mail_attempts, fresh(first).mail_error) == ("sent", 2, "")


@pytest.mark.usefixtures("scope")
def test_a_refused_address_is_given_up_alone_and_sent_again_by_hand(
    team: Team, sink: Sink, make_actor: MakeActor
) -> None:
    notice, other = decided(team, team.boss), decided(team, team.technical)
    sink.refuses.add("management_approver@acme.example")
    moment = clock.now()
    with listening(sink):
        assert command() == {"sent": 1, "postponed": 1, "failed": 0, "dropped": 0, "server_answers": True}
        waits = []
        for _attempt in range(notice_mail.MAX_ATTEMPTS - 1):
            due = fresh(notice).mail_due_at
            assert due is not None
            waits.append(due - moment)
            moment = due
            with clock.fixed(moment):
                mails_send_due(team.tenant.pk)
        assert waits[1:4] == [dt.timedelta(minutes=minutes) for minutes in (2, 4, 8)]
        assert max(waits) == notice_mail.LONGEST_WAIT
        row = fresh(notice)
        assert (row.mail_state, row.mail_attempts, row.mail_due_at) == ("failed", notice_mail.MAX_ATTEMPTS, None)
        assert "nobody of that name" in row.mail_error
        assert len(sink.mails) == 1
        sink.refuses.clear()
        with pytest.raises(PermissionDenied):
            mails_send_again(actor=team.author, notices=[notice])
        assert fresh(notice).mail_state == MailState.FAILED
        assert mails_send_again(actor=make_actor("plm_manager"), notices=[notice, other]) == 1
        assert mails_send_due_all().sent == 1
    assert len(sink.mails) == 2


@pytest.mark.usefixtures("scope")
def test_who_may_not_know_any_more_gets_nothing(team: Team, sink: Sink, make_actor: MakeActor) -> None:
    change = submitted(team, priority="high")
    change_withdraw(actor=team.author, change_id=change.pk)
    gone = make_actor("viewer", email="gone@acme.example")
    decided(team, gone)
    membership_end(
        actor=Actor.system(team.tenant.pk), member=Membership.objects.get(user_id=gone.user_id), reason="left"
    )
    powerless = make_actor("viewer", email="powerless@acme.example")
    decided(team, powerless)
    Membership.objects.filter(user_id=powerless.user_id).update(roles=[])
    late = decided(team, team.boss)
    Notice.objects.filter(pk=late.pk).update(mail_due_at=clock.now() - notice_mail.STALE - dt.timedelta(hours=1))
    with listening(sink):
        assert mails_send_due_all().dropped == 5
    assert sink.mails == []
    reasons = sorted(Notice.objects.filter(mail_state=MailState.DROPPED).values_list("mail_error", flat=True))
    assert reasons == [
        "may not read of it any more",
        "no member any more",
        "nobody waits for it any more",
        "nobody waits for it any more",
        "out of date",
    ]


@pytest.mark.usefixtures("scope")
def test_a_notice_that_cannot_be_written_holds_up_nobody(team: Team, sink: Sink) -> None:
    broken = decided(team, team.boss)
    Notice.objects.filter(pk=broken.pk).update(facts={})
    decided(team, team.technical)
    with listening(sink):
        run = mails_send_due_all()
    assert (run.sent, run.failed) == (1, 1)
    assert (fresh(broken).mail_state, fresh(broken).mail_error) == ("failed", "KeyError: 'decision'")


@pytest.mark.usefixtures("scope")
def test_a_crash_between_sending_and_noting_is_one_mail_by_its_id(team: Team, sink: Sink) -> None:
    notice = decided(team, team.boss)
    moment = clock.now()
    with listening(sink):
        assert mails_send_due_all().sent == 1
        # what a process leaves that died before it noted this: a claim that runs out
        Notice.objects.filter(pk=notice.pk).update(mail_state="due", mail_due_at=moment + notice_mail.LEASE)
        assert mails_send_due_all().sent == 0
        with clock.fixed(moment + notice_mail.LEASE + dt.timedelta(minutes=1)):
            assert mails_send_due_all().sent == 1
    assert len(sink.mails) == 2
    assert sink.mails[0]["Message-ID"] == sink.mails[1]["Message-ID"]


@pytest.mark.usefixtures("scope")
def test_only_a_worker_sends_right_after_the_commit(
    team: Team, sink: Sink, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """The tests' Celery runs tasks in place, so that what a worker would do can be seen."""
    assert app.conf.task_always_eager
    with listening(sink):
        with django_capture_on_commit_callbacks(execute=True):
            decided(team, team.boss)
        assert sink.mails == []  # no broker: nobody waits for a mail server in a request; the sweep sends
        settings.CELERY_BROKER_URL = "memory://"
        with django_capture_on_commit_callbacks(execute=True):
            decided(team, team.technical)
        assert len(sink.mails) == 2


def test_an_unknown_tenant_is_bad_input(db: None) -> None:
    with pytest.raises(CommandError) as refused:
        command("--tenant", "nowhere")
    assert refused.value.returncode == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_send_each_mail_once(tenant: Tenant, team: Team, sink: Sink) -> None:
    with tenant_scope(tenant.pk):
        for _each in range(6):
            decided(team, team.boss)
    with listening(sink):
        at_once(tenant, [mails_send_due_all, mails_send_due_all])
    assert len(sink.mails) == 6
    assert len({mail["Message-ID"] for mail in sink.mails}) == 6


# --- once a day --------------------------------------------------------------------------------------------------------
EVENING = dt.datetime(2031, 5, 6, 19, tzinfo=dt.UTC)


@pytest.fixture
def daily(team: Team) -> Team:
    """A team whose boss wants decisions once a day."""
    with tenant_scope(team.tenant.pk):
        notice_preferences_update(actor=team.boss, wishes=[Wish(NoticeKind.CHANGE_DECIDED, by_mail="daily")])
    return team


@pytest.mark.usefixtures("scope")
def test_what_comes_once_a_day_comes_in_one_mail(daily: Team, sink: Sink) -> None:
    with clock.fixed(EVENING):
        first, second = decided(daily, daily.boss), decided(daily, daily.boss, change_number="ECO-10")
        read = decided(daily, daily.boss, change_number="ECO-11")
        other = decided(daily, daily.technical)
    Notice.objects.filter(pk=read.pk).update(read_at=EVENING)
    due = fresh(first).mail_due_at
    assert due is not None and timezone.localtime(due).hour == notice_mail.DAILY_AT
    assert EVENING < due <= EVENING + dt.timedelta(days=1)
    with listening(sink):
        with clock.fixed(due - dt.timedelta(minutes=1)):
            assert mails_send_due_all().sent == 1
        assert [str(mail["To"]) for mail in sink.mails] == ["Tim Technical <technical_approver@acme.example>"]
        with clock.fixed(due):
            run = mails_send_due_all()
            assert (run.sent, run.dropped) == (1, 1)
            assert mails_send_due_all().sent == 0
    mail = sink.mails[1]
    assert mail["Subject"] == f"2 notices from PLM of {daily.tenant.name}"
    text = mail.get_content()
    assert "ECO-9 was approved" in text and "ECO-10 was approved" in text and "ECO-11" not in text
    assert all(f"/notices/{notice.pk}/" in text for notice in (first, second))
    assert [fresh(row).mail_state for row in (first, second, read, other)] == ["sent", "sent", "dropped", "sent"]


@pytest.mark.usefixtures("scope")
def test_what_has_high_priority_does_not_wait_for_the_morning(daily: Team, sink: Sink) -> None:
    (notice,) = notice_send(
        actor=daily.author,
        kind=NoticeKind.CHANGE_DECIDED,
        recipients=[key(daily.boss)],
        source=uuid7(),
        subject_id=uuid7(),
        facts={"change_number": "ECO-9", "change_title": "Lamp", "decision": "approved"},
        target=Target("changes:change-list"),
        priority="high",
    )
    with listening(sink):
        assert mails_send_due_all().sent == 1
    assert not fresh(notice).is_bundled and "ECO-9" in str(sink.mails[0]["Subject"])


@pytest.mark.usefixtures("scope")
def test_a_bundle_that_the_server_does_not_take_is_tried_again_as_one(daily: Team, sink: Sink) -> None:
    with clock.fixed(EVENING):
        rows = [decided(daily, daily.boss), decided(daily, daily.boss, change_number="ECO-10")]
    sink.refuses.add("management_approver@acme.example")
    due = fresh(rows[0]).mail_due_at
    assert due is not None
    with listening(sink):
        with clock.fixed(due):
            assert mails_send_due_all().postponed == 1
        assert {(fresh(row).mail_state, fresh(row).mail_attempts) for row in rows} == {("due", 1)}
        sink.refuses.clear()
        with clock.fixed(due + dt.timedelta(minutes=2)):
            assert mails_send_due_all().sent == 1
    (mail,) = sink.mails
    assert "ECO-9 " in mail.get_content() and "ECO-10 " in mail.get_content()


@pytest.mark.usefixtures("scope")
def test_one_that_has_no_words_does_not_hold_the_others(daily: Team, sink: Sink) -> None:
    with clock.fixed(EVENING):
        broken, good = decided(daily, daily.boss), decided(daily, daily.boss, change_number="ECO-10")
    Notice.objects.filter(pk=broken.pk).update(facts={})
    due = fresh(good).mail_due_at
    assert due is not None
    with listening(sink), clock.fixed(due):
        run = mails_send_due_all()
    assert (run.sent, run.failed) == (1, 1)
    assert [fresh(row).mail_state for row in (broken, good)] == ["failed", "sent"]
