"""Events this context publishes (SPEC §6)."""

from __future__ import annotations

PRODUCT_CREATED = "product_created"
PRODUCT_UPDATED = "product_updated"
LIFECYCLE_PHASE_CHANGED = "lifecycle_phase_changed"
COST_UPDATED = "cost_updated"
BOM_CHANGED = "bom_changed"
SOURCES_CHANGED = "sources_changed"  # the approved manufacturer list; beyond SPEC §6

EVENT_TYPES = (PRODUCT_CREATED, PRODUCT_UPDATED, LIFECYCLE_PHASE_CHANGED, COST_UPDATED, BOM_CHANGED, SOURCES_CHANGED)
