"""Health, readiness and metrics."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.test import Client

from plm_project.core import clock
from plm_project.core.ids import uuid7
from plm_project.ops import health
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import tenant_scope

REFUSED_BROKER = "redis://127.0.0.1:1/0"  # nothing listens on port 1


def test_healthz_asks_nothing(django_assert_num_queries: Any, db: Any) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_healthz_answers_without_a_database() -> None:
    assert Client().get("/healthz").status_code == 200  # no db fixture: a query would fail the test


@pytest.mark.django_db(transaction=True)
def test_readyz_when_everything_works(settings: Any) -> None:
    settings.CELERY_BROKER_URL = ""
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "checks": {"database": "ok", "cache": "ok"}},
    )


@pytest.mark.django_db(transaction=True)
def test_readyz_names_the_queue_that_is_down(settings: Any) -> None:
    settings.CELERY_BROKER_URL = REFUSED_BROKER
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "checks": {"database": "ok", "cache": "ok", "queue": "failed"},
    }
    assert "127.0.0.1" not in answer.content.decode()


def test_readyz_names_the_cache_that_is_down(settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REFUSED_BROKER}
    }
    assert health.run_checks({"cache": health.check_cache}) == {"cache": False}
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert health.run_checks({"cache": health.check_cache}) == {"cache": False}


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_readyz_with_a_broker(settings: Any) -> None:
    settings.CELERY_BROKER_URL = settings.REDIS_URL
    assert Client().get("/readyz").json()["checks"]["queue"] == "ok"


def test_a_check_that_hangs_does_not_hold_the_answer() -> None:
    release = threading.Event()
    started = time.monotonic()
    results = health.run_checks({"slow": lambda: release.wait(10) and None, "quick": lambda: None}, time_limit=0.2)
    release.set()
    assert results == {"slow": False, "quick": True}
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_reading_only(path: str) -> None:
    assert Client().post(path).status_code == 405


# --- metrics ---------------------------------------------------------------------------------------------------------
def test_metrics_for_this_machine_alone_without_a_token(db: Any, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert Client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_metrics_with_a_token(db: Any, settings: Any) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    for header, status in ((None, 404), ("Bearer wrong", 404), ("Bearer scrape-mé", 404), ("Bearer scrape-me", 200)):
        headers = {"Authorization": header} if header else {}
        assert Client().get("/metrics", headers=headers, REMOTE_ADDR="192.0.2.7").status_code == status


def wait_in_outbox(caller: Any, settled: bool = False) -> None:
    with tenant_scope(caller.tenant.pk, atomic=True):
        OutboxEvent.objects.create(
            event_type="product_created",
            entity_type="product",
            entity_id=uuid7(),
            position=1,
            settled_at=clock.now() if settled else None,
        )


def test_metrics_count_requests_and_the_backlog_of_all_tenants(admin: Any, stranger: Any) -> None:
    wait_in_outbox(admin)
    wait_in_outbox(stranger)
    wait_in_outbox(stranger, settled=True)
    for _ in range(2):
        admin.get("tokens/faults/conflict/")
    admin.get("nowhere/at/all")
    answer = Client().get("/metrics")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert "plm_outbox_waiting 2.0" in text
    assert 'plm_requests_total{method="GET",status="409",view="tokens-faults"}' in text
    assert 'plm_request_seconds_bucket{le="0.5",view="tokens-faults"}' in text
    assert 'view="api-unknown"' in text


def test_metrics_name_no_tenant_person_or_path(admin: Any) -> None:
    wait_in_outbox(admin)
    record = admin.get("tokens/").json()["data"][0]
    admin.get(f"tokens/{record['id']}/")
    admin.call("BREW", "tokens/")
    text = Client().get("/metrics").content.decode()
    for word in (admin.tenant.slug, str(admin.tenant.pk), admin.user.email, record["id"], "BREW", "/api/"):
        assert word not in text
