"""What an operator does: send again, discard, take on."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from integrations import permissions
from integrations.choices import DeliveryState
from integrations.models import Delivery
from integrations.workers import send_after_commit
from plm_project.accounts.models import Membership
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.tenancy.states import step

MOST = 10_000  # deliveries sent again in one go
# From these an operator may have it sent again; one that waits or is being sent is on its way already.
AGAIN = (DeliveryState.REVIEW, DeliveryState.DELIVERED, DeliveryState.DISCARDED)


@transaction.atomic
def delivery_replay(*, actor: Actor, delivery_id: uuid.UUID, fresh: bool = False) -> Delivery:
    """Send one again, now. ``fresh``: with a payload made anew from what we hold today, for what was not fit to send;
    else exactly what was sent, which the other side may recognise. Raises NotFound; Conflict when it is on its way.
    """
    actor.require(permissions.INTEGRATIONS_OPERATE)
    delivery = _locked(delivery_id)
    if delivery.state not in AGAIN:
        raise Conflict(_("It is on its way already."))
    return _again(actor, delivery, fresh)


@transaction.atomic
def deliveries_replay(
    *,
    actor: Actor,
    ids: Sequence[uuid.UUID] | None = None,
    neighbour_key: str = "",
    states: Sequence[str] = (DeliveryState.REVIEW,),
    since: dt.datetime | None = None,
) -> int:
    """Send many again: these, or all of a neighbour in ``states`` made since a moment. Returns how many.

    Raises ValidationFailed when neither says which, and when they are more than ``MOST``.
    """
    actor.require(permissions.INTEGRATIONS_OPERATE)
    if unknown := set(states) - set(AGAIN):
        raise ValidationFailed.field("states", _("Not to be sent again: %(states)s") % {"states": ", ".join(unknown)})
    if ids is None and not neighbour_key and since is None:
        raise ValidationFailed(_("Say which: deliveries, a neighbour, or since when."))
    rows = Delivery.objects.filter(state__in=states)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    if neighbour_key:
        rows = rows.filter(target__neighbour_key=neighbour_key)
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    found = list(rows.select_for_update(of=("self",)).select_related("target").order_by("id")[: MOST + 1])
    if len(found) > MOST:
        raise ValidationFailed(_("More than %(most)d: narrow it down.") % {"most": MOST})
    for delivery in found:
        _again(actor, delivery, fresh=delivery.payload is None)
    return len(found)


@transaction.atomic
def delivery_discard(*, actor: Actor, delivery_id: uuid.UUID, reason: str) -> Delivery:
    """Decide that one need not arrive. What waits behind it goes on. Raises ValidationFailed without a reason."""
    actor.require(permissions.INTEGRATIONS_OPERATE)
    delivery = _locked(delivery_id)
    delivery.transition_reason = reason
    step(delivery, "state", DeliveryState.DISCARDED, actor)
    delivery.reason = reason.strip()[:1000]
    delivery.save_as(actor, reason=_("discarded: %(why)s") % {"why": delivery.reason})
    send_after_commit(actor.tenant_id, [(delivery.target_id, delivery.target.neighbour_key)])
    return delivery


@transaction.atomic
def delivery_assign(*, actor: Actor, delivery_id: uuid.UUID, user_id: uuid.UUID | None) -> Delivery:
    """Say who looks after one; None: nobody. Raises ValidationFailed for who is no member."""
    actor.require(permissions.INTEGRATIONS_OPERATE)
    delivery = _locked(delivery_id)
    if user_id is not None and not Membership.objects.filter(user_id=user_id).exists():
        raise ValidationFailed.field("user_id", _("There is no such person in this tenant."))
    delivery.assignee_id = user_id
    return delivery.save_as(actor, reason=_("taken on") if user_id else _("given back"))


def _again(actor: Actor, delivery: Delivery, fresh: bool) -> Delivery:
    step(delivery, "state", DeliveryState.WAITING, actor)
    delivery.next_try_at, delivery.failed_in_row, delivery.reason, delivery.delivered_at = clock.now(), 0, "", None
    if fresh:
        delivery.payload = None
    delivery.save_as(actor, reason=_("made anew and sent again") if fresh else _("sent again"))
    send_after_commit(actor.tenant_id, [(delivery.target_id, delivery.target.neighbour_key)])
    return delivery


def _locked(delivery_id: uuid.UUID) -> Delivery:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("target")
    delivery: Delivery | None = rows.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound(_("There is no such delivery."))
    return delivery
