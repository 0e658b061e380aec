"""Reads of the changes context."""

from changes.selectors.approvals import approvals_waiting_for, approvals_waiting_for_count, delegation_list, vote_of
from changes.selectors.changes import (
    affected_list,
    change_by_number,
    change_detail,
    change_get,
    change_list,
    changes_of_product,
    fast_track_matters,
    redline_list,
    redline_results,
    release_package_of,
)
from changes.selectors.difference import AffectedDifference, DifferenceRow, FieldChange, change_difference, drawn_rows
from changes.selectors.dispositions import disposition_list
from changes.selectors.documents import change_document_list, document_changes
from changes.selectors.history import HistoryEntry, change_history
from changes.selectors.impact import AffectedImpact, change_impact
from changes.selectors.requests import (
    open_request_count,
    products_not_in,
    request_detail,
    request_get,
    request_list,
    request_story,
    requests_of_change,
)

__all__ = [
    "AffectedDifference",
    "AffectedImpact",
    "DifferenceRow",
    "FieldChange",
    "HistoryEntry",
    "affected_list",
    "approvals_waiting_for",
    "approvals_waiting_for_count",
    "change_by_number",
    "change_detail",
    "change_difference",
    "change_document_list",
    "change_get",
    "change_history",
    "change_impact",
    "change_list",
    "changes_of_product",
    "delegation_list",
    "disposition_list",
    "document_changes",
    "drawn_rows",
    "fast_track_matters",
    "open_request_count",
    "products_not_in",
    "redline_list",
    "redline_results",
    "release_package_of",
    "request_detail",
    "request_get",
    "request_list",
    "request_story",
    "requests_of_change",
    "vote_of",
]
