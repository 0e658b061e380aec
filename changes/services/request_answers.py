"""What becomes of change requests: accepted with an order, declined, off an order again, and done with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import OPEN_STATUSES, RequestStatus
from changes.models import ChangeRequest, EngineeringChange
from changes.services.affected import attach
from changes.services.changes import change_create
from changes.services.locked import change_locked
from changes.services.reasons import require_fitting
from changes.services.requests import (
    accepted_of,
    request_answered,
    request_facts,
    request_locked,
    request_moved,
)
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.outbox.events import publish
from plm_project.tenancy.states import step

TAKEN_OVER = ("change_type", "priority", "urgency")


@dataclass(frozen=True)
class Accepted:
    """A request and the change that answers it. ``left_out``: number of each product that could not be taken over, and
    why; it stays named on the request, and the change's page shows it.
    """

    request: ChangeRequest
    order: EngineeringChange
    left_out: tuple[tuple[str, str], ...] = ()


@transaction.atomic
def request_accept(
    *,
    actor: Actor,
    request_id: uuid.UUID,
    order_id: uuid.UUID | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Accepted:
    """Accept an open request. With ``order_id`` that open change answers it, as it stands; without, a new draft of the
    actor's does, which takes over title, type, priority, urgency, what is wrong as its reason, what is wanted as its
    description, and the products where they can be affected.

    However many accept at once, one of them makes a change; the others get a Conflict. Raises NotFound, PermissionDenied,
    ValidationFailed for an unknown change, Conflict when the request is not open or the change not any more, and
    PreconditionFailed. Publishes change_request_answered.
    """
    actor.require(permissions.REQUESTS_ANSWER)
    require_fitting("reason", reason)
    linked = _order_to_link(order_id) if order_id else None  # the change's row first: the lock order of this context
    request = request_locked(request_id)
    request.expect_version(expected_version)
    if not request.is_open:
        raise Conflict(
            _("%(number)s is %(status)s already.")
            % {"number": request.request_number, "status": request.get_status_display()}
        )
    order, left_out = (linked, ()) if linked is not None else _order_made(actor, request)
    request.order = order
    step(request, "status", RequestStatus.ACCEPTED, actor)
    said = reason or _("accepted: %(number)s") % {"number": order.change_number}
    request_answered(actor, request, reason, said)
    return Accepted(request, order, left_out)


@transaction.atomic
def request_decline(
    *, actor: Actor, request_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> ChangeRequest:
    """Decline an open request, saying why (ValidationFailed without a reason). Publishes change_request_answered."""
    actor.require(permissions.REQUESTS_ANSWER)
    request = request_moved(actor, request_id, RequestStatus.DECLINED, reason, expected_version)
    return request_answered(actor, request, reason, reason)


@transaction.atomic
def request_unlink(
    *, actor: Actor, request_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> ChangeRequest:
    """Take an accepted request off its change, saying why: it is open again, the change stays. Conflict when the change is
    implemented. Publishes change_request_answered.
    """
    actor.require(permissions.REQUESTS_ANSWER)
    request = request_moved(
        actor, request_id, RequestStatus.OPEN, reason, expected_version, only=(RequestStatus.ACCEPTED,)
    )
    request.order = None
    return request_answered(actor, request, reason, reason)


@transaction.atomic
def requests_finish(*, actor: Actor, order_id: uuid.UUID) -> list[ChangeRequest]:
    """Mark the accepted requests of an implemented change as done; a second time none is left. Publishes
    change_request_answered for each. For the system: the release is the answer.
    """
    done = []
    for key in accepted_of(order_id):
        request = request_locked(key)
        if request.status != RequestStatus.ACCEPTED or request.order_id != order_id:  # somebody was faster
            continue
        step(request, "status", RequestStatus.DONE, actor)
        assert request.order is not None
        request.save_as(actor, reason=_("%(number)s implemented") % {"number": request.order.change_number})
        publish(actor, events.CHANGE_REQUEST_ANSWERED, entity=request, data=request_facts(request, request.answer))
        done.append(request)
    return done


def _order_to_link(order_id: uuid.UUID) -> EngineeringChange:
    if not EngineeringChange.objects.filter(pk=order_id).exists():
        raise ValidationFailed.field("order_id", _("There is no such change."))
    order = change_locked(order_id)
    if order.status not in OPEN_STATUSES:
        message = _("%(number)s is %(status)s; name one that is still open.") % {
            "number": order.change_number,
            "status": order.get_status_display(),
        }
        raise Conflict(message, details={"order_id": [message]})
    return order


def _order_made(actor: Actor, request: ChangeRequest) -> tuple[EngineeringChange, tuple[tuple[str, str], ...]]:
    data: dict[str, Any] = {
        "change_title": request.title,
        "reason_for_change": request.description,
        "change_description": request.proposal,
        **{name: getattr(request, name) for name in TAKEN_OVER},
    }
    order = change_create(actor=actor, data=data)
    left_out = []
    for row in request.products.select_related("product"):
        try:
            attach(actor, order, row.product_id, None)
        except ValidationFailed as refusal:  # deleted since, or nothing of it is released or in work
            why = "; ".join(text for texts in refusal.details.values() for text in texts) or str(refusal.message)
            left_out.append((row.product.product_number, why))
    return order, tuple(left_out)
