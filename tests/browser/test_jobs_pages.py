"""A file of 1,200 lines is imported by a job: its bar is seen, the page left and come back to, the product opened."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.jobs import registry
from plm_project.jobs.models import Job
from plm_project.jobs.registry import JobKind, register_job_kind
from plm_project.jobs.services import job_start
from plm_project.jobs.workers import THREADS
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine
from tests.browser.conftest import accessible_in_every_look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
LINES = 1_200
# The part of the page that asks for itself again stays as it is while it is judged.
HOLD_STILL = """() => document.getElementById("job-part").addEventListener("htmx:beforeRequest", (event) => {
  event.preventDefault();
  event.stopPropagation();
})"""


@pytest.fixture
def busy(settings: Any, tmp_path: Path) -> Iterator[threading.Event]:
    """Jobs are carried out by threads, and a kind keeps one busy until the event is set."""
    files = {**settings.STORAGES["files"], "OPTIONS": {"location": str(tmp_path / "files"), "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "files": files}
    settings.MEDIA_ROOT = tmp_path
    settings.JOBS_INLINE = False
    leave = threading.Event()

    def run(actor: Actor, job: Job, progress: Any) -> dict[str, Any]:
        progress("Turning", 3, 10)
        leave.wait(60)
        return {}

    known = dict(registry._kinds)
    register_job_kind(JobKind("tests.busy", "A test", "plm.products.read", run, writes=False))
    yield leave
    leave.set()
    registry._kinds.clear()
    registry._kinds.update(known)


def shot(page: Page, name: str) -> None:
    """Keep a picture where SHOTS names a folder; nothing is compared with it."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_large_import_is_left_and_come_back_to(
    sign_in: Callable[..., Page], tenant: Tenant, tmp_path: Path, busy: threading.Event
) -> None:
    page = sign_in("engineer")
    actor = actor_for_user(User.objects.get(email="engineer@acme.example"), tenant.pk)
    with tenant_scope(tenant.pk, atomic=True):
        first, *_others = [job_start(actor=actor, kind="tests.busy", title=f"Job {n}") for n in range(THREADS)]
    page.goto(first.get_absolute_url())
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "30", timeout=20_000)  # told by the job, fetched by the page
    shot(page, "job-running")
    page.evaluate(HOLD_STILL)
    accessible_in_every_look(page)

    file = tmp_path / "large.csv"
    rows = "".join(f"P-{n:05d},Part {n},2,EA\n" for n in range(LINES))
    file.write_text(f"Part Number,Description,Qty,UoM\n{rows}")
    page.goto("/products/import/?parent=LARGE-1")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Show the preview").click()
    page.get_by_role("button", name=f"Import {LINES} lines").click()
    page.wait_for_url("**/jobs/*/")
    expect(page.get_by_text("Waiting for a free worker")).to_be_visible()
    here = page.url

    page.goto("/products/")  # left
    page.get_by_role("link", name=f"{THREADS + 1} jobs are not done yet").click()
    shot(page, "job-list")
    busy.set()
    page.get_by_role("link", name="Import of large.csv below LARGE-1").click()
    assert page.url == here  # and come back to
    expect(page.locator("#job-part").get_by_text("Done", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name="not done yet")).to_have_count(0)
    shot(page, "job-done")
    accessible_in_every_look(page)
    page.get_by_role("link", name="Open the imported product").click()
    expect(page.get_by_text("P-00000", exact=True)).to_be_visible()
    with tenant_scope(tenant.pk):
        assert BomLine.objects.count() == LINES
