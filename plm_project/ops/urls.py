"""The operator's routes, included by the wiring at the root."""

from __future__ import annotations

from django.urls import path

from plm_project.ops import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_view, name="metrics"),
]
