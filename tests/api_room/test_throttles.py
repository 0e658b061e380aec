"""Limits per caller."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.test import Client, RequestFactory

from plm_project.api.throttles import HourThrottle, MinuteThrottle, address_of
from tests.api_room.conftest import BASE, token_names


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: Any) -> None:
    """No test may straddle two windows of the real clock."""
    moment = time.time() // 3600 * 3600 + 1815.25
    monkeypatch.setattr("plm_project.api.throttles.time.time", lambda: moment)


def test_the_call_above_the_minute_limit_is_refused_and_does_nothing(admin: Any, settings: Any) -> None:
    settings.PLM_THROTTLE_MINUTE = 2
    assert [admin.get("tokens/").status_code for _ in range(2)] == [200, 200]
    answer = admin.post("tokens/", {"name": "too many"})
    assert (answer.status_code, answer.json()["error_code"]) == (429, "RATE_LIMITED")
    assert answer["Retry-After"] == "45"
    assert token_names(admin) == ["of admin@example.com"]


def test_the_hour_limit_counts_too(admin: Any, settings: Any) -> None:
    settings.PLM_THROTTLE_HOUR = 1
    assert admin.get("tokens/").status_code == 200
    answer = admin.get("tokens/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "1785")


def test_callers_are_counted_apart(admin: Any, viewer: Any, settings: Any) -> None:
    settings.PLM_THROTTLE_MINUTE = 1
    assert admin.get("tokens/").status_code == 200
    assert viewer.get("method/").status_code == 403
    assert admin.get("tokens/").status_code == 429
    admin.client.force_login(admin.user, backend="django.contrib.auth.backends.ModelBackend")
    assert admin.client.get(BASE + "tokens/").status_code == 200  # the person at the screen, not their token


def test_guessing_tokens_is_limited_by_address(db: Any, settings: Any) -> None:
    settings.PLM_THROTTLE_MINUTE = 3
    client = Client()
    answers = [client.get(BASE + "tokens/", headers={"Authorization": f"Bearer guess{i}"}) for i in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    elsewhere = client.get(BASE + "tokens/", REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 401


def test_zero_switches_a_limit_off(admin: Any, settings: Any) -> None:
    settings.PLM_THROTTLE_MINUTE = settings.PLM_THROTTLE_HOUR = 0
    assert admin.get("tokens/").status_code == 200


def test_a_new_window_starts_afresh(admin: Any, settings: Any, monkeypatch: Any) -> None:
    settings.PLM_THROTTLE_MINUTE = 1
    assert [admin.get("tokens/").status_code for _ in range(2)] == [200, 429]
    later = time.time() + 60
    monkeypatch.setattr("plm_project.api.throttles.time.time", lambda: later)
    assert admin.get("tokens/").status_code == 200


def test_parallel_calls_are_all_counted() -> None:
    throttle = MinuteThrottle()
    counts: list[int] = []

    def count() -> None:
        counts.extend(throttle._count("throttle:test") for _ in range(50))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 201))


@pytest.mark.redis
def test_redis_is_the_shared_counter() -> None:
    test_parallel_calls_are_all_counted()


@pytest.mark.parametrize(
    ("proxies", "expected"), [(0, "127.0.0.1"), (1, "198.51.100.9"), (2, "203.0.113.5"), (9, "203.0.113.5")]
)
def test_forwarded_addresses_are_believed_as_far_as_told(monkeypatch: Any, proxies: int, expected: str) -> None:
    monkeypatch.setattr("plm_project.accounts.addresses.api_settings.NUM_PROXIES", proxies, raising=False)
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.5, 198.51.100.9"})
    assert address_of(request) == expected


def test_the_limits_of_the_specification(monkeypatch: Any) -> None:
    from plm_project.settings import base

    assert (base.PLM_THROTTLE_MINUTE, base.PLM_THROTTLE_HOUR) == (100, 1000)
    assert (MinuteThrottle.seconds, HourThrottle.seconds) == (60, 3600)
