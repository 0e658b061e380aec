"""What happens to existing parts: the rows of a change, who has what to do, and what is still undecided."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet

from changes.choices import OVER_STATUSES, TAKING_OUT, AffectedAction, ChangeStatus
from changes.models import AffectedProduct, ChangePolicy, Disposition, EngineeringChange, Redline
from plm_project.core import clock
from plm_project.core.decimals import exact
from products.choices import FROZEN_STATES
from products.models import Product

# What stands in a list: not done, not done and possible now, done, or all. Of a change that is given up nothing is open.
STATES = ("open", "ready", "done", "all")
GIVEN_UP = frozenset({ChangeStatus.CANCELLED, ChangeStatus.REJECTED, ChangeStatus.WITHDRAWN})


@dataclass(frozen=True)
class DispositionCost:
    """A sum in the tenant's currency, and how many rows have no amount."""

    total: Decimal
    unknown: int


def disposition_list(
    change: EngineeringChange | None = None,
    *,
    state: str = "all",
    owner_id: uuid.UUID | None = None,
    is_overdue: bool = False,
    place: Sequence[str] = (),
    action: Sequence[str] = (),
) -> QuerySet[Disposition]:
    """Return dispositions (of one change, in the order in which they were added; of all, the first due first).

    ``state`` open leaves out what is done and what belongs to a change that is rejected, withdrawn or cancelled; so does
    ``is_overdue``, which wants those whose day has passed. ``ready`` are those of implemented changes. One query.
    """
    rows = Disposition.objects.filter(change__is_deleted=False).select_related(
        "change", "affected__product", "product", "owner", "completed_by"
    )
    if state == "done":
        rows = rows.exclude(completed_at=None)
    if state == "ready":
        rows = rows.filter(completed_at=None, change__status=ChangeStatus.IMPLEMENTED)
    if state == "open" or is_overdue:
        rows = rows.filter(completed_at=None).exclude(change__status__in=GIVEN_UP)
    if is_overdue:
        rows = rows.filter(due_on__lt=clock.today())
    if owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    if place:
        rows = rows.filter(place__in=list(place))
    if action:
        rows = rows.filter(action__in=list(action))
    if change is not None:
        return rows.filter(change=change).order_by("created_at", "id")
    return rows.order_by(F("due_on").asc(nulls_last=True), "created_at", "id")


def cost_of(rows: Iterable[Disposition]) -> DispositionCost:
    """Return what rows are planned to cost together."""
    amounts = [row.cost for row in rows]
    with exact():
        return DispositionCost(sum((each for each in amounts if each is not None), Decimal(0)), amounts.count(None))


def dispositions_required() -> bool:
    """Return whether the tenant asks for a decision on the existing parts of every product that was released before."""
    return ChangePolicy.objects.filter(dispositions_required=True).exists()


def existed_before(affected: AffectedProduct) -> bool:
    """Return whether the product was released before, so that something of it may exist."""
    is_first = affected.base_revision_id == affected.resulting_revision_id
    return affected.base_revision.state in FROZEN_STATES and not is_first


def undecided(change: EngineeringChange) -> list[tuple[int, AffectedProduct]]:
    """Return, with their places in the change's list, the affected products that were released before and of which
    nobody has said what happens to existing parts.
    """
    decided = {row.affected_id for row in change.dispositions.all()}
    return [
        (index, entry)
        for index, entry in enumerate(change.affected.all())
        if existed_before(entry)
        and entry.chosen_action != AffectedAction.ADD  # what comes in is used up as ever
        and entry.pk not in decided
        and not entry.no_disposition_reason
    ]


def taken_out(redlines: Iterable[Redline]) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """Return (affected product, part) for every part that redlines remove or replace. They have their lines read."""
    return {
        (redline.affected_id, redline.line.child_id)
        for redline in redlines
        if redline.line is not None and redline.operation in TAKING_OUT
    }


def parts_to_dispose_of(affected: AffectedProduct) -> list[Product]:
    """Return what a disposition may be about: the affected product itself, then the parts that its redlines remove or
    replace, by number. One query beside the product.
    """
    lines = affected.redlines.filter(operation__in=TAKING_OUT).values("line__child_id")
    others = Product.objects.filter(pk__in=lines).exclude(pk=affected.product_id).order_by("product_number")
    return [affected.product, *others]


def is_over(change: EngineeringChange) -> bool:
    """Return whether nothing about the change can be organised any more."""
    return change.status in OVER_STATUSES
