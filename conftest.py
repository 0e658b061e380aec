"""Tests that need something of the machine are skipped by its name where it is missing; with CI=true they fail."""

from __future__ import annotations

import gc
import os

import pytest

from scripts.browsers import browser_path


def _missing(marker: str) -> str:
    """Return the name of what a marker needs and this run has not, or an empty string."""
    if marker == "postgres":
        from django.db import connection

        return "" if connection.vendor == "postgresql" else "PostgreSQL"
    if marker == "redis":
        from django.conf import settings

        return "" if settings.REDIS_URL else "Redis"
    return "" if browser_path() else "Chromium"


# What these show does not depend on the database (parsing, templates, scripts, files), so one run of them is enough.
ONCE = ("tests/products/importing", "tests/products/sourcing/test_pricing.py", "tests/setup",
        "tests/web", "tests/settings", "tests/demo/test_demo_data.py", "tests/demo/test_demo_story.py",
        "tests/core", "tests/tenancy/test_isolation.py")  # fmt: skip


# Pages, admin and API, thin doors to services that are tested on both, and the long tables of who may step where. Where
# there are two databases, the stricter one is enough for them.
DOORS = ("tests/accounts/test_commands.py",
         "tests/admin", "tests/analytics", "tests/api_room", "tests/architecture", "tests/changes/pages", "tests/ops",
         "tests/changes/test_api.py", "tests/collaboration/test_api.py", "tests/collaboration/test_pages.py",
         "tests/compliance/test_doors.py", "tests/products/api", "tests/products/pages", "tests/tenancy/test_routes.py",
         "tests/products/documents/test_api.py", "tests/products/documents/test_pages.py",
         "tests/products/test_lifecycle_matrix.py", "tests/changes/test_transitions.py")  # fmt: skip


# Each test is quick, but together they take long: real files, every way for every role, sockets, whole servers, every
# model. `make test-fast` leaves them out; what is left runs in under a minute.
WIDE = ("tests/tenancy/test_isolation.py", "tests/products/test_bom_export.py", "tests/products/importing/test_real_files.py",
        "tests/products/importing/test_source.py", "tests/products/test_released_is_kept.py",
        "tests/products/configuring/test_against_brute_force.py", "tests/products/structure/test_resolution.py",
        "tests/products/documents/test_s3.py", "tests/products/test_unit_conversion.py",
        "tests/changes/test_approvals.py", "tests/changes/test_redlines.py", "tests/changes/test_gates.py",
        "tests/collaboration", "tests/compliance", "tests/integrations", "tests/settings")  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests under ``ONCE``, ``DOORS`` and ``WIDE``."""
    for item in items:
        place = item.path.relative_to(config.rootpath).as_posix()
        if place.startswith(ONCE):
            item.add_marker(pytest.mark.once)
        if place.startswith(DOORS):
            item.add_marker(pytest.mark.door)
        if place.startswith(WIDE):
            item.add_marker(pytest.mark.wide)


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what is loaded by now and stays to the end, and look less often at the rest:
    it took a tenth of the time of the tests to walk through the same modules, models and templates again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or with CI=true fail, a test whose server or browser is not there."""
    for marker in ("postgres", "redis", "browser"):
        if item.get_closest_marker(marker) and (name := _missing(marker)):
            if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
                pytest.fail(f"needs {name}, and CI=true allows no skipping", pytrace=False)
            pytest.skip(f"needs {name}")
