"""The board: every open change in the column of where it stands, with whom it waits for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from changes import permissions
from changes.forms import ChangeFilterForm
from changes.models import EngineeringChange
from changes.selectors import fast_track_matters
from changes.selectors.board import BoardColumn, approvals_asked, change_board
from plm_project.core import clock
from plm_project.web.views import PageView
from products.models import Product


@dataclass(frozen=True)
class Card:
    """One change: since when it stands there, for whom it waits, and whether somebody is late."""

    change: EngineeringChange
    since: dt.datetime
    waits_for: tuple[str, ...]
    is_late: bool


@dataclass(frozen=True)
class ShownColumn:
    """A column with its cards; ``query`` finds all of them in the list."""

    column: BoardColumn
    cards: tuple[Card, ...]
    query: str


class ChangeBoardView(PageView):
    """The changes that still want something from somebody, narrowed by the address as the list is."""

    permission = permissions.CHANGES_READ
    template_name = "changes/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the columns. A fixed number of queries."""
        form = ChangeFilterForm(self.request.GET)
        if not fast_track_matters():
            del form.fields["way"]
        del form.fields["status"]  # a column each
        wanted = form.wanted(self.actor.user_id)
        columns = change_board(**wanted)
        asked = approvals_asked([change.pk for column in columns for change in column.changes])
        now = clock.now()
        return super().get_context_data(
            form=form,
            product=Product.objects.filter(pk=wanted["product_id"]).first() if wanted["product_id"] else None,
            columns=[self._shown(column, asked, now) for column in columns],
            total=sum(column.total for column in columns),
            may_create=self.actor.may(permissions.CHANGES_CREATE),
            **kwargs,
        )

    def _shown(self, column: BoardColumn, asked: dict[Any, Any], now: dt.datetime) -> ShownColumn:
        cards = []
        for change in column.changes:
            votes = asked.get(change.pk, [])
            cards.append(
                Card(
                    change=change,
                    since=_since(change, column.key),
                    waits_for=tuple(vote.approver.get_full_name() for vote in votes),
                    is_late=any(vote.due_at is not None and vote.due_at < now for vote in votes),
                )
            )
        query = self.request.GET.copy()
        query["status"] = column.statuses[0]
        return ShownColumn(column, tuple(cards), query.urlencode())


def _since(change: EngineeringChange, key: str) -> dt.datetime:
    """Return when it came to stand where it is."""
    told = {"submitted": change.submitted_at, "approved": change.decided_at, "implemented": change.implemented_at}
    return told.get(key) or change.updated_at
