"""A process killed between the commit and the delivery loses no event and delivers none twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from plm_project.outbox.models import Delivery, OutboxEvent
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.processes import ROOT, environment

CRASH = Path(__file__).with_name("crash.py")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run crash.py on this test's database."""
    return subprocess.run(
        [sys.executable, str(CRASH), *arguments],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def state(tenant: Tenant) -> tuple[int, int, int]:
    """Return how many events wait, how many deliveries are noted, how many rows the subscriber wrote."""
    with tenant_scope(tenant.pk):
        return (
            OutboxEvent.objects.filter(settled_at__isnull=True).count(),
            Delivery.objects.filter(delivered_at__isnull=False).count(),
            NumberSequence.objects.filter(key="heard 1").count(),
        )


@pytest.mark.slow
@pytest.mark.parametrize("point", ["before", "within"])
def test_a_killed_process_loses_no_event_and_delivers_none_twice(acme: Tenant, point: str) -> None:
    killed = run("acme", point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert state(acme) == (1, 0, 0), "the event is committed, its delivery is not"
    relayed = run("acme", "relay")
    assert relayed.returncode == 0, relayed.stderr
    assert json.loads(relayed.stdout) == {"delivered": 1, "failed": 0, "settled": 1}
    assert state(acme) == (0, 1, 1)
    again = run("acme", "relay")
    assert json.loads(again.stdout) == {"delivered": 0, "failed": 0, "settled": 0}
    assert state(acme) == (0, 1, 1)
