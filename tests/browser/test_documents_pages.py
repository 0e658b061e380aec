"""The vault in the browser: a STEP file is uploaded and turned by keys and mouse; a part of a model names its BOM line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.cad.run import libraries_missing
from products.models import Document
from tests.browser.conftest import accessible_in_every_look
from tests.factories import make_document, make_line, make_product

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {**settings.STORAGES["files"], "OPTIONS": {"location": str(tmp_path), "base_url": None}},
    }


@pytest.fixture
def cad(shared: Path) -> Path:
    folder = shared / "data" / "cad"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/cad (real CAD files)")
    if missing := libraries_missing():
        pytest.skip("needs the extra cad: " + ", ".join(missing))
    return folder


def ready(page: Page) -> Any:
    """Wait until the model is drawn, and return its stage."""
    expect(page.locator("[data-viewer][data-state=ready]")).to_be_visible(timeout=20_000)
    stage = page.locator("[data-viewer-stage]")
    expect(stage).to_have_attribute("data-turned", "45 60", timeout=10_000)
    return stage


def shot(page: Page, name: str) -> None:
    """Keep a picture where SHOTS names a folder; nothing is compared with it."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_step_file_is_uploaded_and_turned(sign_in: Callable[..., Page], tenant: Tenant, cad: Path) -> None:
    with tenant_scope(tenant.pk):
        product = make_product("213-000172", product_name="Hook lift")
    page = sign_in("engineer")
    page.goto(f"/products/{product.pk}/model/")
    page.get_by_role("link", name="Upload a model").click()
    page.set_input_files("input[type=file]", cad / "213-000172_hook_lift.stp")
    page.get_by_label("Title").fill("Hook, as drawn")
    page.get_by_role("button", name="Create document").click()
    page.wait_for_url("**/products/documents/*/")
    stage = ready(page)
    stage.focus()
    page.keyboard.press("ArrowRight")
    expect(stage).to_have_attribute("data-turned", "60 60")
    page.keyboard.press("ArrowUp")
    expect(stage).to_have_attribute("data-turned", "60 45")
    page.keyboard.press("+")
    expect(stage).to_have_attribute("data-zoom", "1.25")
    page.keyboard.press("0")
    expect(stage).to_have_attribute("data-zoom", "1.00")
    box = stage.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 40, steps=4)
    page.mouse.up()
    expect(stage).not_to_have_attribute("data-turned", "60 45")
    page.get_by_role("button", name="Front").click()
    expect(stage).to_have_attribute("data-turned", "0 90")
    page.get_by_role("button", name="Wireframe").click()
    page.get_by_role("button", name="Wireframe").click()
    page.get_by_role("button", name="Section").click()
    page.get_by_label("Cut at").fill("30")
    page.get_by_role("button", name="Section").click()
    page.get_by_role("button", name="213-000172_HOOK_LIFT").click()
    part = page.locator("[data-viewer-part]")
    expect(part.get_by_role("link", name="213-000172")).to_be_visible()
    shot(page, "step-light")
    page.goto(f"/products/{product.pk}/documents/")
    expect(page.locator("table .thumb img")).to_be_visible()
    shot(page, "tab-light")
    accessible_in_every_look(page)
    page.goto(f"/products/{product.pk}/model/")
    ready(page)


def test_a_picked_part_names_its_bom_line(sign_in: Callable[..., Page], tenant: Tenant, cad: Path) -> None:
    with tenant_scope(tenant.pk):
        car = make_product("CAR-100", product_name="Toy car")
        body, wheels = make_product("BDY-200", product_name="Body"), make_product("WHL-300", product_name="Wheels")
        make_line(car, body, 1, find_number=10)
        make_line(car, wheels, 4, find_number=20)
        upload = ContentFile((cad / "car.glb").read_bytes(), name="car.glb")
        document = make_document("MOD-1", upload=upload, product=car, document_type="model")
    page = sign_in("engineer")
    page.goto(f"/products/{car.pk}/model/")
    stage = ready(page)
    part = page.locator("[data-viewer-part]")
    stage.click()
    expect(part.get_by_role("link", name="BDY-200")).to_be_visible()
    page.get_by_role("button", name="Body", exact=True).focus()
    for _step in range(6):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(part.get_by_role("link", name="WHL-300")).to_be_visible()
    expect(part).to_contain_text("4 each")
    shot(page, "car-light")
    page.get_by_role("button", name="Grille", exact=True).click()
    expect(part).to_contain_text("No product in the BOM")
    accessible_in_every_look(page)
    for address, name in (
        (f"/products/documents/{document.pk}/", "document"),
        ("/products/documents/", "list"),
        ("/products/documents/new/", "new"),
    ):
        accessible_in_every_look(page, address)
        page.set_viewport_size({"width": 360, "height": 800})
        shot(page, f"{name}-360")
        page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/products/documents/{document.pk}/")
    page.get_by_role("button", name="Check out").click()
    expect(page.get_by_text("You hold this document")).to_be_visible()
    page.get_by_role("link", name="Check in").click()
    page.set_input_files("input[type=file]", cad / "Box.glb")
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_role("rowheader", name="A.2")).to_be_visible()
    with tenant_scope(tenant.pk):
        assert Document.objects.get(pk=document.pk).checked_out_by_id is None
