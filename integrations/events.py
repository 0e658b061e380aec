"""Events this context publishes, beyond SPEC §6."""

from __future__ import annotations

WEBHOOK_DISABLED = "webhook_disabled"

EVENT_TYPES = (WEBHOOK_DISABLED,)
