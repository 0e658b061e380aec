"""The Django app of the API room: it keeps the stored answers of idempotent calls."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Envelope, errors, pagination, throttles, ETag, idempotency."""

    name = "plm_project.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
