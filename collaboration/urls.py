"""Pages of collaboration, below /collaboration/."""

from __future__ import annotations

from typing import Any

app_name = "collaboration"
urlpatterns: list[Any] = []
