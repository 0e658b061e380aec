"""Examples of the API description: more spokes in a wheel."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

PRODUCT_ID = "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c13"
LINE_ID = "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c12"
CHANGE: dict[str, Any] = {
    "change_title": "36 spokes in the rear wheel",
    "change_description": "Four more spokes, same rim.",
    "change_type": "quality_improvement",
    "priority": "high",
    "urgency": "normal",
    "cost_impact": "1850",
    "reason_for_change": "Spokes break under cargo load.",
    "business_impact": "0.80 a wheel.",
    "effective_from": "2026-04-01",
}
CREATE = [
    OpenApiExample("A change of one product", value={**CHANGE, "affected_products": [PRODUCT_ID]}, request_only=True)
]
AFFECTED = [
    OpenApiExample("A product to be revised", value={"product_id": PRODUCT_ID}, request_only=True),
    OpenApiExample(
        "A product that another one replaces",
        value={
            "product_id": PRODUCT_ID,
            "action": "replace",
            "replacement_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c15",
            "effective_from": "2026-05-01",
        },
        request_only=True,
    ),
]
REDLINE = [
    OpenApiExample(
        "Another quantity",
        value={"operation": "quantity", "line_id": LINE_ID, "quantity": "36"},
        request_only=True,
    ),
    OpenApiExample(
        "A new line",
        value={
            "operation": "add",
            "affected_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c14",
            "child_number": "WASHER-M4",
            "quantity": "36",
            "find_number": 25,
        },
        request_only=True,
    ),
    OpenApiExample(
        "Another part",
        value={"operation": "replace", "line_id": LINE_ID, "child_number": "SPOKE-13G", "note": "Thicker."},
        request_only=True,
    ),
    OpenApiExample(
        "From a day and a unit on",
        value={
            "operation": "effectivity",
            "line_id": LINE_ID,
            "effectivity": {
                "effective_from": "2026-05-01",
                "effective_to": None,
                "serials": [{"end_item_number": "CARGO-BIKE", "first": 1200}],
            },
        },
        request_only=True,
    ),
    OpenApiExample(
        "For one option, with attrition",
        value={
            "operation": "attributes",
            "line_id": LINE_ID,
            "attributes": {"condition": "wheel:cargo", "attrition_percent": "2.5"},
        },
        request_only=True,
    ),
    OpenApiExample(
        "What may be taken for it",
        value={
            "operation": "substitutes",
            "line_id": LINE_ID,
            "substitutes": [{"product_number": "SPOKE-13G", "rank": 1}, {"product_number": "SPOKE-15G", "rank": 2}],
        },
        request_only=True,
    ),
]
COMMENT = [OpenApiExample("With a comment", value={"comment": "Checked with the test report."}, request_only=True)]
SIGNED = [
    OpenApiExample(
        "Signed",
        value={
            "comment": "Checked with the test report.",
            "signature": {"password": "the caller's own", "meaning": "approval"},
        },
        request_only=True,
    )
]
DISPOSITION = [
    OpenApiExample(
        "Rework what lies in stock",
        value={
            "affected_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c14",
            "product_id": PRODUCT_ID,
            "place": "stock",
            "action": "rework",
            "quantity": "420",
            "cost": "315",
            "owner_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c15",
            "due_on": "2026-04-15",
        },
        request_only=True,
    ),
    OpenApiExample(
        "Leave what is in the field",
        value={"affected_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c14", "place": "field", "action": "use_as_is"},
        request_only=True,
    ),
]
DISPOSITION_ASSIGNED = [
    OpenApiExample("Another day", value={"owner_id": None, "due_on": "2026-05-01"}, request_only=True)
]
DISPOSITION_DONE = [
    OpenApiExample(
        "Fewer than planned",
        value={"quantity_done": "412", "cost_done": "309", "note": "8 were damaged and scrapped."},
        request_only=True,
    )
]
