"""Telling people, marking what they have read, and how they want to be told."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from collaboration import permissions
from collaboration.choices import MailChoice, MailState, NoticeKind, NoticePriority
from collaboration.models import Notice, NoticePreference
from collaboration.notice_kinds import RULES, may_be_told
from collaboration.notice_pushing import push_after_commit
from collaboration.selectors.notices import choice_of, notice_get, notice_list, waits_for_bundle, wants_mail
from collaboration.services.notice_mail import bundle_due, mail_after_commit
from plm_project.accounts.models import Membership
from plm_project.accounts.permissions import for_roles
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed


@dataclass(frozen=True)
class Target:
    """Where a notice leads: the name of a route and its arguments."""

    route: str
    args: tuple[str, ...] = field(default=())


@transaction.atomic
def notice_send(
    *,
    actor: Actor,
    kind: NoticeKind,
    recipients: Collection[uuid.UUID],
    source: uuid.UUID,
    subject_id: uuid.UUID,
    facts: Mapping[str, Any],
    target: Target,
    priority: str = NoticePriority.NORMAL,
    happened_at: dt.datetime | None = None,
) -> list[Notice]:
    """Tell ``recipients`` of something, each once, and return the notices that are new.

    Only live members who may read of it are told, and never the person who did it (``actor``). Repeating a call with the
    same ``source`` tells nobody again. A fixed number of statements for any number of people. After the commit the open
    pages hear of it and the mails go out. ``happened_at``: when it happened, if that was not just now; what is told days
    late stands where it belongs and is no longer mailed.

    There is no permission of its own: the service that tells has asked for its own.
    """
    wanted = {person for person in recipients if person != actor.user_id}
    told = set(
        Notice.objects.filter(kind=kind, source=source, recipient_id__in=wanted).values_list("recipient_id", flat=True)
    )
    people = _who_may_be_told(kind, wanted - told)
    chosen = {row.person_id: row for row in NoticePreference.objects.filter(kind=kind, person_id__in=people)}
    moment = happened_at or clock.now()
    notices = []
    for person in people:
        choice = choice_of(kind, chosen.get(person))
        if not choice.in_page and not wants_mail(choice):
            continue
        notice = Notice(
            recipient_id=person,
            kind=kind,
            priority=priority,
            source=source,
            subject_id=subject_id,
            facts=dict(facts),
            target_route=target.route,
            target_args=list(target.args),
            created_at=moment,
            in_page=choice.in_page,
        )
        if wants_mail(choice):
            notice.is_bundled = waits_for_bundle(choice, priority)
            notice.mail_state = MailState.DUE
            notice.mail_due_at = bundle_due(moment) if notice.is_bundled else moment
        notices.append(notice)
    # Two deliveries at once: the row that is there already stays.
    Notice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)
    push_after_commit(actor.tenant_id, [(row.recipient_id, str(row.pk)) for row in notices if row.in_page])
    if any(row.mail_state == MailState.DUE and not row.is_bundled for row in notices):
        mail_after_commit(actor.tenant_id)
    return notices


def _who_may_be_told(kind: str, people: Collection[uuid.UUID]) -> list[uuid.UUID]:
    members = Membership.objects.filter(user_id__in=people, user__is_active=True).order_by("user_id")
    return [member.user_id for member in members if may_be_told(kind, for_roles(member.roles))]


@transaction.atomic
def approvals_settle(*, actor: Actor, change_id: uuid.UUID) -> int:
    """Mark as read what asked for approvals of the change, and drop its mails that were not sent: they are decided, or
    asked for anew. Returns how many were open.
    """
    asked = Notice.objects.filter(subject_id=change_id, kind=NoticeKind.APPROVAL_NEEDED)
    people = list(asked.filter(read_at__isnull=True).values_list("recipient_id", flat=True))
    asked.filter(mail_state=MailState.DUE).update(mail_state=MailState.DROPPED, mail_due_at=None)
    asked.filter(read_at__isnull=True).update(read_at=clock.now())
    push_after_commit(actor.tenant_id, [(person, "") for person in people])
    return len(people)


# --- one's own ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def notice_mark(*, actor: Actor, notice_id: uuid.UUID, read: bool) -> Notice:
    """Mark one of the actor's own notices read or unread; marking it again changes nothing.

    Raises NotFound for anybody else's, Conflict for making an approval unread that is no longer asked for.
    """
    actor.require(permissions.NOTICES_UPDATE)
    notice = notice_get(actor, notice_id)
    if not read and notice.is_settled:  # type: ignore[attr-defined]
        raise Conflict(_("Nobody waits for this any more; it stays read."))
    if read != (notice.read_at is not None):
        Notice.objects.filter(pk=notice.pk).update(read_at=clock.now() if read else None)
        _tell_own_pages(actor)
    return notice_get(actor, notice_id)


@transaction.atomic
def notices_read_all(*, actor: Actor) -> tuple[int, dt.datetime]:
    """Mark all of the actor's unread notices read; return how many, and the moment by which it can be undone."""
    actor.require(permissions.NOTICES_UPDATE)
    moment = clock.now()
    unread = notice_list(actor, state="unread").order_by().values("pk")
    count = Notice.objects.filter(pk__in=unread).update(read_at=moment)
    if count:
        _tell_own_pages(actor)
    return count, moment


