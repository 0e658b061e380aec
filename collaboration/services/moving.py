"""The steps of a session: start and end. Each is told in the room and published."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from collaboration import events
from collaboration.choices import SessionStatus
from collaboration.messages import session_changed
from collaboration.models import CollaborationSession
from collaboration.services.facts import ending_facts, session_facts
from collaboration.services.locked import session_to_run
from collaboration.services.telling import tell
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.outbox.events import publish
from plm_project.tenancy.states import step

MAX_REASON = 500


@transaction.atomic
def session_start(*, actor: Actor, session_id: uuid.UUID, expected_version: int | None = None) -> CollaborationSession:
    """Begin: people write and draw from now on. A host, or who manages sessions. Publishes collaboration_started.

    Raises NoSuchSession, PermissionDenied, PreconditionFailed, and Conflict when it has begun or ended already.
    """
    session = session_to_run(actor, session_id, expected_version=expected_version).session
    step(session, "status", SessionStatus.ACTIVE, actor)
    session.started_at = session.last_active_at = clock.now()
    session.save_as(actor, reason=_("started"), update_fields=["status", "started_at", "last_active_at"])
    publish(actor, events.COLLABORATION_STARTED, entity=session, data=session_facts(session))
    tell(session.pk, session_changed(session))
    return session


@transaction.atomic
def session_end(
    *, actor: Actor, session_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> CollaborationSession:
    """End a session, or call off one that has not begun (then with a ``reason``). Everything stays readable.

    Publishes collaboration_ended with its length and what was stored. Raises as ``session_start``, and
    ValidationFailed when the reason is missing or too long.
    """
    if len(reason) > MAX_REASON:
        raise ValidationFailed.field("reason", _("At most %(limit)d characters are kept.") % {"limit": MAX_REASON})
    session = session_to_run(actor, session_id, expected_version=expected_version).session
    session.transition_reason = reason
    step(session, "status", SessionStatus.ENDED, actor)
    session.ended_at, session.end_reason = clock.now(), reason.strip()
    session.save_as(actor, reason=reason or _("ended"), update_fields=["status", "ended_at", "end_reason"])
    publish(
        actor, events.COLLABORATION_ENDED, entity=session, data={**session_facts(session), **ending_facts(session)}
    )
    tell(session.pk, session_changed(session))
    return session
