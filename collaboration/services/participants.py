"""Who takes part: invite, change the role, remove, leave. Connections of who is out are cut at once."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from collaboration import permissions
from collaboration.choices import WRITERS, ParticipantRole
from collaboration.exceptions import LastHost
from collaboration.messages import participant_changed
from collaboration.models import CollaborationSession, SessionParticipant
from collaboration.services.locked import session_locked, session_to_run
from collaboration.services.notice_rooms import invited_tell
from collaboration.services.telling import tell
from plm_project.accounts.models import Membership
from plm_project.accounts.permissions import for_roles
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed

MOST_PARTICIPANTS = 100


@transaction.atomic
def participant_add(
    *,
    actor: Actor,
    session_id: uuid.UUID,
    user_id: uuid.UUID,
    role: str = ParticipantRole.EDITOR,
    expected_version: int | None = None,
) -> SessionParticipant:
    """Invite a member of the tenant; a host, or who manages sessions. Also after the end: to read.

    ``expected_version`` is the session's. Raises NoSuchSession, PermissionDenied, ValidationFailed for somebody who is
    no active member, an unknown role, or one that the person's own permissions do not carry; Conflict when they take
    part already or 100 do.
    """
    session = session_to_run(actor, session_id, expected_version=expected_version).session
    entry = invite(actor, session, user_id, role)
    invited_tell(actor, session, [entry])
    return entry


@transaction.atomic
def participant_role_change(
    *, actor: Actor, session_id: uuid.UUID, user_id: uuid.UUID, role: str, expected_version: int | None = None
) -> SessionParticipant:
    """Give a participant another role. It holds from their next message on.

    Raises NoSuchSession, NotFound, PermissionDenied, ValidationFailed, and LastHost for the only host.
    """
    session = session_to_run(actor, session_id).session
    entry = _entry(session, user_id)
    entry.expect_version(expected_version)
    _require_carried(user_id, role)
    if entry.role != role:
        _keep_a_host(entry)
        entry.role = role
        entry.save_as(
            actor,
            reason=_("role: %(role)s") % {"role": ParticipantRole(role).label},
            update_fields=["role"],
        )
        tell(session.pk, participant_changed(session.pk, entry.user, role))
    return entry


@transaction.atomic
def participant_remove(
    *,
    actor: Actor,
    session_id: uuid.UUID,
    user_id: uuid.UUID,
    reason: str = "",
    expected_version: int | None = None,
) -> SessionParticipant:
    """Take somebody out of the session; their connections are closed. What they wrote stays. Raises as above."""
    session = session_to_run(actor, session_id).session
    entry = _entry(session, user_id)
    entry.expect_version(expected_version)
    return _take_out(actor, entry, reason or _("removed"))


@transaction.atomic
def participant_leave(*, actor: Actor, session_id: uuid.UUID) -> SessionParticipant:
    """Leave a session for good: anybody for themselves. The only host cannot (LastHost)."""
    session = session_locked(actor, session_id).session
    if actor.user_id is None:
        raise NotFound(_("This person does not take part in the session."))
    return _take_out(actor, _entry(session, actor.user_id), _("left"))


def invite(actor: Actor, session: CollaborationSession, user_id: uuid.UUID, role: str) -> SessionParticipant:
    """Add a participant to a session that the caller has locked or just made. Raises as ``participant_add``."""
    member = _require_carried(user_id, role)
    others = SessionParticipant.objects.filter(session=session)
    if others.filter(user_id=user_id).exists():
        message = _("%(name)s takes part already.") % {"name": member.user}
        raise Conflict(message, details={"user_id": [message]})
    if others.count() >= MOST_PARTICIPANTS:
        raise Conflict(_("At most %(limit)d people take part in a session.") % {"limit": MOST_PARTICIPANTS})
    entry = SessionParticipant(tenant_id=actor.tenant_id, session=session, user=member.user, role=role)
    entry.save_as(actor, reason=_("invited"))
    tell(session.pk, participant_changed(session.pk, member.user, role))
    return entry


def _entry(session: CollaborationSession, user_id: uuid.UUID) -> SessionParticipant:
    rows = SessionParticipant.objects.select_related("user").filter(session=session, user_id=user_id)
    entry = rows.first()
    if entry is None:
        raise NotFound(_("This person does not take part in the session."))
    entry.session = session
    return entry


def _take_out(actor: Actor, entry: SessionParticipant, reason: str) -> SessionParticipant:
    _keep_a_host(entry)
    entry.soft_delete_as(actor, reason=reason)
    tell(entry.session_id, participant_changed(entry.session_id, entry.user, None))
    return entry


def _keep_a_host(entry: SessionParticipant) -> None:
    """Raise LastHost when ``entry`` is the only host."""
    hosts = SessionParticipant.objects.filter(session_id=entry.session_id, role=ParticipantRole.HOST)
    if entry.role == ParticipantRole.HOST and not hosts.exclude(pk=entry.pk).exists():
        raise LastHost


def _require_carried(user_id: uuid.UUID, role: str) -> Membership:
    """Return the live membership of a person whose permissions carry ``role``; raise ValidationFailed otherwise."""
    if role not in ParticipantRole.values:
        raise ValidationFailed.field("role", _("Give one of: %(values)s") % {"values": ", ".join(ParticipantRole)})
    member = Membership.objects.select_related("user").filter(user_id=user_id, user__is_active=True).first()
    if member is None:
        raise ValidationFailed.field("user_id", _("There is no such member."))
    held = for_roles(member.roles)
    if permissions.COLLABORATION_READ not in held or (
        role in WRITERS and permissions.COLLABORATION_UPDATE not in held
    ):
        raise ValidationFailed.field(
            "role", _("%(name)s can only read here: invite them as a viewer.") % {"name": member.user}
        )
    return member
