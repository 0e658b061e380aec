"""The last line of `make test` says what happened: an error counts as a failure, a run that broke off is not green."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.once

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><failure message="no"/></testcase>
<testcase name="d"><error message="setup"/></testcase>
<testcase name="e"><skipped message="needs Redis"/></testcase>
<testcase name="f"><skipped message="needs Redis"/></testcase>
<testcase name="g"><skipped message="not on this system"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture(scope="module")
def suite() -> ModuleType:
    sys.path.append(str(ROOT / "scripts"))
    spec = importlib.util.spec_from_file_location("plm_suite", ROOT / "scripts" / "test.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_counts_of_two_runs_add_up(suite, tmp_path, capsys):
    report = tmp_path / "run.xml"
    report.write_text(REPORT)
    result = suite.Result()
    suite.count(report, result)
    suite.count(report, result)
    suite.print_summary(result, 12.3, tests_ran=True)
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 4 failed, 6 skipped in 12 s"
    assert result.skipped_for["Redis"] == 4
    assert result.status == 1


def test_failed_check_and_broken_run_are_not_green(suite, capsys):
    result = suite.Result(passed=10, checks_failed=["types"])
    assert result.status == 1
    result.broken_runs.append("SQLite")
    suite.print_summary(result, 1, tests_ran=True)
    words = capsys.readouterr().out
    assert "Checks failed: types" in words
    assert "The run on SQLite broke off" in words
    assert words.splitlines()[-1] == "10 passed, 0 failed, 0 skipped, 2 checks failed in 1 s"
    assert suite.Result(passed=10).status == 0


def test_missing_server_is_named(suite, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("PATH", "/nowhere")
    machine = suite.find_machine()
    assert set(machine.missing) == {"PostgreSQL", "Redis", "Chromium"}
    assert (machine.database_url, machine.redis_url) == ("", "")


def test_run_that_needs_no_server_hears_of_none(suite, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://real@db/plm")
    monkeypatch.setenv("REDIS_URL", "redis://real/0")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://real/1")
    environment = suite.sqlite_environment()
    assert environment["DATABASE_URL"].startswith("sqlite:///")
    assert environment["REDIS_URL"] == environment["CELERY_BROKER_URL"] == ""
