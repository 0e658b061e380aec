"""The mails of notices: who still gets one, one by one, again when the server did not take it.

A mail is claimed in one transaction, sent outside of any, and noted in another, so that a slow server holds no lock. A
crash between the last two sends it again after ``LEASE``: at least once, under the Message-ID of its notice, by which
mail programs know the second copy. Nobody waits for a mail server in a request: with a broker a worker sends right after
the commit, without one the next sweep does (the schedule of the settings, or ``notices_send_due``).
"""

from __future__ import annotations

import datetime as dt
import smtplib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import transaction
from django.utils import timezone

from changes.selectors import approvals_waiting_for
from collaboration import permissions
from collaboration.choices import MailState, NoticeKind
from collaboration.models import Notice
from collaboration.notice_kinds import OF_ROOMS, may_be_told
from collaboration.notice_letters import bundle_of, letter_of
from collaboration.selectors.notices import takes_part
from plm_project.accounts.models import Membership
from plm_project.accounts.permissions import for_roles
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12  # with the waits below most of a day; then an administrator decides (admin: Send again)
FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=6)
LEASE = dt.timedelta(minutes=5)  # longer than one mail can take
STALE = dt.timedelta(days=3)  # what nobody even tried to send for so long is no news
DAILY_AT = 6  # o'clock where the site is: before work begins
MOST_BUNDLED = 100  # notices in one mail; the rest come in the next one
MOST_AT_ONCE = 200  # mails of one tenant in one run, so that no run is endless; the next one goes on
# Refusals of this one mail. Whatever else goes wrong on the line, the next mail would meet as well.
OF_THIS_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused)


def bundle_due(moment: dt.datetime) -> dt.datetime:
    """Return the next morning after ``moment`` at which bundles go out."""
    local = timezone.localtime(moment)
    due = local.replace(hour=DAILY_AT, minute=0, second=0, microsecond=0)
    return due if due > local else due + dt.timedelta(days=1)


@dataclass
class MailRun:
    """What one run did. ``postponed``: not taken by the server, tried again later; ``is_down``: the run stopped there."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0
    dropped: int = 0
    is_down: bool = False

    def add(self, other: MailRun) -> None:
        """Count another tenant's run in."""
        for entry in fields(self):
            setattr(self, entry.name, getattr(self, entry.name) + getattr(other, entry.name))


def mail_after_commit(tenant_id: uuid.UUID) -> None:
    """Have a worker send the tenant's mails after the commit; without a broker the sweep does."""
    if settings.CELERY_BROKER_URL:
        transaction.on_commit(lambda: _ask_worker(tenant_id), robust=True)


def _ask_worker(tenant_id: uuid.UUID) -> None:
    from collaboration.tasks import send_due_of

    send_due_of.delay(str(tenant_id))


@transaction.atomic
def mails_send_again(*, actor: Actor, notices: Sequence[Notice]) -> int:
    """Give the mails that were given up another row of attempts; return how many there were."""
    actor.require(permissions.NOTICES_MANAGE)
    given_up = Notice.objects.filter(pk__in=[notice.pk for notice in notices], mail_state=MailState.FAILED)
    count = given_up.update(mail_state=MailState.DUE, mail_due_at=clock.now(), mail_attempts=0, mail_error="")
    if count:
        mail_after_commit(actor.tenant_id)
    return count


def mails_send_due_all() -> MailRun:
    """Send what is due in every active tenant, until the server fails."""
    total = MailRun()
    for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        total.add(mails_send_due(tenant_id))
        if total.is_down:
            break
    return total


def mails_send_due(tenant_id: uuid.UUID) -> MailRun:
    """Send what is due in one tenant, the oldest first. Called outside of any transaction.

    A server that cannot be reached ends the run after one mail: the others keep their attempts.
    """
    run = MailRun()
    moment = clock.now()
    connection = get_connection()
    try:
        for _count in range(MOST_AT_ONCE):
            claimed = _claim(tenant_id, moment, run)
            if isinstance(claimed, Claim):
                _send(claimed, connection, run)
            if claimed is None or run.is_down:
                break
    finally:
        connection.close()
    return run


@dataclass(frozen=True)
class Claim:
    """A mail that is ours to send for the time of the lease, and the notices it tells of."""

    tenant_id: uuid.UUID
    notice_ids: tuple[uuid.UUID, ...]
    attempts: int
    letter: EmailMessage


class Dropped:
    """What was due and is no longer wanted."""


