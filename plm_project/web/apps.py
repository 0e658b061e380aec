"""The web room as a Django app: template tags, static sources, preferences."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Carries no models."""

    name = "plm_project.web"
    label = "web"
    verbose_name = _("Pages")
