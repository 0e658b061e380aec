"""Sessions: create, edit, delete."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from collaboration import permissions
from collaboration.choices import ParticipantRole, SessionStatus
from collaboration.messages import session_changed
from collaboration.models import CollaborationSession
from collaboration.services.links import link_change, link_product
from collaboration.services.locked import session_to_edit
from collaboration.services.notice_rooms import invited_tell
from collaboration.services.participants import invite
from collaboration.services.telling import tell
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from products.services.inputs import apply, clean

CHANGEABLE = frozenset({"title", "description", "features", "scheduled_for"})


@transaction.atomic
def session_create(
    *,
    actor: Actor,
    data: Mapping[str, Any],
    participants: Sequence[tuple[uuid.UUID, str]] = (),
    products: Sequence[uuid.UUID] = (),
    changes: Sequence[uuid.UUID] = (),
    owner_id: uuid.UUID | None = None,
) -> CollaborationSession:
    """Open a session as scheduled. The actor owns it and is its first host. All or nothing.

    ``data`` holds title, description, features and scheduled_for; ``participants`` pairs of user id and role;
    ``products`` and ``changes`` what it is about. The system names the ``owner_id``. Raises ValidationFailed naming
    the field, and Conflict for a product, change or person given twice.
    """
    actor.require(permissions.COLLABORATION_CREATE)
    refused = sorted(set(data) - CHANGEABLE)
    if refused:
        raise ValidationFailed(
            _("These fields cannot be set."), details={name: [_("Cannot be set.")] for name in refused}
        )
    owner = owner_id if actor.kind == "system" else actor.user_id
    if owner is None:
        raise ValidationFailed.field("owner_id", _("A session has an owner."))
    session = CollaborationSession(tenant_id=actor.tenant_id, owner_id=owner, **data)
    clean(session, exclude=("owner",))
    session.save_as(actor, reason=_("created"))
    entries = [invite(actor, session, owner, ParticipantRole.HOST)]
    entries += [invite(actor, session, user_id, role) for user_id, role in participants if user_id != owner]
    invited_tell(actor, session, entries)
    for product_id in products:
        link_product(actor, session, product_id)
    for change_id in changes:
        link_change(actor, session, change_id)
    return session


@transaction.atomic
def session_update(
    *, actor: Actor, session_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> CollaborationSession:
    """Edit a session that has not ended; a host, or who manages sessions. Nothing changed: nothing is written.

    Raises NoSuchSession, PermissionDenied, Conflict, ValidationFailed, and PreconditionFailed when
    ``expected_version`` is stale.
    """
    session = session_to_edit(actor, session_id, expected_version=expected_version).session
    differences = apply(session, changes, allowed=CHANGEABLE)
    if differences:
        clean(session, exclude=("owner",))
        session.save_as(
            actor,
            reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))},
            update_fields=sorted(differences),
        )
        tell(session.pk, session_changed(session))
    return session


@transaction.atomic
def session_delete(
    *, actor: Actor, session_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> CollaborationSession:
    """Take a session out of sight that has not begun. What began is ended instead (Conflict)."""
    session = session_to_edit(actor, session_id, expected_version=expected_version).session
    if session.status != SessionStatus.SCHEDULED:
        raise Conflict(_("The session has begun: end it instead."))
    return session.soft_delete_as(actor, reason=reason or _("deleted"))
