"""Figures for Prometheus: what waits for each neighbour, and how calls went. No tenant's name or id appears."""

from __future__ import annotations

from collections import Counter as Sums
from collections.abc import Iterable

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from integrations.choices import OPEN_STATES
from integrations.models import Delivery
from plm_project.ops.metrics import REGISTRY
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

ATTEMPTS = Counter(
    "plm_integration_attempts",
    "Calls to neighbours, by what they came to",
    ["neighbour", "outcome"],
    registry=REGISTRY,
)
SECONDS = Histogram(
    "plm_integration_call_seconds",
    "Time that a call to a neighbour took",
    ["neighbour"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)


class DeliveriesCollector(Collector):
    """Reads what waits when Prometheus asks: one statement a tenant."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield depth by neighbour and state, and the age of the oldest by neighbour."""
        depth: Sums[tuple[str, str]] = Sums()
        oldest: dict[str, float] = {}
        now = timezone.now()
        for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
            with tenant_scope(tenant_id):
                rows = (
                    Delivery.objects.filter(state__in=OPEN_STATES)
                    .order_by()
                    .values_list("target__neighbour_key", "state")
                    .annotate(count=Count("id"), first=Min("created_at"))
                )
                for neighbour, state, count, first in rows:
                    depth[neighbour, state] += count
                    oldest[neighbour] = max(oldest.get(neighbour, 0.0), (now - first).total_seconds())
        waiting = GaugeMetricFamily(
            "plm_integration_deliveries", "Deliveries that have still to arrive", labels=["neighbour", "state"]
        )
        for (neighbour, state), count in sorted(depth.items()):
            waiting.add_metric([neighbour, state], count)
        age = GaugeMetricFamily(
            "plm_integration_oldest_seconds",
            "Age of the oldest delivery that has still to arrive",
            labels=["neighbour"],
        )
        for neighbour, seconds in sorted(oldest.items()):
            age.add_metric([neighbour], seconds)
        yield waiting
        yield age
