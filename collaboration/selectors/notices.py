"""A person's own notices, and how they want to be told.

A notice that asks for an approval is unread only as long as the vote is open: a change may be withdrawn or cancelled,
or the vote cast, without an event. And what was said in a room is for those who take part in it. Both are asked when the
notices are read, in the same statement.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from changes.selectors import approvals_waiting_for
from collaboration.choices import MailChoice, NoticeKind, NoticePriority
from collaboration.models import Notice, NoticePreference, SessionParticipant
from collaboration.notice_kinds import OF_ROOMS, RULES, may_be_told, readable_kinds
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound

STATES = ("all", "unread")
_UNREAD = Q(read_at__isnull=True) & Q(is_settled=False)


def notice_list(actor: Actor, *, state: str = "all", kinds: Sequence[str] = ()) -> QuerySet[Notice]:
    """Return the actor's own notices, newest first, each with ``is_settled`` and ``is_unread``."""
    rows = _told_in_page(actor)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return _unread(rows) if state == "unread" else rows


def notice_unread_count(actor: Actor) -> int:
    """Return how many of the actor's notices are unread: one statement on the index of unread ones."""
    return _unread(_told_in_page(actor)).count()


def notice_get(actor: Actor, notice_id: uuid.UUID) -> Notice:
    """Return one of the actor's own notices; anybody else's is not found."""
    found: Notice | None = _told_in_page(actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound(_("There is no such notice."))
    return found


def takes_part(person_id: Any, session_id: Any) -> QuerySet[SessionParticipant]:
    """Return the person's entry in a session that exists; both may be columns."""
    return SessionParticipant.objects.filter(
        user_id=person_id, session_id=session_id, session__is_deleted=False
    ).order_by()


def _told_in_page(actor: Actor) -> QuerySet[Notice]:
    mine = Notice.objects.filter(recipient_id=actor.user_id, in_page=True, kind__in=readable_kinds(actor))
    mine = mine.exclude(Q(kind__in=OF_ROOMS) & ~Exists(takes_part(actor.user_id, OuterRef("subject_id"))))
    asks = Q(kind=NoticeKind.APPROVAL_NEEDED)
    waiting = approvals_waiting_for(actor.user_id).filter(change_id=OuterRef("subject_id")).order_by()
    return mine.annotate(is_settled=_flag(asks & ~Exists(waiting))).annotate(is_unread=_flag(_UNREAD))


def _unread(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    return rows.filter(_UNREAD)


def _flag(condition: Q | Combinable) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


@dataclass(frozen=True)
class Choice:
    """How a person wants one kind of notice: what they chose, or the default."""

    kind: NoticeKind
    in_page: bool
    by_mail: str
    always_in_page: bool


def notice_preferences(person_id: uuid.UUID | None) -> QuerySet[NoticePreference]:
    """Return what a person has chosen themselves."""
    return NoticePreference.objects.filter(person_id=person_id)


def notice_choices(actor: Actor) -> list[Choice]:
    """Return the actor's choice for every kind that can reach them, in the order of the kinds."""
    stored = {row.kind: row for row in notice_preferences(actor.user_id)}
    return [choice_of(kind, stored.get(kind)) for kind in NoticeKind if may_be_told(kind, actor.permissions)]


def choice_of(kind: NoticeKind, stored: NoticePreference | None) -> Choice:
    """Return what holds for a kind."""
    rule = RULES[kind]
    if stored is None:
        return Choice(kind, True, str(rule.by_mail), rule.always_in_page)
    return Choice(kind, stored.in_page or rule.always_in_page, stored.by_mail, rule.always_in_page)


def wants_mail(choice: Choice) -> bool:
    """Return whether a mail is to be sent at all."""
    return choice.by_mail != MailChoice.NEVER


def waits_for_bundle(choice: Choice, priority: str) -> bool:
    """Return whether the mail waits for the next morning, to be one with others. What has high priority does not."""
    return choice.by_mail == MailChoice.DAILY and priority != NoticePriority.HIGH
