"""Change requests in lists and alone, and what has become of one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Case, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from changes.choices import Priority, RequestStatus
from changes.models import ChangeRequest, EngineeringChange, RequestProduct
from plm_project.core.exceptions import NotFound, ValidationFailed
from products.models import Product

SORT_FIELDS = ("created_at", "updated_at", "request_number", "title", "status", "priority")
SORT_ORDERS = ("asc", "desc")
# What the story names when it was edited.
EDITED = ("title", "description", "proposal", "change_type", "priority", "urgency")


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One write of a request. ``status``: the state it came to with it, "" where it stayed; ``why`` is what was said,
    ``edited`` the names of the fields that were."""

    when: dt.datetime
    who: str
    status: str
    why: str
    edited: tuple[str, ...]


def request_list(
    *,
    q: str = "",
    status: Sequence[str] = (),
    change_type: Sequence[str] = (),
    priority: Sequence[str] = (),
    requester_id: uuid.UUID | None = None,
    product_id: uuid.UUID | None = None,
    order_id: uuid.UUID | None = None,
    sort_by: str = "created_at",
    sort_order: str = "desc",
) -> QuerySet[ChangeRequest]:
    """Return requests with their people, products and changes, newest first by default. ``q`` looks in number, title and
    both texts. Sorted by priority the most important come first. Raises ValidationFailed for an unknown sort.
    """
    if sort_by not in SORT_FIELDS or sort_order not in SORT_ORDERS:
        raise ValidationFailed.field("sort_by", _("Sort by one of: %s") % ", ".join(SORT_FIELDS))
    rows = request_detail()
    for word in q.split():
        rows = rows.filter(
            Q(request_number__icontains=word)
            | Q(title__icontains=word)
            | Q(description__icontains=word)
            | Q(proposal__icontains=word)
        )
    for name, wanted in (("status", status), ("change_type", change_type), ("priority", priority)):
        if wanted:
            rows = rows.filter(**{f"{name}__in": list(wanted)})
    if requester_id is not None:
        rows = rows.filter(created_by_id=requester_id)
    if order_id is not None:
        rows = rows.filter(order_id=order_id)
    if product_id is not None:
        rows = rows.filter(pk__in=RequestProduct.objects.filter(product_id=product_id).values("request_id"))
    sign = "-" if sort_order == "desc" else ""
    if sort_by == "priority":
        rows = rows.annotate(weight=_weight())
        return rows.order_by(f"{sign}weight", "-created_at", "-id")
    return rows.order_by(f"{sign}{sort_by}", f"{sign}id")


def request_detail(request_id: uuid.UUID | str | None = None) -> QuerySet[ChangeRequest]:
    """Return requests with everything a page or an answer shows, in a fixed number of queries."""
    products = RequestProduct.objects.select_related("product").order_by("created_at", "id")
    rows = ChangeRequest.objects.select_related("created_by", "answered_by", "order").prefetch_related(
        Prefetch("products", queryset=products)
    )
    return rows.filter(pk=request_id) if request_id is not None else rows.order_by("-created_at", "-id")


def request_get(request_id: uuid.UUID) -> ChangeRequest:
    """Return one request with everything; raise NotFound."""
    request = request_detail(request_id).first()
    if request is None:
        raise NotFound(_("There is no such change request."))
    return request


def requests_of_change(change: EngineeringChange) -> QuerySet[ChangeRequest]:
    """Return the requests that a change answers, the first first."""
    return request_detail().filter(order=change).order_by("created_at", "id")


def products_not_in(request: ChangeRequest, change: EngineeringChange) -> list[Product]:
    """Return what the request is about and the change does not affect. No query beyond ``request_detail`` and
    ``change_detail``.
    """
    affected = {entry.product_id for entry in change.affected.all()}
    return [product for product in request.products_asked() if product.pk not in affected]


def request_story(request: ChangeRequest) -> list[RequestEvent]:
    """Return everything that happened to a request, newest first. One query."""
    rows = list(ChangeRequest.history.filter(id=request.pk))
    rows.sort(key=lambda row: (row.history_date, row.version))
    told = [_event(row, None) for row in rows[:1]]
    told += [_event(row, before) for before, row in pairwise(rows)]
    return told[::-1]


def _event(row: Any, before: Any) -> RequestEvent:
    moved = before is None or row.status != before.status
    return RequestEvent(
        when=row.history_date,
        who=row.history_actor,
        status=row.status if moved else "",
        why=row.history_change_reason or "",
        edited=() if before is None else tuple(name for name in EDITED if getattr(row, name) != getattr(before, name)),
    )


def _weight() -> Case:
    """Low to critical, in the order of the choices."""
    whens = [When(priority=value, then=Value(place)) for place, value in enumerate(Priority.values)]
    return Case(*whens, default=Value(0), output_field=IntegerField())


def open_request_count() -> int:
    """Return how many requests wait for an answer."""
    return ChangeRequest.objects.filter(status=RequestStatus.OPEN).count()
