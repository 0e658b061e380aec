"""Who gets into which session."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from collaboration import permissions
from collaboration.choices import WRITERS, ParticipantRole
from collaboration.exceptions import NoSuchSession
from collaboration.models import CollaborationSession, SessionParticipant
from plm_project.core.actor import Actor


@dataclass(frozen=True)
class Access:
    """A session the actor may see. ``role`` is what they are in it now; whoever manages sessions without taking part
    reads along as a viewer."""

    session: CollaborationSession
    role: ParticipantRole
    takes_part: bool


def sessions_open_to(actor: Actor) -> QuerySet[CollaborationSession]:
    """Return the sessions the actor may see: those they take part in, or all of the tenant's for who manages them."""
    rows = CollaborationSession.objects.all()
    if actor.may(permissions.COLLABORATION_MANAGE):
        return rows
    mine = SessionParticipant.objects.filter(user_id=actor.user_id)
    return rows.filter(pk__in=mine.order_by().values("session_id"))


def session_access(actor: Actor, session_id: uuid.UUID) -> Access:
    """Return the session with the actor's role in it; raise PermissionDenied, NoSuchSession."""
    actor.require(permissions.COLLABORATION_READ)
    own = SessionParticipant.objects.filter(session_id=OuterRef("pk"), user_id=actor.user_id).order_by()
    session = (
        CollaborationSession.objects.select_related("owner")
        .annotate(own_role=Subquery(own.values("role")[:1]))
        .filter(pk=session_id)
        .first()
    )
    if session is None or not (session.own_role or actor.may(permissions.COLLABORATION_MANAGE)):
        raise NoSuchSession
    return Access(session, role_now(actor, session.own_role), takes_part=session.own_role is not None)


def role_now(actor: Actor, role: str | None) -> ParticipantRole:
    """Return the role as far as the actor's own permissions carry it."""
    if role in WRITERS and actor.may(permissions.COLLABORATION_UPDATE):
        return ParticipantRole(role)
    return ParticipantRole.VIEWER
