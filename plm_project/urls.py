"""All routes. Each context brings its pages and its API; nothing else is decided here."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from plm_project.api.urls import unknown

urlpatterns = [
    path("", include("plm_project.analytics.urls")),
    path("", include("plm_project.ops.urls")),
    path("accounts/", include("plm_project.accounts.urls")),
    path("preferences/", include("plm_project.web.urls")),
    path("admin/", admin.site.urls),
    path("jobs/", include("plm_project.jobs.urls")),
    path("products/", include("products.urls")),
    path("changes/", include("changes.urls")),
    path("collaboration/", include("collaboration.urls")),
    path("compliance/", include("compliance.urls")),
    path("integrations/", include("integrations.urls")),
    path("api/v1/plm/", include("products.api.urls")),
    path("api/v1/plm/", include("plm_project.jobs.api.urls")),
    path("api/v1/plm/", include("changes.api.urls")),
    path("api/v1/plm/", include("collaboration.api.urls")),
    path("api/v1/plm/", include("compliance.api.urls")),
    path("api/v1/plm/", include("integrations.api.urls")),
    path("api/v1/plm/", include("plm_project.api.urls")),  # last: it answers every address that is left
    path("api/", include((unknown, "unknown"))),
]

handler400 = "plm_project.web.errors.bad_request"
handler403 = "plm_project.web.errors.permission_denied"
handler404 = "plm_project.web.errors.page_not_found"
handler500 = "plm_project.web.errors.server_error"
