"""The main job, end to end, by three people: from a file to revision B and its difference from A."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from changes.models import EngineeringChange
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import ProductRevision
from tests.browser.conftest import OpenPage, sign_in_as
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BOM = "Part Number,Description,Qty,Unit\nHUB-32,Hub 32 holes,1,pcs\nSPOKE-264,Spoke 264 mm,32,pcs\nRIM-28,Rim 28 inch,1,pcs\n"


@dataclass
class Browsers:
    """One browser window for each person."""

    engineer: Page
    approver: Page
    manager: Page


@pytest.fixture(autouse=True)
def private_files(settings: Any, tmp_path: Path) -> None:
    """Uploads of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def three(make_member: Callable[..., Any], open_page: OpenPage) -> Browsers:
    """Three people, made before a browser looks, each signed in."""
    emails = [make_member(role)[0].email for role in ("engineer", "technical_approver", "plm_manager")]
    pages = [open_page() for _email in emails]
    for page, email in zip(pages, emails, strict=True):
        sign_in_as(page, email)
    return Browsers(*pages)


def import_the_wheel(page: Page, file: Path) -> None:
    file.write_text(BOM)
    page.get_by_role("link", name="Import").first.click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Number of the product").fill("WHEEL-28")
    page.get_by_label("Its name").fill("Front wheel 28 inch")
    page.get_by_role("button", name="Show the preview").click()
    page.get_by_role("button", name="Import 3 lines").click()
    expect(page.get_by_role("row", name="SPOKE-264")).to_contain_text("32")


def release_revision_a(page: Page, number: str) -> None:
    page.goto(f"/products/?q={number}")
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="Revisions", exact=True).click()
    page.get_by_role("link", name="Release").first.click()
    page.get_by_label("Reason").fill("First series")
    page.get_by_role("button", name="Release").click()


def release_the_wheel_after_its_parts(page: Page) -> None:
    released = page.get_by_role("row", name="A", exact=False).first
    release_revision_a(page, "WHEEL-28")
    expect(page.get_by_text("Not released yet: HUB-32, RIM-28, SPOKE-264.").first).to_be_visible()
    for number in ("HUB-32", "RIM-28", "SPOKE-264", "WHEEL-28"):
        release_revision_a(page, number)
        expect(released).to_contain_text("Released")


def open_the_change(page: Page) -> str:
    page.goto("/products/?q=WHEEL-28")
    page.get_by_role("link", name="WHEEL-28").click()
    page.get_by_role("link", name="Open a change").click()
    expect(page.get_by_text("WHEEL-28", exact=True)).to_be_visible()
    page.get_by_label("Title").fill("36 spokes in the front wheel")
    page.get_by_label("Reason for the change").fill("Spokes break under cargo load.")
    page.get_by_role("button", name="Open the change").last.click()
    expect(page.get_by_text("ECO-000001 is open. Now draw the redlines.")).to_be_visible()
    expect(page.get_by_text("Nothing changes here").first).to_be_visible()
    return page.url.split("#")[0]


def redline_two_lines(page: Page) -> None:
    page.get_by_role("link", name="Redline SPOKE-264").click()
    editor = page.locator("tr.editor")
    editor.get_by_label("Quantity", exact=True).fill("36")
    editor.get_by_label("Note for the approvers").fill("as the rear wheel has")
    editor.get_by_role("button", name="Save redline").click()
    expect(page.locator("tr.diff-changed", has_text="SPOKE-264")).to_contain_text("as the rear wheel has")
    page.get_by_role("button", name="Remove HUB-32").click()
    expect(page.locator("tr.diff-removed")).to_contain_text("HUB-32")


def test_from_a_file_to_revision_b(three: Browsers, tenant: Tenant, tmp_path: Path) -> None:
    import_the_wheel(three.engineer, tmp_path / "wheel.csv")
    release_the_wheel_after_its_parts(three.manager)
    change = open_the_change(three.engineer)
    redline_two_lines(three.engineer)

    three.engineer.get_by_role("button", name="Submit").click()
    dialog = three.engineer.get_by_role("dialog")
    dialog.get_by_label("Comment").fill("Please look at the hub.")
    dialog.get_by_role("button", name="Submit").click()
    expect(three.engineer.get_by_text("ECO-000001 is submitted.")).to_be_visible()
    expect(three.engineer.get_by_role("button", name="Approve")).to_have_count(0)

    three.approver.get_by_role("link", name="My approvals").first.click()
    expect(three.approver.get_by_text("One change waits for your decision.")).to_be_visible()
    expect(three.approver.locator(".drawn-rows").first).to_contain_text("36")
    three.approver.get_by_role("button", name="Approve ECO-000001").click()
    dialog = three.approver.get_by_role("dialog")
    dialog.get_by_label("Comment").fill("Good.")
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Approve").click()
    expect(three.approver.get_by_text("You have approved ECO-000001.")).to_be_visible()
    expect(three.approver.get_by_text("Nothing waits for you")).to_be_visible()

    three.manager.goto(change)
    three.manager.get_by_role("button", name="Implement").click()
    three.manager.get_by_role("dialog").get_by_role("button", name="Implement").click()
    expect(three.manager.get_by_text("ECO-000001 is implemented.")).to_be_visible()
    three.manager.get_by_role("link", name="Compare A → B").click()
    expect(
        three.manager.get_by_role("heading", name="From WHEEL-28 revision A to WHEEL-28 revision B")
    ).to_be_visible()
    spoke = three.manager.get_by_role("row", name="SPOKE-264")
    expect(spoke.locator("del")).to_have_text("32")
    expect(spoke.locator("ins")).to_have_text("36")
    expect(three.manager.locator("tr.diff-removed")).to_contain_text("HUB-32")

    three.engineer.goto("/products/?q=WHEEL-28")
    three.engineer.get_by_role("link", name="WHEEL-28").click()
    three.engineer.get_by_role("link", name="BOM", exact=True).click()
    expect(three.engineer.get_by_role("row", name="SPOKE-264")).to_contain_text("36")
    expect(three.engineer.get_by_role("row", name="HUB-32")).to_have_count(0)
    with tenant_scope(tenant.pk):
        assert EngineeringChange.objects.get().status == "implemented"
        revisions = ProductRevision.objects.filter(product__product_number="WHEEL-28").order_by("sequence")
        assert [(entry.label, entry.state) for entry in revisions] == [("A", "superseded"), ("B", "released")]
