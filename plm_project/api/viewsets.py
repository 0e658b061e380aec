"""The names contexts import for their endpoints."""

from __future__ import annotations

from plm_project.api.endpoints import PlmView, PlmViewSet, ReadActions, one_or_not_found, refuse_unknown

__all__ = ["PlmView", "PlmViewSet", "ReadActions", "one_or_not_found", "refuse_unknown"]
