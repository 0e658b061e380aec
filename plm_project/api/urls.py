"""Schema, documentation and, last, the answer for unknown addresses.

The wiring includes ``urlpatterns`` under ``api/v1/plm/`` after the contexts' routes, and ``unknown`` under ``api/``.
"""

from __future__ import annotations

from django.urls import re_path

from plm_project.api.documentation import SchemaView, docs_page
from plm_project.api.router import either_slash
from plm_project.api.views import unknown_path

unknown = [re_path(r"^.*$", unknown_path, name="api-unknown")]

urlpatterns = [
    either_slash("schema/", SchemaView.as_view(), name="api-schema"),
    either_slash("docs/", docs_page, name="api-docs"),
    *unknown,
]
