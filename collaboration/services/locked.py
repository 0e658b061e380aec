"""Rows under lock, or a refusal. The session's row comes first, always: it guards all that hangs on it."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from collaboration import permissions
from collaboration.exceptions import NoSuchSession
from collaboration.lifecycle import is_host_or_manager
from collaboration.models import CollaborationSession, SessionParticipant
from collaboration.selectors.access import Access, role_now
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied


def session_locked(actor: Actor, session_id: uuid.UUID) -> Access:
    """Return a session the actor may see, locked to the end of the transaction, with their role in it.

    The role is read after the lock: whoever is removed at the same time is removed, or was still in.
    """
    actor.require(permissions.COLLABORATION_READ)
    session = CollaborationSession.objects.select_for_update().filter(pk=session_id).first()
    if session is None:
        raise NoSuchSession
    role = SessionParticipant.objects.filter(session=session, user_id=actor.user_id).values_list("role", flat=True)
    own = role.first() if actor.user_id else None
    if own is None and not actor.may(permissions.COLLABORATION_MANAGE):
        raise NoSuchSession
    return Access(session, role_now(actor, own), takes_part=own is not None)


def person_of(actor: Actor) -> User:
    """Return the person behind the actor; raise PermissionDenied for the system, which is nobody in a room."""
    user = User.objects.filter(pk=actor.user_id).first() if actor.user_id else None
    if user is None:
        raise PermissionDenied(_("Only a person can do this."))
    return user


def session_to_run(actor: Actor, session_id: uuid.UUID, *, expected_version: int | None = None) -> Access:
    """Return a session the actor hosts or manages, locked. Raises NoSuchSession, PermissionDenied, PreconditionFailed."""
    access = session_locked(actor, session_id)
    actor.require(permissions.COLLABORATION_UPDATE)
    if refusal := is_host_or_manager(access.session, actor):
        raise PermissionDenied(refusal)
    access.session.expect_version(expected_version)
    return access


def session_to_edit(actor: Actor, session_id: uuid.UUID, *, expected_version: int | None = None) -> Access:
    """The same for a session that has not ended (else Conflict)."""
    access = session_to_run(actor, session_id, expected_version=expected_version)
    if not access.session.is_open:
        raise Conflict(_("The session has ended; it can only be read."))
    return access
