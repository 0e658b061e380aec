"""Change requests, from the side of who asks: ask, edit, take back, ask again; and what every answer has in common. The
answers of analysts are in ``request_answers.py``.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import RequestStatus
from changes.models import ChangeRequest, EngineeringChange, RequestProduct
from changes.models.request import MAX_ANSWER
from changes.request_lifecycle import is_requester
from changes.services.reasons import require_fitting
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed
from plm_project.outbox.events import publish
from plm_project.tenancy.numbering import take_number
from plm_project.tenancy.states import step
from products.models import Product
from products.services.inputs import apply, clean

CHANGEABLE = frozenset({"title", "description", "proposal", "change_type", "priority", "urgency"})
MOST_PRODUCTS = 100


@transaction.atomic
def request_create(*, actor: Actor, data: Mapping[str, Any], products: Sequence[uuid.UUID] = ()) -> ChangeRequest:
    """Ask for a change, with the tenant's next number; ``products`` are the ids of what it is about. All or nothing.

    ``data``: ``title`` and ``description`` (what is wrong), and where it is known ``proposal`` (what is wanted),
    ``change_type``, ``priority`` and ``urgency``. Raises ValidationFailed, also for an unknown product. Publishes
    change_requested.
    """
    actor.require(permissions.REQUESTS_CREATE)
    request = ChangeRequest(tenant_id=actor.tenant_id)
    apply(request, data, allowed=CHANGEABLE)
    clean(request, exclude=("request_number",))
    request.request_number = f"CR-{take_number('change_request'):06d}"
    request.save_as(actor, reason=_("asked for"))
    _name_products(actor, request, products)
    publish(actor, events.CHANGE_REQUESTED, entity=request, data=request_facts(request))
    return request


@transaction.atomic
def request_update(
    *,
    actor: Actor,
    request_id: uuid.UUID,
    changes: Mapping[str, Any],
    products: Sequence[uuid.UUID] | None = None,
    expected_version: int | None = None,
) -> ChangeRequest:
    """Edit a request while it is open; who asked alone. ``products``: exactly these from now on; None leaves them.

    Nothing changed: nothing is written. Raises NotFound, PermissionDenied, ValidationFailed, Conflict once it is answered,
    and PreconditionFailed when ``expected_version`` is stale.
    """
    actor.require(permissions.REQUESTS_CREATE)
    request = request_locked(request_id)
    if refusal := is_requester(request, actor):
        raise PermissionDenied(refusal)
    if not request.is_open:
        raise Conflict(
            _("%(number)s is %(status)s; only an open request can be edited.")
            % {"number": request.request_number, "status": request.get_status_display()}
        )
    request.expect_version(expected_version)
    said = sorted(apply(request, changes, allowed=CHANGEABLE))
    if said:
        clean(request)
    if products is not None and (named := _name_products(actor, request, products)):
        said.append(named)
    if not said:
        return request
    return request.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(said)})


@transaction.atomic
def request_withdraw(
    *, actor: Actor, request_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> ChangeRequest:
    """Take back an open request: who asked, or who manages changes. Publishes change_request_answered."""
    actor.require(permissions.REQUESTS_CREATE)
    request = request_moved(actor, request_id, RequestStatus.WITHDRAWN, reason, expected_version)
    return request_answered(actor, request, reason, reason or str(RequestStatus.WITHDRAWN.label))


@transaction.atomic
def request_reopen(
    *, actor: Actor, request_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> ChangeRequest:
    """Ask again for what was declined or withdrawn: who asked, with what is new in ``reason`` (ValidationFailed without).

    Publishes change_requested. An accepted request is opened by who answers (``request_unlink``).
    """
    actor.require(permissions.REQUESTS_CREATE)
    request = request_moved(
        actor, request_id, RequestStatus.OPEN, reason, expected_version,
        only=(RequestStatus.DECLINED, RequestStatus.WITHDRAWN),
    )  # fmt: skip
    request.answer, request.answered_at, request.answered_by = "", None, None
    request.save_as(actor, reason=reason)
    publish(actor, events.CHANGE_REQUESTED, entity=request, data=request_facts(request, reason))
    return request


def requests_free(actor: Actor, order: EngineeringChange, reason: str) -> list[ChangeRequest]:
    """Open the accepted requests of a change that is given up, in the transaction that gives it up and holds its lock.
    The system takes the step, for whoever may give up a change.
    """
    words = _("%(number)s is given up: %(why)s") % {"number": order.change_number, "why": reason}
    freed = []
    for key in accepted_of(order.pk):
        request = request_locked(key)
        if request.status != RequestStatus.ACCEPTED or request.order_id != order.pk:  # taken off it a moment ago
            continue
        request.transition_reason = words
        step(request, "status", RequestStatus.OPEN, Actor.system(actor.tenant_id))
        request.order = None
        freed.append(request_answered(actor, request, words[:MAX_ANSWER], words))
    return freed


def accepted_of(order_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the accepted requests of a change, in the order in which they are locked."""
    rows = ChangeRequest.objects.filter(order_id=order_id, status=RequestStatus.ACCEPTED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def request_answered(actor: Actor, request: ChangeRequest, answer: str, reason: str) -> ChangeRequest:
    """Save a request with what was said to it, and tell who asked."""
    request.answer, request.answered_at, request.answered_by_id = answer, clock.now(), actor.user_id
    request.save_as(actor, reason=reason)
    publish(actor, events.CHANGE_REQUEST_ANSWERED, entity=request, data=request_facts(request, answer))
    return request


def request_locked(request_id: uuid.UUID) -> ChangeRequest:
    """Return the request, locked to the end of the transaction. A change that is locked too comes before it."""
    request = ChangeRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise NotFound(_("There is no such change request."))
    return request


def request_moved(
    actor: Actor,
    request_id: uuid.UUID,
    to: RequestStatus,
    reason: str,
    expected_version: int | None,
    *,
    only: Sequence[RequestStatus] = (),
) -> ChangeRequest:
    """Lock the request and run one transition; the caller saves. ``only``: states that the caller's step begins in.

    Raises NotFound, PreconditionFailed, PermissionDenied, ValidationFailed for a missing or long reason, Conflict.
    """
    require_fitting("reason", reason)
    request = request_locked(request_id)
    request.expect_version(expected_version)
    if only and request.status not in only:
        raise Conflict(
            _("%(number)s is %(status)s.") % {"number": request.request_number, "status": request.get_status_display()}
        )
    request.transition_reason = reason
    step(request, "status", to, actor)
    return request


def request_facts(request: ChangeRequest, comment: str = "") -> dict[str, Any]:
    """Return what every event about a request carries."""
    order = request.order
    return {
        "request_id": request.pk,
        "request_number": request.request_number,
        "title": request.title,
        "change_type": request.change_type,
        "priority": request.priority,
        "urgency": request.urgency,
        "status": request.status,
        "requester_id": request.created_by_id,
        "products": [
            {"product_id": row.product_id, "product_number": row.product.product_number}
            for row in request.products.select_related("product")
        ],
        "order_id": order.pk if order else None,
        "order_number": order.change_number if order else None,
        "comment": comment,
        "occurred_at": clock.now(),
    }


def _name_products(actor: Actor, request: ChangeRequest, wanted: Sequence[uuid.UUID]) -> str:
    """Make the request be about exactly these products; return in words what that changed, "" for nothing."""
    keys = list(dict.fromkeys(wanted))
    if len(keys) > MOST_PRODUCTS:
        raise ValidationFailed.field("products", _("At most %(most)s products.") % {"most": MOST_PRODUCTS})
    named = {row.product_id: row for row in request.products.select_related("product")}
    found = Product.objects.in_bulk([key for key in keys if key not in named])
    if any(key not in named and key not in found for key in keys):
        raise ValidationFailed.field("products", _("There is no such product."))
    gone = [row for key, row in named.items() if key not in keys]
    for row in gone:
        row.soft_delete_as(actor, reason=_("product removed"))
    added = [found[key] for key in keys if key in found]
    for product in added:
        RequestProduct(tenant_id=actor.tenant_id, request=request, product=product).save_as(
            actor, reason=_("product added")
        )
    words = [f"+{product.product_number}" for product in added] + [f"−{row.product.product_number}" for row in gone]
    return " ".join(words)
