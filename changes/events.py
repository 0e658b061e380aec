"""Events this context publishes."""

from __future__ import annotations

CHANGE_SUBMITTED = "change_submitted"
CHANGE_APPROVED = "change_approved"
CHANGE_REJECTED = "change_rejected"
CHANGE_IMPLEMENTED = "change_implemented"
# Beside those of SPEC §6: somebody is asked after the submission, because their step has come, they are late, stand in
# for whoever is, or what they approved has changed. ``why``: step, reminder, escalation, rebased or edited.
APPROVALS_ASKED = "approvals_asked"
# Somebody asks for a change, or asks again; and what became of it: ``status`` says which.
CHANGE_REQUESTED = "change_requested"
CHANGE_REQUEST_ANSWERED = "change_request_answered"
# Existing parts got another owner after the release; who owned them then hears of it by change_implemented.
DISPOSITION_ASSIGNED = "disposition_assigned"

EVENT_TYPES = (
    CHANGE_SUBMITTED,
    CHANGE_APPROVED,
    CHANGE_REJECTED,
    CHANGE_IMPLEMENTED,
    APPROVALS_ASKED,
    CHANGE_REQUESTED,
    CHANGE_REQUEST_ANSWERED,
    DISPOSITION_ASSIGNED,
)