def _claim(tenant_id: uuid.UUID, moment: dt.datetime, run: MailRun) -> Claim | Dropped | None:
    """Take the next mail that is due, or None when there is none. A bundle takes all that is due to the person with it."""
    with tenant_scope(tenant_id, atomic=True):
        due = Notice.objects.filter(mail_state=MailState.DUE, mail_due_at__lte=moment).order_by("mail_due_at", "id")
        locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("recipient", "tenant")
        first = locked.first()
        if first is None:
            return None
        rows = [first]
        if first.is_bundled:
            rows = list(locked.filter(recipient=first.recipient_id, is_bundled=True)[:MOST_BUNDLED])
        wanted = [notice for notice in rows if _is_wanted(notice, moment, run)]
        if not wanted:
            return Dropped()
        attempts = max(notice.mail_attempts for notice in wanted) + 1
        keys = tuple(notice.pk for notice in wanted)
        _note(keys, mail_attempts=attempts, mail_due_at=clock.now() + LEASE)
        letter = letter_of(first) if not first.is_bundled else bundle_of(wanted)
        return Claim(tenant_id, keys, attempts, letter)


def _is_wanted(notice: Notice, moment: dt.datetime, run: MailRun) -> bool:
    """Return whether a due notice still goes out, and note why it does not."""
    if reason := _why_not(notice, moment):
        _note([notice.pk], mail_state=MailState.DROPPED, mail_due_at=None, mail_error=reason)
        run.dropped += 1
        return False
    try:
        letter_of(notice)
    except (ValueError, LookupError, TypeError) as error:  # facts of another version: no attempt will mend it
        log.exception("notice has no letter", notice_id=str(notice.pk))
        _note([notice.pk], mail_state=MailState.FAILED, mail_due_at=None, mail_error=_reason(error))
        run.failed += 1
        return False
    return True


def _why_not(notice: Notice, moment: dt.datetime) -> str:
    """Return why the mail is not sent any more, judged now: the recipient may have left, or the vote be cast."""
    assert notice.mail_due_at is not None
    if moment - notice.mail_due_at > STALE:
        return "out of date"
    if notice.is_bundled and notice.read_at is not None:
        return "read already"
    member = Membership.objects.filter(user_id=notice.recipient_id, user__is_active=True).first()
    if member is None:
        return "no member any more"
    if not may_be_told(notice.kind, for_roles(member.roles)):
        return "may not read of it any more"
    if notice.kind == NoticeKind.APPROVAL_NEEDED:
        waiting = approvals_waiting_for(notice.recipient_id).filter(change_id=notice.subject_id)
        return "" if waiting.exists() else "nobody waits for it any more"
    if notice.kind in OF_ROOMS and not takes_part(notice.recipient_id, notice.subject_id).exists():
        return "takes no part any more"
    return ""


def _send(claim: Claim, connection: BaseEmailBackend, run: MailRun) -> None:
    """Send one mail and note how it went."""
    claim.letter.connection = connection
    try:
        connection.open()  # once a run; the first mail opens the line
        claim.letter.send()
    except OSError as error:  # every fault of smtplib and of the network is one
        _postpone(claim, error, run)
        run.is_down = not isinstance(error, OF_THIS_MAIL)
        return
    except (ValueError, TypeError) as error:  # a header or an address that cannot be written
        log.exception("notice mail cannot be written", notice_id=str(claim.notice_ids[0]))
        _note_later(claim, mail_state=MailState.FAILED, mail_due_at=None, mail_error=_reason(error))
        run.failed += 1
        return
    _note_later(claim, mail_state=MailState.SENT, mail_sent_at=clock.now(), mail_due_at=None, mail_error="")
    run.sent += 1


def _postpone(claim: Claim, error: OSError, run: MailRun) -> None:
    log.warning(
        "notice mail not sent", notice_id=str(claim.notice_ids[0]), attempts=claim.attempts, reason=_reason(error)
    )
    if claim.attempts >= MAX_ATTEMPTS:
        _note_later(claim, mail_state=MailState.FAILED, mail_due_at=None, mail_error=_reason(error))
        run.failed += 1
        return
    wait = min(FIRST_WAIT * 2 ** (claim.attempts - 1), LONGEST_WAIT)
    _note_later(claim, mail_due_at=clock.now() + wait, mail_error=_reason(error))
    run.postponed += 1


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _note(notice_ids: Sequence[uuid.UUID], **values: object) -> None:
    Notice.objects.filter(pk__in=notice_ids, mail_state=MailState.DUE).update(**values)


def _note_later(claim: Claim, **values: object) -> None:
    with tenant_scope(claim.tenant_id, atomic=True):
        _note(claim.notice_ids, **values)
