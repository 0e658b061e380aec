"""Changes in lists and alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.utils.translation import gettext as _

from changes.choices import ChangeStatus, RedlineOperation
from changes.models import (
    AffectedProduct,
    Approval,
    ChangePolicy,
    EngineeringChange,
    FastTrack,
    Redline,
    ReleasePackage,
)
from changes.selectors.approvals import approvals_waiting_for
from changes.selectors.dispositions import disposition_list
from changes.selectors.requests import request_detail
from plm_project.core.exceptions import NotFound, ValidationFailed
from products.models import BomLine, Product

SORT_FIELDS = ("created_at", "updated_at", "change_number", "change_title", "status", "cost_impact", "submitted_at")
SORT_ORDERS = ("asc", "desc")


def change_list(
    *,
    q: str = "",
    status: Sequence[str] = (),
    change_type: Sequence[str] = (),
    priority: Sequence[str] = (),
    author_id: uuid.UUID | None = None,
    mine: uuid.UUID | None = None,
    waiting_for: uuid.UUID | None = None,
    product_id: uuid.UUID | None = None,
    fast_track: bool | None = None,
    sort_by: str = "created_at",
    sort_order: str = "desc",
) -> QuerySet[EngineeringChange]:
    """Return changes, newest first by default. ``q`` looks in number, title and description.

    ``mine`` is a user id: what they wrote, or has to be decided by them now; ``waiting_for`` the latter alone.
    ``fast_track``: only those that went it, or only the others. Raises ValidationFailed for an unknown sort.
    """
    if sort_by not in SORT_FIELDS or sort_order not in SORT_ORDERS:
        raise ValidationFailed.field("sort_by", _("Sort by one of: %s") % ", ".join(SORT_FIELDS))
    rows = EngineeringChange.objects.select_related("created_by").annotate(
        affected_count=Count("affected", filter=Q(affected__is_deleted=False), distinct=True),
        on_fast_track=fast_track_now(),
    )
    for word in q.split():
        rows = rows.filter(
            Q(change_number__icontains=word) | Q(change_title__icontains=word) | Q(change_description__icontains=word)
        )
    for name, wanted in (("status", status), ("change_type", change_type), ("priority", priority)):
        if wanted:
            rows = rows.filter(**{f"{name}__in": list(wanted)})
    if author_id is not None:
        rows = rows.filter(created_by_id=author_id)
    if mine is not None:
        rows = rows.filter(
            Q(created_by_id=mine) | Q(pk__in=approvals_waiting_for(mine).order_by().values("change_id"))
        )
    if waiting_for is not None:
        rows = rows.filter(pk__in=approvals_waiting_for(waiting_for).order_by().values("change_id"))
    if product_id is not None:
        rows = rows.filter(pk__in=AffectedProduct.objects.filter(product_id=product_id).values("change_id"))
    if fast_track is not None:
        rows = rows.filter(on_fast_track=fast_track)
    sign = "-" if sort_order == "desc" else ""
    return rows.order_by(f"{sign}{sort_by}", f"{sign}id")


def fast_track_now() -> ExpressionWrapper:
    """Whether what was submitted last went the fast track; a draft is submitted anew."""
    tracks = FastTrack.objects.filter(change=OuterRef("pk"), round=OuterRef("round"))
    return ExpressionWrapper(Q(Exists(tracks)) & ~Q(status=ChangeStatus.DRAFT), output_field=BooleanField())


def fast_track_matters() -> bool:
    """Whether the tenant has a fast track, or ever had one that something went. One query."""
    ever = Q(fast_track_conditions__isnull=False) | Q(Exists(FastTrack.objects.all()))
    return ChangePolicy.objects.filter(ever).exists()


def change_detail(change_id: uuid.UUID | str | None = None) -> QuerySet[EngineeringChange]:
    """Return changes with everything a page or an answer shows, in a fixed number of queries."""
    approvals = Approval.objects.select_related("approver", "decided_by", "delegation")
    rows = EngineeringChange.objects.select_related("created_by", "implemented_by").prefetch_related(
        Prefetch("affected", queryset=affected_list()),
        Prefetch("redlines", queryset=redline_list()),
        Prefetch("dispositions", queryset=disposition_list().order_by("created_at", "id")),
        Prefetch("approvals", queryset=approvals.order_by("-round", "created_at", "id")),
        "requirements",
        "fast_tracks",
        Prefetch("requests", queryset=request_detail().order_by("created_at", "id")),
    )
    rows = rows.annotate(on_fast_track=fast_track_now())
    return rows.filter(pk=change_id) if change_id is not None else rows.order_by("-created_at", "-id")


def change_get(change_id: uuid.UUID) -> EngineeringChange:
    """Return one change with everything; raise NotFound."""
    change = change_detail(change_id).first()
    if change is None:
        raise NotFound(_("There is no such change."))
    return change


def change_by_number(number: str) -> EngineeringChange:
    """Return one change by its number; raise NotFound."""
    change = EngineeringChange.objects.filter(change_number=number).first()
    if change is None:
        raise NotFound(_("There is no change %(number)s.") % {"number": number})
    return change


def release_package_of(change: EngineeringChange) -> ReleasePackage | None:
    """Return what was sealed of a released change; None for one that is not released, or not sealed yet."""
    return ReleasePackage.objects.filter(change=change).select_related("change").first()


def changes_of_product(product: Product) -> QuerySet[EngineeringChange]:
    """Return the changes that affect a product, newest first."""
    return change_list(product_id=product.pk)


def affected_list(change: EngineeringChange | None = None) -> QuerySet[AffectedProduct]:
    """Return affected products (of one change) in the order in which they were added."""
    rows = AffectedProduct.objects.select_related("product", "base_revision", "resulting_revision", "replacement")
    rows = rows.order_by("created_at", "id")
    return rows.filter(change=change) if change is not None else rows


def redline_results(change: EngineeringChange | None = None) -> QuerySet[Redline]:
    """Return redlines as ``redline_list`` with ``resulting_line_id``: the line that implementing made of each, None
    before and for a removal. Looked up row by row, so read a page of them.
    """
    continuing = BomLine.objects.filter(
        parent_revision_id=OuterRef("affected__resulting_revision_id"), predecessor_id=OuterRef("line_id")
    )
    result = Case(
        When(Q(affected__resulting_revision=None) | Q(operation=RedlineOperation.REMOVE), then=Value(None)),
        When(operation=RedlineOperation.ADD, then=F("id")),
        When(affected__resulting_revision=F("affected__base_revision"), then=F("line_id")),  # edited in place
        default=Subquery(continuing.order_by().values("pk")[:1]),
        output_field=UUIDField(),
    )
    return redline_list(change).annotate(resulting_line_id=result)


def redline_list(change: EngineeringChange | None = None) -> QuerySet[Redline]:
    """Return redlines (of one change) in their order."""
    rows = Redline.objects.select_related("affected__product", "line__child", "child").order_by("position", "id")
    return rows.filter(change=change) if change is not None else rows
