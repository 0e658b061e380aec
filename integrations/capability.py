"""The capability record of SPEC §7, and where a platform finds the doors of this installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from integrations.contracts.registry import contracts
from integrations.neighbours import neighbours

CAPABILITY_ID = "general_cross_functional.product_lifecycle_management"
COMPOSITION_TYPE = "core_business_capability"
PROVIDES = (
    "product_design_management",
    "engineering_change_management",
    "product_data_management",
    "collaboration_workflows",
    "lifecycle_analytics",
    "compliance_management",
    "innovation_intelligence",
)
# Doors by what they are for, as names of routes.
DOORS = {
    "schema": "api-schema",
    "docs": "api-docs",
    "health": "api-integrations-health",
    "contracts": "api-contracts",
    "webhooks": "api-webhook-list",
}


def capability_record() -> dict[str, Any]:
    """Return what this installation is, what it needs, what it offers, and where."""
    return {
        "capability_id": CAPABILITY_ID,
        "version": settings.SPECTACULAR_SETTINGS["VERSION"],
        "composition_type": COMPOSITION_TYPE,
        "depends_on": [neighbour.key for neighbour in neighbours()],
        "provides": list(PROVIDES),
        "service": {
            "base_url": settings.SITE_URL,
            "api": f"{settings.SITE_URL}/api/v1/plm/",
            "liveness": f"{settings.SITE_URL}/healthz",
            "readiness": f"{settings.SITE_URL}/readyz",
            **{name: f"{settings.SITE_URL}{reverse(route)}" for name, route in DOORS.items()},
        },
        "contracts": [
            {"key": entry.key, "version": entry.version, "with": entry.neighbour, "path": entry.path}
            for entry in contracts()
        ],
    }
