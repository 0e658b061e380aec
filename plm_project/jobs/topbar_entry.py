"""The entry in the bar above every page while jobs of the signed-in person run."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plm_project.jobs.permissions import JOBS_READ
from plm_project.jobs.selectors import open_count
from plm_project.web.topbar import TopbarItem


def running_data(request: HttpRequest) -> dict[str, Any]:
    """Return how many jobs of the signed-in person wait or run."""
    return {"open": open_count(request.actor)}  # type: ignore[attr-defined]


RUNNING = TopbarItem("jobs", "jobs/_topbar.html", JOBS_READ, running_data)
