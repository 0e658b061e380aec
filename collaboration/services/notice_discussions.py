"""What is said about a change and concerns one person: a thread, a reply, a mention, an end. Each person hears of one
comment once.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from changes.choices import ChangeStatus
from changes.models import EngineeringChange
from collaboration.choices import MailState, NoticeKind
from collaboration.models import Comment, DiscussionThread, Notice
from collaboration.notice_kinds import OF_DISCUSSIONS
from collaboration.selectors.discussions import people_mentioned
from collaboration.services.notice_rooms import LONGEST_TEXT
from collaboration.services.notices import Target, notice_send
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7


def started_tell(actor: Actor, change: EngineeringChange, thread: DiscussionThread, comment: Comment) -> None:
    """Tell whom it calls, the author of the change, and who is asked for an approval of it now."""
    people = {change.created_by_id}
    if change.status == ChangeStatus.SUBMITTED:
        people |= set(change.round_approvals().values_list("approver_id", flat=True))
    _comment_tell(actor, change, thread, comment, NoticeKind.DISCUSSION_STARTED, people)


def reply_tell(actor: Actor, change: EngineeringChange, thread: DiscussionThread, comment: Comment) -> None:
    """Tell whom it calls, and who took part in the thread."""
    people = {thread.created_by_id, *thread.comments.values_list("created_by_id", flat=True)}
    _comment_tell(actor, change, thread, comment, NoticeKind.DISCUSSION_REPLY, people)


def edited_tell(actor: Actor, change: EngineeringChange, thread: DiscussionThread, comment: Comment) -> None:
    """Tell whom the new text calls, unless they have heard of this comment."""
    told = Notice.objects.filter(kind__in=OF_DISCUSSIONS, source=comment.pk).values_list("recipient_id", flat=True)
    called = people_mentioned(comment.text) - set(told)
    _tell(actor, change, thread, NoticeKind.DISCUSSION_MENTION, called, comment.pk, comment.text)


def resolved_tell(actor: Actor, change: EngineeringChange, thread: DiscussionThread) -> None:
    """Tell who began the thread. Every time it is resolved is news of its own."""
    _tell(actor, change, thread, NoticeKind.DISCUSSION_RESOLVED, {thread.created_by_id}, uuid7(), "")


def removed_tell(comment: Comment) -> None:
    """Take the text back from the notices that quote it; mails that have not left stay here."""
    notices = list(Notice.objects.filter(kind__in=OF_DISCUSSIONS, source=comment.pk))
    for notice in notices:
        notice.facts = {**notice.facts, "text": ""}
        if notice.mail_state == MailState.DUE:
            notice.mail_state, notice.mail_due_at = MailState.DROPPED, None
    Notice.objects.bulk_update(notices, ["facts", "mail_state", "mail_due_at"], batch_size=500)


def _comment_tell(
    actor: Actor,
    change: EngineeringChange,
    thread: DiscussionThread,
    comment: Comment,
    kind: NoticeKind,
    people: Collection[uuid.UUID | None],
) -> None:
    called = _tell(
        actor, change, thread, NoticeKind.DISCUSSION_MENTION, people_mentioned(comment.text), comment.pk, comment.text
    )
    # Whoever wants to hear nothing of mentions, but of replies, is told of the reply.
    rest = set(people) - {notice.recipient_id for notice in called}
    _tell(actor, change, thread, kind, rest, comment.pk, comment.text)


def _tell(
    actor: Actor,
    change: EngineeringChange,
    thread: DiscussionThread,
    kind: NoticeKind,
    people: Collection[uuid.UUID | None],
    source: uuid.UUID,
    text: str,
) -> list[Notice]:
    recipients = [person for person in people if person is not None]
    if not recipients:
        return []
    return notice_send(
        actor=actor,
        kind=kind,
        recipients=recipients,
        source=source,
        subject_id=change.pk,
        facts={
            "change_number": change.change_number,
            "change_title": change.change_title,
            "by": actor.label,
            "anchor": thread.anchor,
            "said": thread.said,
            "text": text[:LONGEST_TEXT],
        },
        target=Target("collaboration:discussion", (str(thread.pk),)),
    )
