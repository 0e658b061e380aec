"""Sessions that everybody has left are ended, so that "active" means that something is going on."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from collaboration.choices import SessionStatus
from collaboration.models import CollaborationSession, SessionPresence
from collaboration.services.moving import session_end
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope


def sessions_end_idle(*, actor: Actor, idle: dt.timedelta) -> list[uuid.UUID]:
    """End the tenant's active sessions in which for ``idle`` nobody wrote, came, went or was present.

    Each ends in a transaction of its own. Returns the ids. Raises ValidationFailed for less than a minute: people who
    look something up are not gone.
    """
    if idle < dt.timedelta(minutes=1):
        raise ValidationFailed.field("hours", _("Wait at least a minute."))
    moment = clock.now() - idle
    ended = []
    for session_id in list(_idle_since(moment).order_by("last_active_at").values_list("pk", flat=True)):
        with transaction.atomic():
            if _idle_since(moment).select_for_update().filter(pk=session_id).first() is None:
                continue  # somebody came back meanwhile
            session_end(actor=actor, session_id=session_id, reason=_("Nobody has been here for a long time."))
        ended.append(session_id)
    return ended


def end_idle_of(tenants: Sequence[Tenant], *, idle: dt.timedelta, label: str) -> dict[str, list[uuid.UUID]]:
    """Do so tenant by tenant, each in its scope; return the ids by the tenants' slugs. ``label`` is who did it."""
    ended: dict[str, list[uuid.UUID]] = {}
    for tenant in tenants:
        actor = Actor.system(tenant.pk, label)
        with acting_as(actor), tenant_scope(tenant.pk):
            ended[tenant.slug] = sessions_end_idle(actor=actor, idle=idle)
    return ended


def _idle_since(moment: dt.datetime) -> QuerySet[CollaborationSession]:
    present = SessionPresence.objects.filter(expires_at__gt=moment).order_by().values("session_id")
    rows = CollaborationSession.objects.filter(status=SessionStatus.ACTIVE, last_active_at__lt=moment)
    return rows.exclude(pk__in=present)
