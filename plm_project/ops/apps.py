"""The Django app of the ops room; it has no models."""

from __future__ import annotations

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Health, metrics, logging, request ids."""

    name = "plm_project.ops"
    label = "ops"
