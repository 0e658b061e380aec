"""Examples of the API description: a housing is reviewed."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

PRODUCT_ID = "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c13"
USER_ID = "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c15"
CREATE = [
    OpenApiExample(
        "A review of one product",
        value={
            "title": "Review of the new housing",
            "description": "Wall thickness and screw bosses.",
            "features": ["voice", "whiteboard"],
            "scheduled_for": "2026-04-01T09:00:00Z",
            "participants": [{"user_id": USER_ID, "role": "editor"}],
            "products": [PRODUCT_ID],
        },
        request_only=True,
    )
]
EDIT = [OpenApiExample("Another time", value={"scheduled_for": "2026-04-02T09:00:00Z"}, request_only=True)]
END = [OpenApiExample("With a reason", value={"reason": "Everything is decided."}, request_only=True)]
INVITE = [OpenApiExample("An editor", value={"user_id": USER_ID, "role": "editor"}, request_only=True)]
ROLE = [OpenApiExample("To read only", value={"role": "viewer"}, request_only=True)]
UPDATE = [
    OpenApiExample(
        "A message",
        value={"update": {"kind": "chat", "text": "The boss at the left is too thin."}, "request": "c0ffee-1"},
        request_only=True,
    ),
    OpenApiExample(
        "A note on the board",
        value={
            "update": {
                "kind": "item_add",
                "id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c20",
                "type": "note",
                "x": 420,
                "y": 310,
                "text": "2.5 mm at least",
                "color": "yellow",
            }
        },
        request_only=True,
    ),
]
