"""What happens in rooms and concerns one person: an invitation, a mention."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from collaboration.choices import NoticeKind
from collaboration.models import CollaborationSession, SessionParticipant, SessionUpdate
from collaboration.services.notices import Target, notice_send
from plm_project.accounts.models import User
from plm_project.core.actor import Actor

LONGEST_TEXT = 200  # characters of a message that a notice repeats


def invited_tell(actor: Actor, session: CollaborationSession, entries: Sequence[SessionParticipant]) -> None:
    """Tell those who were invited together. The source is one of the entries made for it: who is removed and invited
    again gets a new entry, and hears of it again.
    """
    if not entries:
        return
    person = User.objects.filter(pk=actor.user_id).first() if actor.user_id else None
    notice_send(
        actor=actor,
        kind=NoticeKind.INVITED,
        recipients=[entry.user_id for entry in entries],
        source=entries[0].pk,
        subject_id=session.pk,
        facts={"session_title": session.title, "by": person.get_full_name() if person else ""},
        target=_room(session),
    )


def mentioned_tell(
    actor: Actor, session: CollaborationSession, stored: SessionUpdate, mentions: Sequence[uuid.UUID]
) -> None:
    """Tell who is called by name in a message."""
    if not mentions:
        return
    notice_send(
        actor=actor,
        kind=NoticeKind.MENTIONED,
        recipients=mentions,
        source=stored.pk,
        subject_id=session.pk,
        facts={
            "session_title": session.title,
            "by": stored.user.get_full_name(),
            "text": stored.payload["text"][:LONGEST_TEXT],
        },
        target=_room(session),
    )


def _room(session: CollaborationSession) -> Target:
    return Target("collaboration:session-detail", (str(session.pk),))
