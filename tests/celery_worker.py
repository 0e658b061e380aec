"""A Celery worker in a process of its own, on this test's database and a queue that nobody else hears."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from plm_project.celery import app
from plm_project.core.ids import uuid7
from tests.processes import ROOT, environment


def broker() -> str:
    """The Redis of this run, another database of it: the worker must hear nobody but us."""
    base, _slash, number = settings.REDIS_URL.rpartition("/")
    return f"{base}/{5 if number != '5' else 6}"


@contextmanager
def celery_worker(
    module: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, neighbours: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker that imports the module's text, and send this process's tasks to it. It hears the queues of these
    neighbours, too.
    """
    queue, url = f"test-{uuid7().hex}", broker()
    heard = [queue, *(f"{queue}.{neighbour}" for neighbour in neighbours)]
    (folder / "worker_of_test.py").write_text(module)
    own = {**environment(), "CELERY_BROKER_URL": url, "REDIS_URL": settings.REDIS_URL}
    own["CELERY_TASK_DEFAULT_QUEUE"] = queue
    own["PYTHONPATH"] = os.pathsep.join([str(folder), own["PYTHONPATH"]])
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "worker_of_test",
        "worker",
        "--pool",
        "solo",
        "-Q",
        ",".join(heard),
    ]
    with (folder / "worker.log").open("w") as log:
        process = subprocess.Popen([*command, "--loglevel", "INFO"], cwd=ROOT, env=own, stdout=log, stderr=log)
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", url)
    ours = {"broker_url": url, "task_always_eager": False, "task_default_queue": queue}
    before = {name: app.conf[name] for name in ours}
    _speak(ours)
    try:
        yield process
    finally:
        _speak(before)
        process.kill()
        process.wait(timeout=20)
        with app.connection_for_write(url) as line:
            channel: Any = line.default_channel
            for name in heard:
                channel.queue_delete(name)


def _speak(settings_of_app: dict[str, Any]) -> None:
    """Set the app's broker and queue. It keeps what it sent its last task through, so that goes."""
    app.conf.update(settings_of_app)
    del app.amqp
