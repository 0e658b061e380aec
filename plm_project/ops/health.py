"""Is the process alive, is it ready for work, and its numbers. The answers name no address, version or error text."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as CheckTimeout
from contextvars import copy_context

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from prometheus_client import CONTENT_TYPE_LATEST

from plm_project.core.ids import uuid7
from plm_project.ops import metrics

log = structlog.get_logger(__name__)

TIME_LIMIT = 2  # seconds for each check, whatever the database or broker does meanwhile
# Any of them says that a proxy on this machine speaks for somebody else.
PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host", "X-Forwarded-Proto")
LOCAL_ADDRESSES = frozenset({"127.0.0.1", "::1"})

# A few threads of their own: a check that hangs must not hold a request's thread, nor may probes pile up threads.
_checkers = ThreadPoolExecutor(max_workers=3, thread_name_prefix="readiness")


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all; asks nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, cache and (when configured) queue answer in time, else 503 and which one does not."""
    results = run_checks(checks())
    ready = all(results.values())
    body = {
        "status": "ok" if ready else "unavailable",
        "checks": {name: "ok" if passed else "failed" for name, passed in results.items()},
    }
    return JsonResponse(body, status=200 if ready else 503)


@never_cache
@require_safe
def metrics_view(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus' text to whoever shows METRICS_TOKEN; without a token set, to this machine alone."""
    if not may_read_metrics(request):
        return HttpResponse(status=404)
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def may_read_metrics(request: HttpRequest) -> bool:
    """Judge by the token when one is set, else by the address; a forwarded request is never local."""
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode())
    forwarded = any(name in request.headers for name in PROXY_HEADERS)
    return not forwarded and request.META.get("REMOTE_ADDR") in LOCAL_ADDRESSES


def checks() -> dict[str, Callable[[], None]]:
    """Return the checks by name; each raises when its part does not work."""
    found: dict[str, Callable[[], None]] = {"database": check_database, "cache": check_cache}
    if settings.CELERY_BROKER_URL:
        found["queue"] = check_queue
    return found


def run_checks(asked: dict[str, Callable[[], None]], *, time_limit: float = TIME_LIMIT) -> dict[str, bool]:
    """Run all checks at once and return which passed within the time limit (seconds)."""
    futures = {name: _checkers.submit(copy_context().run, check) for name, check in asked.items()}
    return {name: _passed(name, future, time_limit) for name, future in futures.items()}


def _passed(name: str, future: Future[None], time_limit: float) -> bool:
    try:
        future.result(timeout=time_limit)
    except CheckTimeout:
        future.cancel()
        log.warning("readiness check took too long", check=name, seconds=time_limit)
        return False
    except Exception:
        log.warning("readiness check failed", check=name, exc_info=True)
        return False
    return True


def check_database() -> None:
    """Ask the database for a constant on a connection of this thread, and give it back."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    finally:
        connection.close()


def check_cache() -> None:
    """Write a value and read it back."""
    key, value = f"readyz:{uuid7()}", "ok"
    cache.set(key, value, timeout=10)
    if cache.get(key) != value:
        raise RuntimeError("the cache did not keep a value")
    cache.delete(key)


def check_queue() -> None:
    """Open a connection to the broker."""
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=TIME_LIMIT) as broker:
        broker.ensure_connection(max_retries=1, timeout=TIME_LIMIT)
