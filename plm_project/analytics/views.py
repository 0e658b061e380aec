"""The dashboard."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse

from changes import permissions as change_permissions
from plm_project.analytics.selectors import (
    changes_by_status,
    products_by_phase,
    recent_activity,
    revisions_open,
    waiting_for,
)
from plm_project.web.views import PageView
from products import permissions


class DashboardView(PageView):
    """What there is, what waits for me, what happened."""

    permission = permissions.PRODUCTS_READ
    template_name = "analytics/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add counts, the person's own work and the latest happenings."""
        actor = self.actor
        phases = products_by_phase()
        sees_changes = actor.may(change_permissions.CHANGES_READ)
        changes = changes_by_status() if sees_changes else []
        return super().get_context_data(
            phases=phases,
            phase_chart=_chart(phases),
            products_total=sum(phase.count for phase in phases),
            revisions=revisions_open(),
            changes=changes,
            changes_total=sum(status.count for status in changes),
            change_list_url=_url("changes:change-list") if sees_changes else "",
            waiting=waiting_for(actor),
            activity=recent_activity(),
            may_create=actor.may(permissions.PRODUCTS_CREATE),
            may_import=actor.may(permissions.PRODUCTS_IMPORT),
            **kwargs,
        )


def _chart(phases: list[Any]) -> dict[str, Any]:
    """Return the phases as the chart component takes them."""
    return {
        "labels": [phase.label for phase in phases],
        "series": [{"name": "", "values": [phase.count for phase in phases]}],
    }


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
