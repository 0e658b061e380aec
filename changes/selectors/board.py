"""Changes by where they stand: a column a state, the longest waiting first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from changes.choices import ChangeStatus as Status
from changes.choices import Decision
from changes.models import Approval, EngineeringChange
from changes.selectors.changes import change_list

# What the columns are, and what each is sorted by. What is closed or cancelled waits for nobody: the list has it.
COLUMNS: tuple[tuple[str, Any, tuple[str, ...], str], ...] = (
    ("draft", _("Draft"), (Status.DRAFT,), "-updated_at"),
    ("submitted", _("Waiting for approval"), (Status.SUBMITTED,), "submitted_at"),
    ("approved", _("To be released"), (Status.APPROVED,), "decided_at"),
    ("implemented", _("To be closed"), (Status.IMPLEMENTED,), "implemented_at"),
    ("back", _("Sent back"), (Status.REJECTED, Status.WITHDRAWN), "-updated_at"),
)
SHOWN = 25  # cards of one column


@dataclass(frozen=True)
class BoardColumn:
    """``total`` counts all of the state, ``changes`` are the first of them; ``statuses`` are what a list filters by."""

    key: str
    title: Any
    statuses: tuple[str, ...]
    total: int
    changes: tuple[EngineeringChange, ...]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.changes)


def change_board(**wanted: Any) -> list[BoardColumn]:
    """Return the columns, narrowed as ``change_list`` is. Seven queries, however many changes there are."""
    wanted.pop("status", None)
    rows = change_list(**wanted)
    found = EngineeringChange.objects.filter(pk__in=rows.order_by().values("pk"))
    counts = dict(found.order_by().values_list("status").annotate(count=Count("pk")))
    return [
        BoardColumn(
            key=key,
            title=title,
            statuses=statuses,
            total=sum(counts.get(status, 0) for status in statuses),
            changes=tuple(rows.filter(status__in=statuses).order_by(order, "id")[:SHOWN]),
        )
        for key, title, statuses, order in COLUMNS
    ]


def approvals_asked(change_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Approval]]:
    """Return for submitted changes the votes that are waited for now, with their people, the first due first."""
    rows = Approval.objects.filter(
        change_id__in=change_ids, change__status=Status.SUBMITTED, decision=Decision.PENDING, is_asked=True
    ).select_related("approver", "change")
    found: dict[uuid.UUID, list[Approval]] = {}
    for vote in rows.order_by("due_at", "id"):
        if vote.round == vote.change.round:
            found.setdefault(vote.change_id, []).append(vote)
    return found
