"""The dashboard is the first page."""

from __future__ import annotations

from django.urls import path

from plm_project.analytics.views import DashboardView

urlpatterns = [path("", DashboardView.as_view(), name="dashboard")]
