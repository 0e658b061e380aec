"""What the simulated neighbours answer: a function of the request for each route a contract names, and for /healthz."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from integrations.contracts.registry import contracts

Answer = tuple[int, dict[str, Any]]


def _short(*parts: object) -> str:
    """Return the same eight letters for the same thing, so that what is told twice stays one."""
    return hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()[:8]


def _bom(payload: dict[str, Any]) -> Answer:
    return 201, {"success": True, "bom_id": f"BOM-{_short(payload.get('product_id'))}"}


def _twin(payload: dict[str, Any]) -> Answer:
    return 201, {"twin_id": f"TWIN-{_short(payload.get('twin_source_id'))}"}


def _taken() -> list[dict[str, Any]]:
    return [{"key": entry.key, "versions": [entry.version]} for entry in contracts()]


def _suggestion(payload: dict[str, Any]) -> Answer:
    subject = payload.get("subject", {})
    quote = str(subject.get("description") or subject.get("name") or subject.get("number"))
    said = {
        "alternates": "Look for a part of the same name from a second manufacturer.",
        "cost": "Ask for a price at twice the quantity.",
        "compliance": "Have the declaration of its material renewed.",
        "description": "Say in the description what it is made of.",
    }
    return 200, {
        "suggestion": said.get(str(payload.get("task")), "Nothing comes to mind."),
        "confidence": 0.5,
        "evidence": [{"source": f"product {subject.get('number')}", "quote": quote[:200]}],
        "model": "simulated",
    }


def _round(payload: dict[str, Any]) -> Answer:
    """Two others take part, whose parameters are all 1."""
    own = [float(value) for value in payload.get("parameters", [])]
    return 200, {"parameters": [(value + 2.0) / 3.0 for value in own], "participants": 3}


def _accepted(_payload: dict[str, Any]) -> Answer:
    return 202, {"accepted": True}


ANSWERS: dict[tuple[str, str], Callable[[dict[str, Any]], Answer]] = {
    ("POST", "/api/v1/manufacturing/bom/sync"): _bom,
    ("POST", "/api/v1/digital-twins"): _twin,
    **dict.fromkeys(
        (
            ("POST", "/api/v1/audit/events"),
            ("POST", "/api/v1/documents/releases"),
            ("POST", "/api/v1/notifications"),
            ("POST", "/api/v1/assets/models"),
            ("POST", "/api/v1/assets/units"),
            ("POST", "/api/v1/collaboration/rooms"),
            ("POST", "/api/v1/financials/item-costs"),
            ("POST", "/api/v1/financials/change-costs"),
            ("POST", "/api/v1/procurement/approved-sources"),
        ),
        _accepted,
    ),
    ("POST", "/api/v1/ai/suggestions"): _suggestion,
    ("POST", "/api/v1/federated/rounds"): _round,
    ("POST", "/api/v1/permissions/check"): lambda _payload: (200, {"authorized": True}),
    ("POST", "/api/v1/capabilities"): lambda payload: (201, {"capability_id": payload.get("capability_id")}),
    ("GET", "/api/v1/contracts"): lambda _payload: (200, {"contracts": _taken()}),
    ("GET", "/healthz"): lambda _payload: (200, {"status": "healthy"}),
}
