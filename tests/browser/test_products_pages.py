"""The product pages in a real browser: by keyboard alone, with and without room, in both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, Product
from tests.browser.conftest import accessible_in_every_look
from tests.factories import (
    make_configuration,
    make_line,
    make_offer,
    make_option,
    make_product,
    make_rule,
    make_source,
    release,
    revision_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SignIn = Callable[..., Page]


def address(name: str, *args: Any) -> str:
    return reverse(f"products:{name}", args=args)


@pytest.fixture(autouse=True)
def private_files(settings: Any, tmp_path: Path) -> None:
    """Uploads of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def bike(tenant: Tenant, transactional_db: None) -> Product:
    """A bike of three levels; the spoke is released."""
    with tenant_scope(tenant.pk):
        spoke = make_product("SPOKE-1", product_name="Spoke 264 mm", tags=["steel"], current_cost=Decimal("0.2"))
        wheel = make_product("WHEEL-1", product_name="Front wheel")
        bike = make_product("BIKE-1", product_name="Town bike")
        release(spoke)
        make_line(wheel, spoke, 36)
        make_line(bike, wheel, 2, notes="with tyre")
        make_line(bike, spoke, 2, notes="spare")
        return bike


def test_the_tree_opens_by_keyboard(sign_in: SignIn, bike: Product) -> None:
    page = sign_in("viewer")
    page.goto(address("product-bom", bike.pk))
    tree = page.get_by_role("treegrid")
    wheel = tree.get_by_role("row", name="WHEEL-1")
    expect(wheel).to_have_attribute("aria-expanded", "false")
    wheel.focus()
    page.keyboard.press("ArrowRight")
    expect(wheel).to_have_attribute("aria-expanded", "true")
    below = tree.locator("tr[data-level='2']")
    expect(below).to_have_count(1)
    expect(below).to_contain_text("Spoke 264 mm")
    page.keyboard.press("ArrowDown")
    expect(below).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(wheel).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(below).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{page.url.split('/products/')[0]}{wheel_page(bike)}")


def wheel_page(bike: Product) -> str:
    with tenant_scope(bike.tenant_id):
        return Product.objects.get(product_number="WHEEL-1").get_absolute_url()


def test_a_line_is_added_and_edited(sign_in: SignIn, bike: Product) -> None:
    with tenant_scope(bike.tenant_id):
        make_product("BELL-7", product_name="Bell, brass")
        revision = revision_of(bike)
    page = sign_in("engineer")
    page.goto(address("product-bom", bike.pk))
    page.get_by_role("link", name="Add a line").click()
    page.get_by_label("Part").press_sequentially("brass", delay=20)
    expect(page.locator("#part-options option[value='BELL-7']")).to_have_count(1)
    page.get_by_label("Part").fill("BELL-7")
    page.get_by_label("Quantity", exact=True).fill("0")
    page.get_by_role("button", name="Add line").click()
    expect(page.locator("[data-form-errors]")).to_contain_text("Quantity")
    page.get_by_label("Quantity", exact=True).fill("1.5")
    page.get_by_role("button", name="Add line").click()
    row = page.get_by_role("row", name="BELL-7")
    expect(row).to_contain_text("1.5")
    row.get_by_role("link", name="Edit line 30").click()
    page.get_by_label("Notes").fill("left side")
    page.get_by_role("button", name="Save line").click()
    expect(page.get_by_role("row", name="BELL-7")).to_contain_text("left side")
    with tenant_scope(bike.tenant_id):
        line = BomLine.objects.get(parent_revision=revision, child__product_number="BELL-7")
        assert (line.quantity, line.notes) == (Decimal("1.5"), "left side")


def test_import_with_a_corrected_mapping(sign_in: SignIn, bike: Product, tmp_path: Path) -> None:
    file = tmp_path / "parts.csv"
    file.write_text("Part Number,Description,Qty,Needed\nHUB-1,Hub,4,1\nRIM-1,Rim,4,2\n")
    page = sign_in("engineer")
    page.goto(reverse("products:import"))
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Number of the product").fill("KIT-1")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("parts.csv")
    expect(page.get_by_role("row", name="RIM-1")).to_contain_text("4")
    page.locator("[name=map_quantity]").select_option("Needed")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_role("row", name="RIM-1")).to_contain_text("2")
    page.get_by_role("button", name="Import 2 lines").click()
    expect(page.get_by_text("Imported: 2 lines, 3 new products.")).to_be_visible()
    expect(page.get_by_role("row", name="RIM-1")).to_contain_text("2")
    with tenant_scope(bike.tenant_id):
        lines = BomLine.objects.filter(parent_revision__product__product_number="KIT-1")
        assert sorted(lines.values_list("quantity", flat=True)) == [1, 2]


