"""Reads across contexts. Each costs the same few queries whatever the tenant holds."""

from plm_project.analytics.selectors.activity import Activity, recent_activity
from plm_project.analytics.selectors.counts import Count, changes_by_status, products_by_phase, revisions_open
from plm_project.analytics.selectors.waiting import Waiting, waiting_for

__all__ = [
    "Activity",
    "Count",
    "Waiting",
    "changes_by_status",
    "products_by_phase",
    "recent_activity",
    "revisions_open",
    "waiting_for",
]
