"""Success answers: one envelope, exact values."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import pytest

from plm_project.api.envelope import Answer, EnvelopeRenderer, utc_text


def rendered(data: Any) -> Any:
    return json.loads(EnvelopeRenderer().render(data))["data"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.1"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E-12"), "0.000000000001"),
        (Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        (uuid.UUID("0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c11"), "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c11"),
        (dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2))), "2026-03-01T10:00:00Z"),
        (dt.date(2026, 3, 1), "2026-03-01"),
    ],
)
def test_values_are_written_exactly(value: Any, text: str) -> None:
    assert rendered({"value": value}) == {"value": text}


def test_naive_moments_are_read_in_the_active_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert utc_text(dt.datetime(2026, 7, 1, 12)) == "2026-07-01T10:00:00Z"  # noqa: DTZ001 - the point of it


def test_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        EnvelopeRenderer().render({"value": float("nan")})


def test_one_record_in_its_envelope(admin: Any) -> None:
    answer = admin.post("tokens/", {"name": "press line"}, X_Request_ID="call-1")
    body = answer.json()
    assert answer.status_code == 201
    assert list(body) == ["success", "data", "message", "meta"]
    assert (body["success"], body["message"], body["meta"]) == (True, "Created.", {"request_id": "call-1"})
    assert body["data"]["name"] == "press line"
    assert body["data"]["expires_at"].endswith("Z")
    assert uuid.UUID(body["data"]["id"]).version == 7
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "private, no-cache"


def test_created_says_where(admin: Any) -> None:
    answer = admin.post("tokens", {"name": "press line"})
    assert answer["Location"] == f"/api/v1/plm/tokens/{answer.json()['data']['id']}/"
    assert admin.client.get(answer["Location"], headers={"Authorization": f"Bearer {admin.text}"}).status_code == 200


def test_list_has_its_pagination(admin: Any) -> None:
    body = admin.get("tokens/").json()
    assert body["success"] is True
    assert body["pagination"] == {"page": 1, "page_size": 20, "total_pages": 1, "total_count": 1}
    assert [row["name"] for row in body["data"]] == ["of admin@example.com"]
    assert set(body["meta"]) == {"request_id"}


def test_deleted_has_no_body(admin: Any) -> None:
    record = admin.get("tokens/").json()["data"][0]
    answer = admin.delete(f"tokens/{record['id']}/")
    assert (answer.status_code, answer.content) == (204, b"")


def test_meta_and_headers_of_an_answer() -> None:
    answer = Answer({"a": 1}, message="Done.", meta={"took": 3}, headers={"X-Test": "1"})
    body = json.loads(EnvelopeRenderer().render(answer.data, None, {"response": answer}))
    assert body == {"success": True, "data": {"a": 1}, "message": "Done.", "meta": {"request_id": "", "took": 3}}
    assert answer["X-Test"] == "1"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "nonsense"])
def test_always_json_whatever_accept_says(admin: Any, accept: str) -> None:
    answer = admin.get("tokens/", Accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
