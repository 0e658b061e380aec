"""Events this context publishes (SPEC §6)."""

from __future__ import annotations

CHANGE_SUBMITTED = "change_submitted"
CHANGE_APPROVED = "change_approved"
CHANGE_REJECTED = "change_rejected"
CHANGE_IMPLEMENTED = "change_implemented"

EVENT_TYPES = (CHANGE_SUBMITTED, CHANGE_APPROVED, CHANGE_REJECTED, CHANGE_IMPLEMENTED)
