"""The schedule without workers: what is due runs, what fails is told and tried again, every entry names a task."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings

from plm_project.celery import app
from plm_project.local_schedule import LocalSchedule

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_entry_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_what_is_due_runs_once_in_its_interval() -> None:
    start = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as traveller:
        schedule = LocalSchedule()
        assert schedule.run_due() == []
        traveller.shift(31)
        assert schedule.run_due() == ["outbox-sweep", "notices-sweep", "jobs-look-after", "integrations-send-due"]
        assert schedule.run_due() == []
        traveller.shift(2 * 24 * 3600)
        assert set(schedule.run_due()) == set(settings.CELERY_BEAT_SCHEDULE)


def test_a_failing_task_is_told_and_stops_no_other(
    settings: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.task(name="tests.fails")  # type: ignore[untyped-decorator]
    def fails() -> None:
        raise ConnectionError("no mail server")

    settings.CELERY_BEAT_SCHEDULE = {
        "bad": {"task": "tests.fails", "schedule": 1.0},
        "good": {"task": "outbox.relay_all", "schedule": 1.0},
    }
    start = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)
    try:
        with time_machine.travel(start, tick=False) as traveller:
            schedule = LocalSchedule()
            traveller.shift(2)
            assert schedule.run_due() == ["bad", "good"]
            assert "no mail server" in caplog.text + capsys.readouterr().err
            traveller.shift(2)
            assert schedule.run_due() == ["bad", "good"]
    finally:
        app.tasks.unregister("tests.fails")
