"""Events this context publishes (SPEC §6). The entity is the product."""

from __future__ import annotations

COMPLIANCE_STATUS_CHANGED = "compliance_status_changed"

EVENT_TYPES = (COMPLIANCE_STATUS_CHANGED,)
