"""Sessions in lists and alone: only those that are open to the actor."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from collaboration import permissions
from collaboration.exceptions import NoSuchSession
from collaboration.models import CollaborationSession, SessionChange, SessionParticipant, SessionProduct
from collaboration.selectors.access import sessions_open_to
from plm_project.accounts.models import Membership, User
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed

SORT_FIELDS = ("created_at", "updated_at", "title", "status", "scheduled_for", "started_at", "last_active_at")
SORT_ORDERS = ("asc", "desc")


def session_list(
    actor: Actor,
    *,
    q: str = "",
    status: Sequence[str] = (),
    product_id: uuid.UUID | None = None,
    change_id: uuid.UUID | None = None,
    mine: bool = False,
    sort_by: str = "created_at",
    sort_order: str = "desc",
) -> QuerySet[CollaborationSession]:
    """Return the sessions open to the actor, newest first by default. ``q`` looks in title and description.

    ``mine``: those the actor takes part in (who manages sessions sees the others, too). Rows carry
    ``participant_count`` and the actor's ``own_role``. Raises ValidationFailed for an unknown sort.
    """
    if sort_by not in SORT_FIELDS or sort_order not in SORT_ORDERS:
        raise ValidationFailed.field("sort_by", _("Sort by one of: %s") % ", ".join(SORT_FIELDS))
    rows = _with_role(actor, sessions_open_to(actor)).annotate(
        participant_count=Count("participants", filter=Q(participants__is_deleted=False), distinct=True)
    )
    for word in q.split():
        rows = rows.filter(Q(title__icontains=word) | Q(description__icontains=word))
    if status:
        rows = rows.filter(status__in=list(status))
    if product_id is not None:
        rows = rows.filter(pk__in=SessionProduct.objects.filter(product_id=product_id).order_by().values("session_id"))
    if change_id is not None:
        rows = rows.filter(pk__in=SessionChange.objects.filter(change_id=change_id).order_by().values("session_id"))
    if mine:
        taking_part = SessionParticipant.objects.filter(user_id=actor.user_id).order_by()
        rows = rows.filter(pk__in=taking_part.values("session_id"))
    sign = "-" if sort_order == "desc" else ""
    return rows.order_by(f"{sign}{sort_by}", f"{sign}id")


def session_detail(actor: Actor) -> QuerySet[CollaborationSession]:
    """Return the sessions open to the actor with their people and links, in a fixed number of queries."""
    return _with_role(actor, sessions_open_to(actor)).prefetch_related(
        Prefetch("participants", queryset=participant_list()),
        Prefetch("product_links", queryset=SessionProduct.objects.select_related("product")),
        Prefetch("change_links", queryset=SessionChange.objects.select_related("change")),
    )


def session_get(actor: Actor, session_id: uuid.UUID) -> CollaborationSession:
    """Return one session with its people and links; raise PermissionDenied, NoSuchSession."""
    actor.require(permissions.COLLABORATION_READ)
    session = session_detail(actor).filter(pk=session_id).first()
    if session is None:
        raise NoSuchSession
    return session


def participant_list(session_id: uuid.UUID | None = None) -> QuerySet[SessionParticipant]:
    """Return participants (of one session), who came first first."""
    rows = SessionParticipant.objects.select_related("user").order_by("created_at", "id")
    return rows.filter(session_id=session_id) if session_id is not None else rows


def people_to_invite(session: CollaborationSession, q: str = "") -> QuerySet[User]:
    """Return the tenant's members who do not take part yet, by name. ``q`` looks in name and address."""
    members = Membership.objects.order_by().values("user_id")
    taking_part = SessionParticipant.objects.filter(session=session).order_by().values("user_id")
    rows = User.objects.filter(is_active=True, pk__in=members).exclude(pk__in=taking_part)
    for word in q.split():
        rows = rows.filter(Q(full_name__icontains=word) | Q(email__icontains=word))
    return rows.order_by("full_name", "email")


def _with_role(actor: Actor, rows: QuerySet[CollaborationSession]) -> QuerySet[CollaborationSession]:
    own = SessionParticipant.objects.filter(session_id=OuterRef("pk"), user_id=actor.user_id).order_by()
    return rows.select_related("owner").annotate(own_role=Subquery(own.values("role")[:1]))
