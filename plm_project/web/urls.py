"""Preferences of the browser: theme and language."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from plm_project.web.views import ThemeView

app_name = "web"
urlpatterns = [
    path("theme/", ThemeView.as_view(), name="theme"),
    path("language/", set_language, name="language"),
]
