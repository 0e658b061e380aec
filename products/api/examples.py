"""Examples of the API description: an e-bike's wheel."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

PRODUCT_ID = "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c11"
LINE: dict[str, Any] = {"product_number": "SPOKE-14G", "quantity": "32", "unit_of_measure": "each", "find_number": 10}
PRODUCT: dict[str, Any] = {
    "product_name": "Rear wheel 28 inch",
    "product_number": "WHL-2801",
    "product_description": "Wheel with hub motor, laced",
    "product_type": "subassembly",
    "target_cost": "180.00",
    "current_cost": "12.50",
    "unit_of_measure": "each",
    "mass_kg": "0.2",
    "custom_attributes": {"rim_colour": "black"},
    "tags": ["wheel", "e-bike"],
}
PRODUCT_ANSWER: dict[str, Any] = {
    "product_id": PRODUCT_ID,
    **PRODUCT,
    "lifecycle_phase": "concept",
    "revision": "A",
    "status": "active",
    "manufacturing_status": "",
    "digital_twin_id": "",
    "compliance_records": [],
    "document_references": [],
    "replaced_by": None,
    "created_at": "2026-03-02T08:15:00Z",
    "updated_at": "2026-03-02T08:15:00Z",
    "version": 1,
}

CREATE = [
    OpenApiExample(
        "Product with its structure",
        value={**PRODUCT, "structure": [LINE], "auto_create_digital_twin": True},
        request_only=True,
    ),
    OpenApiExample("The new product", value=PRODUCT_ANSWER, response_only=True, status_codes=["201"]),
]
TRANSITION = [
    OpenApiExample("Into design", value={"to": "design"}, request_only=True),
    OpenApiExample(
        "Retire what is still used",
        value={"to": "obsolete", "reason": "Supplier ended production.", "replaced_by": PRODUCT_ID},
        request_only=True,
    ),
]
REVISION_TRANSITION = [
    OpenApiExample("Submit for review", value={"to": "in_review"}, request_only=True),
    OpenApiExample(
        "Release", value={"to": "released", "reason": "Checked.", "effective_from": "2026-04-01"}, request_only=True
    ),
]
EXPLOSION = [
    OpenApiExample(
        "Two levels",
        response_only=True,
        value={
            "root": "WHL-2801",
            "revision": "A",
            "as_of": "2026-03-02",
            "mode": "effective",
            "rows": 1,
            "distinct_products": 1,
            "depth": 1,
            "lines": [
                {
                    "level": 1,
                    "path": ["WHL-2801", "SPOKE-14G"],
                    "line_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c12",
                    "product_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c13",
                    "product_number": "SPOKE-14G",
                    "product_name": "Spoke 14G",
                    "product_type": "purchased",
                    "revision": "A",
                    "quantity": "32",
                    "total_quantity": "32",
                    "unit_of_measure": "each",
                    "find_number": 10,
                    "reference_designators": [],
                    "is_leaf": True,
                    "resolved": True,
                    "reason": "released, effective 2026-01-01 to …",
                }
            ],
        },
    )
]
