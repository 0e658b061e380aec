"""Coming, staying and going. A presence is a lease: what a killed server leaves behind runs out by itself."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from collaboration.messages import user_came
from collaboration.models import CollaborationSession, SessionPresence
from collaboration.models.presence import LEASE
from collaboration.selectors.access import Access
from collaboration.services.locked import person_of, session_locked
from collaboration.services.telling import tell
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import RateLimited

MOST_CONNECTIONS = 8  # of one person in one session


@transaction.atomic
def presence_enter(*, actor: Actor, session_id: uuid.UUID, connection: uuid.UUID) -> Access:
    """Come in with one connection; the others are told. Entering again renews the lease.

    Returns the session, locked, with the role. Raises NoSuchSession, PermissionDenied, and RateLimited when the person
    is here with 8 connections already.
    """
    access = session_locked(actor, session_id)
    user = person_of(actor)
    moment = clock.now()
    mine = SessionPresence.objects.filter(session=access.session, user=user, expires_at__gt=moment)
    if mine.exclude(connection=connection).count() >= MOST_CONNECTIONS:
        raise RateLimited(_("You are in this session %(limit)d times already.") % {"limit": MOST_CONNECTIONS})
    SessionPresence.objects.filter(session=access.session, connection=connection).delete()
    SessionPresence(
        tenant_id=actor.tenant_id,
        session=access.session,
        user=user,
        connection=connection,
        expires_at=moment + LEASE,
    ).save(force_insert=True)
    CollaborationSession.objects.filter(pk=access.session.pk).update(last_active_at=moment)
    tell(access.session.pk, user_came("user_joined", access.session.pk, user, moment), origin=connection)
    return access


@transaction.atomic
def presence_renew(*, actor: Actor, session_id: uuid.UUID, connection: uuid.UUID) -> None:
    """Hold the lease for another minute; one that ran out is taken again. Raises as ``presence_enter``."""
    renewed = SessionPresence.objects.filter(
        session_id=session_id, connection=connection, expires_at__gt=clock.now()
    ).update(expires_at=clock.now() + LEASE)
    if not renewed:
        presence_enter(actor=actor, session_id=session_id, connection=connection)


@transaction.atomic
def presence_leave(*, session_id: uuid.UUID, connection: uuid.UUID) -> None:
    """Go. The others are told when it was the person's last connection. Leaving twice changes nothing.

    Takes no actor: a line can be lost by somebody who may do nothing here any more.
    """
    if CollaborationSession.all_objects.select_for_update().filter(pk=session_id).first() is None:
        return
    _forget(session_id, list(SessionPresence.objects.filter(session_id=session_id, connection=connection)))
    CollaborationSession.objects.filter(pk=session_id).update(last_active_at=clock.now())


@transaction.atomic
def presence_sweep(*, session_id: uuid.UUID) -> None:
    """Let those go whose lease ran out: their line, or the server it led to, is dead."""
    expired = SessionPresence.objects.filter(session_id=session_id, expires_at__lte=clock.now())
    if expired.exists():
        CollaborationSession.all_objects.select_for_update().filter(pk=session_id).first()
        _forget(session_id, list(expired.all()))


def _forget(session_id: uuid.UUID, rows: list[SessionPresence]) -> None:
    moment = clock.now()
    SessionPresence.objects.filter(pk__in=[row.pk for row in rows]).delete()
    gone = {row.user_id for row in rows}
    live = SessionPresence.objects.filter(session_id=session_id, user_id__in=gone, expires_at__gt=moment)
    gone -= set(live.values_list("user_id", flat=True))
    for user in User.objects.filter(pk__in=gone):
        tell(session_id, user_came("user_left", session_id, user, moment))
