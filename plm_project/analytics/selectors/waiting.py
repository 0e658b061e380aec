"""What waits for the person who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from changes import permissions as change_permissions
from changes.choices import ChangeStatus
from changes.models import Approval, EngineeringChange
from changes.selectors import approvals_waiting_for
from plm_project.core.actor import Actor
from products.choices import RevisionState
from products.models import ProductRevision

SHOWN = 8


@dataclass(frozen=True)
class Waiting:
    """Votes to cast (the longest waiting first), own changes in draft, own revisions in work (the latest touched first)."""

    approvals: Sequence[Approval]
    drafts: Sequence[EngineeringChange]
    revisions: Sequence[ProductRevision]

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.approvals or self.drafts or self.revisions)


def waiting_for(actor: Actor, *, limit: int = SHOWN) -> Waiting:
    """Return what waits for ``actor``, each list cut at ``limit``. Nothing waits for the system."""
    if actor.user_id is None:
        return Waiting((), (), ())
    approvals: Sequence[Approval] = ()
    drafts: Sequence[EngineeringChange] = ()
    if actor.may(change_permissions.CHANGES_READ):
        approvals = list(approvals_waiting_for(actor.user_id)[:limit])
        own = EngineeringChange.objects.filter(created_by_id=actor.user_id, status=ChangeStatus.DRAFT)
        drafts = list(own.order_by("-updated_at", "-id")[:limit])
    revisions = (
        ProductRevision.objects.filter(
            product__is_deleted=False, state=RevisionState.IN_WORK, updated_by_id=actor.user_id
        )
        .select_related("product")
        .order_by("-updated_at", "-id")[:limit]
    )
    return Waiting(approvals, drafts, list(revisions))
