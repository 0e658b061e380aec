"""Routes of the API, below /api/v1/plm/."""

from __future__ import annotations

from typing import Any

urlpatterns: list[Any] = []
