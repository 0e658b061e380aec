"""Production refuses to start half configured, names what is missing, and passes Django's own deployment check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {
    "SECRET_KEY": "k3y-" + "aB3$x9!qLm7^" * 5,
    "ALLOWED_HOSTS": "plm.example.com",
    "DATABASE_URL": "postgres://plm@127.0.0.1:5432/plm",
    "SITE_URL": "https://plm.example.com",
}

pytestmark = [pytest.mark.slow, pytest.mark.once]


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with the production settings; an empty value is a variable that is not set (.env cannot fill it)."""
    environment = {**os.environ, **dict.fromkeys(NEEDED, ""), **variables}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the tests' own
    environment["DJANGO_SETTINGS_MODULE"] = "plm_project.settings.production"
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("missing", [["SECRET_KEY"], ["ALLOWED_HOSTS"], ["DATABASE_URL", "SITE_URL"], list(NEEDED)])
def test_it_names_everything_that_is_missing(missing: list[str]) -> None:
    given = {name: value for name, value in NEEDED.items() if name not in missing}
    done = manage("check", **given)
    assert done.returncode != 0
    said = done.stderr.strip().splitlines()[-1]
    assert [name for name in NEEDED if name in said] == missing
    assert NEEDED["SECRET_KEY"] not in done.stderr


def test_an_address_that_leads_nowhere_is_refused() -> None:
    done = manage("check", **{**NEEDED, "SITE_URL": "plm.example.com"})
    assert done.returncode != 0
    assert "SITE_URL must look like https://plm.example.com" in done.stderr


def test_the_servers_entry_points_refuse_as_well() -> None:
    environment = {
        **os.environ,
        **dict.fromkeys(NEEDED, ""),
        "DJANGO_SETTINGS_MODULE": "plm_project.settings.production",
    }
    for module in ("plm_project.asgi", "plm_project.wsgi"):
        done = subprocess.run(
            [sys.executable, "-c", f"import {module}"], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.returncode != 0
        assert all(name in done.stderr for name in NEEDED)


def test_the_deployment_check_is_clean() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **NEEDED)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_debug_cannot_be_switched_on() -> None:
    code = "from django.conf import settings; print(settings.DEBUG)"
    done = manage("shell", "--no-imports", "-c", code, **NEEDED, DEBUG="true")
    assert done.stdout.strip().splitlines()[-1:] == ["False"], done.stdout + done.stderr
