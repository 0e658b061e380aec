"""Events this context publishes (SPEC §6)."""

from __future__ import annotations

COLLABORATION_STARTED = "collaboration_started"
COLLABORATION_ENDED = "collaboration_ended"

EVENT_TYPES = (COLLABORATION_STARTED, COLLABORATION_ENDED)
