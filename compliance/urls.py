"""Pages of compliance, below /compliance/."""

from __future__ import annotations

from typing import Any

app_name = "compliance"
urlpatterns: list[Any] = []
