"""The whole suite: the checks, then pytest on SQLite and on PostgreSQL + Redis, then one line that sums it up.

    test.py             everything
    test.py --checks    lint, format, types, import contracts, migrations, OpenAPI snapshot
    test.py --fast      the quick tests on SQLite

DATABASE_URL and REDIS_URL name the servers; without them the usual local ports are asked. What is missing is named and
its tests are skipped and counted; with CI=true it is a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from machine import Machine, find_machine
from test_databases import kept_template, templates

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
REPORTS = ROOT / "var" / "test-results"
SNAPSHOT = ROOT / "docs" / "openapi.yaml"
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
PROCESSES = os.environ.get("PLM_TEST_PROCESSES", "2")

CHECKS: dict[str, list[str]] = {
    "types": [str(BIN / "mypy")],
    "lint": [str(BIN / "ruff"), "check", "--output-format", "concise", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "--output-format", "concise", "."],
    "import contracts": [str(BIN / "lint-imports"), "--no-logo", "--no-cache"],
    "migrations": [str(BIN / "python"), "manage.py", "makemigrations", "--check", "--dry-run"],
    "OpenAPI snapshot": [
        *(str(BIN / "python"), "manage.py", "spectacular", "--validate", "--fail-on-warn"),
        *("--file", str(REPORTS / "openapi.yaml")),
    ],
}


@dataclass
class Result:
    """What the checks and runs came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    checks_failed: list[str] = field(default_factory=list)
    skipped_for: dict[str, int] = field(default_factory=dict)
    broken_runs: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status: 0 only when nothing failed and something ran."""
        return 1 if self.failed or self.checks_failed or self.broken_runs else 0


def main(arguments: list[str]) -> int:
    """Run what the arguments ask for and return the exit status."""
    start = time.monotonic()
    REPORTS.mkdir(parents=True, exist_ok=True)
    result = Result()
    if "--fast" in arguments:
        quick = "not slow and not wide and not browser and not postgres and not redis and not door"
        name = kept_template(sqlite_environment())
        pytest_run("SQLite", quick, {**sqlite_environment(), "PLM_TEST_TEMPLATE": name}, result)
    else:
        run_checks(result)
    if not arguments:
        run_suite(find_machine(), result)
    print_summary(result, time.monotonic() - start, tests_ran="--checks" not in arguments)
    return result.status


# --- checks --------------------------------------------------------------------------------------------------------
def run_checks(result: Result) -> None:
    """Run every check, two at a time, and show the words of those that fail."""
    print("Checks", flush=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, fault in zip(CHECKS, pool.map(check, CHECKS), strict=True):
            print(f"  {name}: {'failed' if fault else 'ok'}", flush=True)
            if fault:
                result.checks_failed.append(name)
                lines = fault.splitlines()
                print("\n".join([*lines[:60], *([f"... and {len(lines) - 60} lines more"] if lines[60:] else [])]))


def check(name: str) -> str:
    """Run one check and return what is wrong, or an empty string."""
    environment = {**sqlite_environment(), "DATABASE_URL": "sqlite://:memory:"}
    environment["DJANGO_SETTINGS_MODULE"] = "plm_project.settings.test"
    done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        return (done.stdout + done.stderr).strip() or f"exit status {done.returncode}"
    return compare_snapshot() if name == "OpenAPI snapshot" else ""


def compare_snapshot() -> str:
    """Return how the API differs from the snapshot in docs/, or an empty string."""
    committed = SNAPSHOT.read_text().splitlines() if SNAPSHOT.is_file() else []
    now = (REPORTS / "openapi.yaml").read_text().splitlines()
    lines = list(unified_diff(committed, now, "docs/openapi.yaml", "the API now", lineterm=""))
    if not lines:
        return ""
    return "\n".join([*lines[:60], "If the change is meant, run `make openapi` and commit docs/openapi.yaml with it."])


# --- tests ---------------------------------------------------------------------------------------------------------
def run_suite(machine: Machine, result: Result) -> None:
    """Run pytest on SQLite, then on PostgreSQL; what only one of them needs to show runs once."""
    if IN_CI:
        result.checks_failed += [f"{name} missing" for name in machine.missing]
    if machine.database_url:
        run_on_both(machine, result)
    else:
        with templates([sqlite_environment()]) as (name,):
            environment = {**sqlite_environment(), "REDIS_URL": machine.redis_url, "PLM_TEST_TEMPLATE": name}
            pytest_run("SQLite", "not browser", environment, result)
            pytest_run("Chromium", "browser", environment, result)
    for name, reason in machine.missing.items():
        count = result.skipped_for.get(name, 0)
        also = " and the run on PostgreSQL" if name == "PostgreSQL" else ""
        print(f"Missing: {name} ({reason}); {count} tests{also} skipped.")


def run_on_both(machine: Machine, result: Result) -> None:
    """Run on SQLite what is quick and no door, on PostgreSQL all but what shows the same on both, and the browser."""
    servers = {**sqlite_environment(), "DATABASE_URL": machine.database_url, "REDIS_URL": machine.redis_url}
    title = "PostgreSQL + Redis" if machine.redis_url else "PostgreSQL"
    with templates([sqlite_environment(), servers]) as (file, database):
        # The slow ones show the same on both; the stricter database is enough, except for what runs once, here.
        quick = "not postgres and not redis and not browser and not door and (once or not slow)"
        pytest_run("SQLite", quick, {**sqlite_environment(), "PLM_TEST_TEMPLATE": file}, result)
        pytest_run(title, "not once and not browser", {**servers, "PLM_TEST_TEMPLATE": database}, result)
        # A process of its own: Playwright keeps an event loop running, in which no asynchronous test can start.
        pytest_run("Chromium", "browser", {**servers, "PLM_TEST_TEMPLATE": database}, result)


def sqlite_environment() -> dict[str, str]:
    """Return the environment of a run that needs no server, whatever .env and the shell say.

    Python keeps what it compiles: every process of a run, and every one that a test starts, would compile some 700
    modules anew, which takes five seconds."""
    database = f"sqlite:///{ROOT / 'var' / 'plm.sqlite3'}"
    environment = {**os.environ, "DATABASE_URL": database, "REDIS_URL": "", "CELERY_BROKER_URL": ""}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def pytest_run(title: str, markers: str, environment: dict[str, str], result: Result) -> None:
    """Run pytest once and add its counts."""
    print(f"\nTests on {title}", flush=True)
    report = REPORTS / f"{title.split()[0].lower()}.xml"
    report.unlink(missing_ok=True)
    command = [
        str(BIN / "python"),
        "-m",
        "pytest",
        "-n",
        PROCESSES,
        "--dist",
        "worksteal",
        "-q",
        "-rfEs",
        "--no-fold-skipped",
        "-m",
        markers,
    ]
    done = subprocess.run([*command, "--durations=10", f"--junitxml={report}"], cwd=ROOT, env=environment)
    if not report.is_file():
        result.broken_runs.append(title)
        return
    before = result.failed
    count(report, result)
    if done.returncode and result.failed == before:
        result.broken_runs.append(title)


def count(report: Path, result: Result) -> None:
    """Add the counts of one JUnit report; an error in a fixture counts as a failure."""
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - written by our own pytest a moment ago
        if case.find("failure") is not None or case.find("error") is not None:
            result.failed += 1
        elif (skip := case.find("skipped")) is not None:
            result.skipped += 1
            wanted = (skip.get("message") or "").removeprefix("needs ")
            result.skipped_for[wanted] = result.skipped_for.get(wanted, 0) + 1
        else:
            result.passed += 1


def print_summary(result: Result, seconds: float, *, tests_ran: bool) -> None:
    """Print the closing lines; the last one is plain: N passed, N failed, N skipped."""
    print()
    if result.checks_failed:
        print("Checks failed: " + ", ".join(result.checks_failed))
    for title in result.broken_runs:
        print(f"The run on {title} broke off or could not start; see above.")
    if tests_ran:
        wrong = len(result.checks_failed) + len(result.broken_runs)
        also = f", {wrong} checks failed" if wrong else ""
        print(f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped{also} in {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
