"""What waits for me: the essentials and the decision on one screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from changes import permissions
from changes.choices import Decision
from changes.models import AffectedProduct, Approval, EngineeringChange
from changes.policy.standing import comments_only, required_by
from changes.selectors import approvals_waiting_for, change_detail, drawn_rows
from changes.views.list import page_of
from changes.views.step_table import STEPS
from changes.views.steps import StepButton, step_button
from changes.views.story import Row, shown_rows
from plm_project.core.actor import Actor
from plm_project.web.views import PageView

PAGE_SIZE = 10
ROWS_SHOWN = 8


@dataclass(frozen=True)
class Drawn:
    """What changes in one product, without the lines around it."""

    affected: AffectedProduct
    rows: tuple[Row, ...]
    more: int


@dataclass(frozen=True)
class Waiting:
    """One change that waits for the signed-in person."""

    vote: Approval
    change: EngineeringChange
    drawn: tuple[Drawn, ...]
    buttons: tuple[StepButton, ...]
    others: tuple[Approval, ...]
    for_whom: str


class MyApprovalsView(PageView):
    """What waits for the signed-in person, the longest waiting first."""

    permission = permissions.CHANGES_READ
    template_name = "changes/approvals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of what waits. A fixed number of queries."""
        page = page_of(approvals_waiting_for(self.actor.user_id), self.request, PAGE_SIZE)
        votes = list(page.object_list)
        found = {change.pk: change for change in change_detail().filter(pk__in=[vote.change_id for vote in votes])}
        waiting = [_waiting(vote, found[vote.change_id], self.actor) for vote in votes]
        return super().get_context_data(page=page, waiting=waiting, **kwargs)


def _waiting(vote: Approval, change: EngineeringChange, actor: Actor) -> Waiting:
    return Waiting(
        vote=vote,
        change=change,
        drawn=tuple(_drawn(change, change.affected.all())),
        buttons=tuple(step_button(STEPS[name], change, actor, vote) for name in _asked_for(vote, change)),
        for_whom=vote.approver.get_full_name() if vote.approver_id != actor.user_id else "",
        others=tuple(other for other in change.approvals.all() if _is_beside(other, vote, change)),
    )


def _is_beside(other: Approval, vote: Approval, change: EngineeringChange) -> bool:
    """Whether another vote of the round is waited for now, or cast."""
    is_told = other.is_asked or other.decision != Decision.PENDING
    return other.round == change.round and other.pk != vote.pk and is_told


def _asked_for(vote: Approval, change: EngineeringChange) -> tuple[str, ...]:
    known = required_by(change.round_requirements(), [vote])
    return ("comment",) if comments_only(vote, known) else ("approve", "reject")


def _drawn(change: EngineeringChange, affected: Iterable[AffectedProduct]) -> Iterable[Drawn]:
    for entry in affected:
        rows = drawn_rows(redline for redline in change.redlines.all() if redline.affected_id == entry.pk)
        yield Drawn(entry, shown_rows(rows[:ROWS_SHOWN]), max(len(rows) - ROWS_SHOWN, 0))
