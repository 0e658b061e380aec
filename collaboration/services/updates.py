"""The one door by which anything gets into a session's log: the socket's and the API's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from collaboration.choices import WRITERS
from collaboration.exceptions import NotActive, OnlyReading
from collaboration.messages import MAX_REQUEST, update_message
from collaboration.models import CollaborationSession, SessionParticipant, SessionUpdate
from collaboration.payloads import Chat, Payload, read_payload
from collaboration.services.board import board_apply
from collaboration.services.locked import person_of, session_locked
from collaboration.services.notice_rooms import mentioned_tell
from collaboration.services.telling import tell
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed


@transaction.atomic
def update_store(
    *, actor: Actor, session_id: uuid.UUID, update: Any, request: str = "", origin: uuid.UUID | None = None
) -> SessionUpdate:
    """Store an update under the session's next number, change the board by it, and tell the others after the commit.

    ``request`` is the sender's own id: repeated by the same person in the same session it stores nothing again and
    returns the first update, so a lost acknowledgement is answered by sending again. ``origin`` is the connection that
    already knows. Raises NoSuchSession, PermissionDenied (OnlyReading for a viewer), NotActive, and what
    ``read_payload`` and ``board_apply`` raise; a refused update leaves nothing.
    """
    payload = read_payload(update)
    if len(request) > MAX_REQUEST:
        raise ValidationFailed.field(
            "request", _("Give a text of at most %(limit)d characters.") % {"limit": MAX_REQUEST}
        )
    access = session_locked(actor, session_id)
    session = access.session
    if request and (stored := _stored_before(session, actor, request)):
        return stored
    if access.role not in WRITERS:
        raise OnlyReading
    if not session.is_active:
        raise NotActive
    return _append(actor, session, payload, request, origin)


def _stored_before(session: CollaborationSession, actor: Actor, request: str) -> SessionUpdate | None:
    rows = SessionUpdate.objects.filter(session=session, user_id=actor.user_id, request=request)
    return rows.select_related("user").first()


def _append(
    actor: Actor, session: CollaborationSession, payload: Payload, request: str, origin: uuid.UUID | None
) -> SessionUpdate:
    user, sequence, moment = person_of(actor), session.last_sequence + 1, clock.now()
    if isinstance(payload.known, Chat):
        _require_participants(session, payload.known.mentions)
    elif payload.known is not None:
        board_apply(session, user, payload.known, sequence)
    stored = SessionUpdate(
        tenant_id=session.tenant_id,
        session=session,
        sequence=sequence,
        user=user,
        kind=payload.kind,
        payload=payload.stored,
        request=request,
        timestamp=moment,
    )
    stored.save(force_insert=True)
    CollaborationSession.objects.filter(pk=session.pk).update(last_sequence=sequence, last_active_at=moment)
    if isinstance(payload.known, Chat):
        mentioned_tell(actor, session, stored, payload.known.mentions)
    tell(session.pk, update_message(stored), origin=origin)
    return stored


def _require_participants(session: CollaborationSession, mentions: Sequence[uuid.UUID]) -> None:
    """Only who takes part can be called by name."""
    if not mentions:
        return
    known = SessionParticipant.objects.filter(session=session, user_id__in=mentions).count()
    if known != len(mentions):
        raise ValidationFailed.field("mentions", _("Mention people who take part in the session."))