@transaction.atomic
def notices_read_all_undo(*, actor: Actor, moment: dt.datetime) -> int:
    """Make unread again what ``notices_read_all`` marked at ``moment``; return how many."""
    actor.require(permissions.NOTICES_UPDATE)
    marked = Notice.objects.filter(recipient_id=actor.user_id, in_page=True, read_at=moment)
    count = marked.update(read_at=None)
    if count:
        _tell_own_pages(actor)
    return count


def _tell_own_pages(actor: Actor) -> None:
    if actor.user_id is not None:
        push_after_commit(actor.tenant_id, [(actor.user_id, "")])


# --- how one wants to be told --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Wish:
    """What a person sets for one kind; None leaves it as it is."""

    kind: str
    in_page: bool | None = None
    by_mail: str | None = None


@transaction.atomic
def notice_preferences_update(*, actor: Actor, wishes: Sequence[Wish]) -> int:
    """Set how the actor wants to be told; return how many kinds changed. All or nothing.

    Raises ValidationFailed naming the kind: unknown, given twice, a choice that does not exist, or an approval that was
    to disappear from the page.
    """
    actor.require(permissions.NOTICES_UPDATE)
    if actor.user_id is None:
        raise PermissionDenied(_("Only a person chooses how to be told."))
    _check(wishes)
    stored = {row.kind: row for row in NoticePreference.objects.select_for_update().filter(person_id=actor.user_id)}
    changed = 0
    for wish in wishes:
        now = choice_of(NoticeKind(wish.kind), stored.get(wish.kind))
        in_page = now.in_page if wish.in_page is None else wish.in_page
        by_mail = now.by_mail if wish.by_mail is None else wish.by_mail
        if (in_page, by_mail) == (now.in_page, now.by_mail):
            continue
        row = stored.get(wish.kind) or NoticePreference(person_id=actor.user_id, kind=wish.kind)
        row.in_page, row.by_mail = in_page, by_mail
        row.save_as(actor, reason=_("chosen by themselves"))
        changed += 1
    return changed


def _check(wishes: Sequence[Wish]) -> None:
    problems: dict[str, list[str]] = {}
    seen: set[str] = set()
    for wish in wishes:
        if wish.kind not in RULES:
            problems.setdefault(wish.kind, []).append(_("There is no such kind of notice."))
            continue
        if wish.kind in seen:
            problems.setdefault(wish.kind, []).append(_("Name each kind once."))
        seen.add(wish.kind)
        if wish.by_mail is not None and wish.by_mail not in MailChoice.values:
            problems.setdefault(wish.kind, []).append(_("There is no such choice."))
        if wish.in_page is False and RULES[wish.kind].always_in_page:
            problems.setdefault(wish.kind, []).append(_("This is always shown in the page."))
    if problems:
        first = next(iter(problems.values()))[0]
        raise ValidationFailed(first, details=problems)
