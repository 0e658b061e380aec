"""Numbers for Prometheus: requests by view, and how many events wait in the outbox. No tenant's name or id appears."""

from __future__ import annotations

import os
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "plm_requests", "Requests answered, by view, method and status", ["view", "method", "status"], registry=REGISTRY
)
LATENCY = Histogram(
    "plm_request_seconds",
    "Time to answer, by view",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)


def observe(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Count one answered request. The view's name is used, never the path: paths are without number."""
    match = request.resolver_match
    view = (match.view_name or "unnamed") if match is not None else "unmatched"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view=view, method=method, status=str(response.status_code)).inc()
    LATENCY.labels(view=view).observe(seconds)


def outbox_backlog() -> tuple[int, float]:
    """Return how many events of all tenants wait for delivery, and the age of the oldest in seconds (0 when none)."""
    waiting, oldest = 0, None
    for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        with tenant_scope(tenant_id):
            unsettled = OutboxEvent.objects.filter(settled_at__isnull=True).order_by("timestamp")
            waiting += unsettled.count()
            first = unsettled.values_list("timestamp", flat=True).first()
        if first is not None and (oldest is None or first < oldest):
            oldest = first
    return waiting, max((timezone.now() - oldest).total_seconds(), 0.0) if oldest else 0.0


class OutboxCollector(Collector):
    """Reads the backlog when Prometheus asks."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield the two gauges."""
        waiting, age = outbox_backlog()
        yield GaugeMetricFamily("plm_outbox_waiting", "Events not yet delivered to every subscriber", value=waiting)
        yield GaugeMetricFamily("plm_outbox_oldest_seconds", "Age of the oldest waiting event", value=age)


_collectors: list[Collector] = []


def register_collector(collector: Collector) -> None:
    """Have a context's collector asked whenever Prometheus asks."""
    _collectors.append(collector)


def exposition() -> bytes:
    """Return everything in Prometheus' text format.

    With several worker processes set PROMETHEUS_MULTIPROC_DIR to an empty folder they share: then the counters of all
    of them are added up.
    """
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    backlog = CollectorRegistry()
    for collector in (OutboxCollector(), *_collectors):
        backlog.register(collector)
    return generate_latest(registry) + generate_latest(backlog)
