"""Rules of the house that hold for code nobody has written yet."""

from __future__ import annotations

import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command, get_commands

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import ScopedHistory

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("plm_project", "products", "changes", "collaboration", "integrations", "compliance")
LONGEST_MODULE = 400

# Commands without a test that calls them: name → reason. A stale entry fails.
COMMANDS_WITHOUT_TEST: dict[str, str] = {
    "migrate": "every run on a new database calls it (tests/tenancy/test_row_security.py shows what it installs)",
}
# Records that keep no history: label → reason. A stale entry fails.
WITHOUT_HISTORY: dict[str, str] = {
    "jobs.Job": "nobody edits one; the row says who started it, when, and how it ended",
}


def tracked_files() -> list[Path]:
    """Return what git knows of, and what it would take in: a new file is judged before its first commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def modules() -> list[Path]:
    """Return the project's own Python modules, migrations and tests aside."""
    return [
        path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")) if "migrations" not in path.parts
    ]


def own_commands() -> dict[str, str]:
    """Return the project's management commands with the app that brings each."""
    own = {config.name for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES}
    return {name: str(app) for name, app in get_commands().items() if app in own}


def test_every_command_is_called_by_a_test() -> None:
    """Called means that its name stands as a word of its own in a string of a test."""
    texts = [path.read_text() for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    untested = [
        name
        for name in sorted(own_commands())
        if name not in COMMANDS_WITHOUT_TEST and not any(re.search(rf"[\"' ]{name}[\"' ]", text) for text in texts)
    ]
    assert untested == []
    assert len(own_commands()) > 5
    assert set(COMMANDS_WITHOUT_TEST) - set(own_commands()) == set()


def test_every_command_of_ours_is_an_operators_command() -> None:
    """Tenant, JSON and exit codes come from one base; Django's own two keep theirs, the simulators know no tenant."""
    from django.core.management import load_command_class

    from plm_project.tenancy.commands import OperatorCommand

    other = [
        name for name, app in own_commands().items() if not isinstance(load_command_class(app, name), OperatorCommand)
    ]
    assert set(other) <= {"migrate", "flush", "simulators"}


def test_every_record_keeps_its_history() -> None:
    records = [model for model in apps.get_models() if issubclass(model, TenantRecord)]
    assert records
    without = {model._meta.label for model in records if not hasattr(model, "history")}
    assert without == set(WITHOUT_HISTORY)
    for model in records:
        if hasattr(model, "history"):
            assert issubclass(model.history.model, ScopedHistory), model


def test_history_lets_nobody_past_the_state_machine() -> None:
    from django.conf import settings

    assert settings.SIMPLE_HISTORY_REVERT_DISABLED is True


def test_no_module_is_longer_than_a_reader_bears() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [str(path.relative_to(ROOT)) for path in modules() if drawers & {path.stem, path.parent.name}] == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    output = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=output, stderr=output)
    except SystemExit:
        pytest.fail(output.getvalue())


@pytest.mark.django_db
def test_the_systems_own_check_is_clean() -> None:
    call_command("check", fail_level="WARNING")


FORBIDDEN = {
    "a path of one machine": re.compile(r"/(?:root|home/(?!app\b)[a-z]+|Users/[A-Za-z]+|work/(?:main|shared))/"),
    "an address packages are fetched from": re.compile(
        r"(?:files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org|registry\.yarnpkg\.com|"
        r"--(?:extra-)?index-url[ =]http|\"resolved\": *\"http|cdn\.jsdelivr\.net|unpkg\.com|cdnjs\.)"
    ),
    "a private key": re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----"),
}


def test_no_file_names_one_machine_or_a_registry() -> None:
    found, read = [], 0
    for path in tracked_files():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        read += 1
        found += [f"{path.relative_to(ROOT)}: {what}" for what, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert found == []
    assert read > 100


def test_no_strangers_minified_file_is_tracked() -> None:
    names = [path.relative_to(ROOT) for path in tracked_files()]
    assert [str(name) for name in names if re.search(r"\.min\.(js|css)$|(^|/)(node_modules|dist)/", str(name))] == []


def test_the_code_asks_the_environment_in_one_place() -> None:
    """settings/env.py reads it; entry points name the settings module; a command reads the password it is told of."""
    allowed = {"settings/env.py", "asgi.py", "wsgi.py", "celery.py", "commands/user_create.py", "ops/metrics.py"}
    readers = [path for path in modules() if re.search(r"\bos\.(environ|getenv)\b", path.read_text())]
    strangers = [
        str(path.relative_to(ROOT)) for path in readers if not any(str(path).endswith(end) for end in allowed)
    ]
    assert strangers == []
