"""All routes. Each context brings its pages and its API; nothing else is decided here."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("plm_project.ops.urls")),
    path("accounts/", include("plm_project.accounts.urls")),
    path("admin/", admin.site.urls),
]