def test_the_list_filters_while_one_types(sign_in: SignIn, bike: Product) -> None:
    page = sign_in("viewer")
    page.goto(reverse("products:product-list"))
    page.locator("main").get_by_label("Search").press_sequentially("spoke", delay=20)
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=spoke"))


def options_of(bike: Product) -> None:
    """A motor to choose and a tracker that requires one of them; two saved choices, and a line in no configuration."""
    make_option(bike, "motor", ("e", "d"))
    make_option(bike, "tracker", ("gps",), is_required=False)
    make_rule(bike, "tracker:gps", "requires", "motor:e", note="it takes its current from there")
    make_line(bike, make_product("HOLDER-1"), condition="tracker:gps and motor:d")
    make_configuration(bike, "city", ["motor:e", "tracker:gps"])
    make_configuration(bike, "plain", ["motor:d"])


def test_choosing_answers_at_once_by_keyboard(sign_in: SignIn, bike: Product) -> None:
    with tenant_scope(bike.tenant_id):
        options_of(bike)
    page = sign_in("engineer")
    page.goto(address("product-configurations", bike.pk))
    motor, tracker = page.get_by_role("group", name="Motor"), page.get_by_role("group", name="Tracker")
    expect(page.get_by_role("status").last).to_contain_text("Not complete yet")
    motor.get_by_label("E", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(tracker.get_by_label("Gps")).to_be_disabled()
    expect(tracker).to_contain_text("tracker:gps requires motor:e")
    expect(page).to_have_url(re.compile("f-motor=motor%3Ad"))
    expect(motor.get_by_label("D", exact=True)).to_be_focused()
    expect(page.get_by_role("link", name="Buildable BOM", exact=True).first).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(tracker.get_by_label("Gps")).to_be_enabled()
    expect(page.get_by_role("region", name="Check")).to_contain_text("one finding")
    page.get_by_role("link", name="Save this configuration").click()
    expect(page.get_by_label("Choices")).to_have_value("motor:e")


def test_every_page_passes_axe_and_fits_a_phone(sign_in: SignIn, bike: Product) -> None:
    with tenant_scope(bike.tenant_id):
        revision = revision_of(bike)
        line = revision.lines.first()
        assert line is not None
        source = make_source(line.child, "Sapim", "Leader 2.0")
        offer = make_offer(source.manufacturer_part, "Spoke shop", (1, "0.3"), (1000, "0.11"), lead_time_days=12)
        options_of(bike)
    page = sign_in("plm_manager")
    pages = [
        reverse("dashboard"),
        reverse("products:product-list"),
        reverse("products:product-create"),
        reverse("products:import"),
        *(
            address(name, bike.pk)
            for name in (
                "product-detail",
                "product-bom",
                "product-revisions",
                "product-history",
                "product-edit",
                "product-delete",
                "product-sourcing",
                "source-add",
                "offer-add",
            )
        ),
        address("product-bom", bike.pk) + "?view=indented",
        address("product-bom", bike.pk) + "?view=flat",
        address("product-bom", bike.pk) + "?view=requirements&units=25",
        address("product-where-used", line.child_id),
        address("product-transition", bike.pk, "design"),
        address("revision-step", revision.pk, "released"),
        address("line-add", revision.pk),
        address("line-edit", line.pk),
        address("line-remove", line.pk),
        address("product-configurations", bike.pk),
        f"{address('product-configurations', bike.pk)}?options=tracker:gps,motor:d",
        address("configuration-add", bike.pk),
        address("option-rule-add", bike.pk),
        address("option-families"),
        address("product-sourcing", line.child_id),
        address("source-step", source.pk, "disqualified"),
        address("offer-edit", offer.pk),
        *(
            address(name)
            for name in ("single-source", "sources-import", "manufacturers", "supplier-create", "exchange-rates")
        ),
    ]
    for url in pages:
        accessible_in_every_look(page, url)
