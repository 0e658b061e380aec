"""The beat schedule inside the server's own process, for an installation without a broker: what beat and the workers do
where there are some. One thread, one task after the other; a task that fails is logged and tried at its next time.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from celery.schedules import maybe_schedule
from django.conf import settings
from django.db import close_old_connections

from plm_project.celery import app
from plm_project.core import clock

log = structlog.get_logger(__name__)

TICK = 5.0  # seconds between two looks at the schedule


class LocalSchedule:
    """Knows when each entry of ``CELERY_BEAT_SCHEDULE`` ran last. The first run of each comes one interval after the start."""

    def __init__(self) -> None:
        app.loader.import_default_modules()
        self.entries: dict[str, tuple[str, Any]] = {
            name: (str(entry["task"]), maybe_schedule(entry["schedule"], app=app))
            for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
        }
        self.last = dict.fromkeys(self.entries, clock.now())

    def run_due(self) -> list[str]:
        """Run the tasks whose time has come and return the names of their entries."""
        ran = []
        for name, (task, schedule) in self.entries.items():
            if not schedule.is_due(self.last[name]).is_due:
                continue
            self.last[name] = clock.now()
            result = app.tasks[task].apply()
            if result.failed():
                log.error("scheduled task failed", task=task, error=str(result.result), traceback=result.traceback)
            ran.append(name)
        close_old_connections()
        return ran

    def run_for_ever(self) -> None:
        """Look at the schedule until the process ends."""
        while True:
            time.sleep(TICK)
            self.run_due()


def start() -> None:
    """Start the schedule in a thread of its own, unless a broker is set: then beat and the workers do it."""
    if not settings.CELERY_BROKER_URL:
        threading.Thread(target=LocalSchedule().run_for_ever, name="schedule", daemon=True).start()
