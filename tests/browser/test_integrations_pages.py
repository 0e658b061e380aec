"""A refused delivery is found on the board, understood and sent again; every page of integrations fits and is accessible."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from integrations.models import Delivery, Webhook
from integrations.services import callback_secret_change, suggestion_ask, target_save, webhook_create
from integrations.simulators.server import Simulator
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from products.services import product_create, product_update
from tests.browser.conftest import OpenPage, accessible_in_every_look, sign_in_as
from tests.conftest import MakeActor
from tests.integrations.conftest import MANUFACTURING, TWINS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TWIN = "/api/v1/digital-twins"


@dataclass
class Stage:
    simulator: Simulator
    admin: Actor
    product: Product
    refused: Delivery
    webhook: Webhook


@pytest.fixture
def stage(tenant: Tenant, make_actor: MakeActor, transactional_db: None) -> Iterator[Stage]:
    admin = make_actor("tenant_admin", "plm_manager")
    cache.clear()
    with Simulator() as simulator:
        with tenant_scope(tenant.pk):  # on PostgreSQL a transaction: what it asks for is sent at its end
            for key in (MANUFACTURING, TWINS, "ai_orchestration"):
                target_save(actor=admin, neighbour_key=key, base_url=simulator.url, token="t" * 20, allow_private=True)
            callback_secret_change(actor=admin, neighbour_key=MANUFACTURING)
            webhook, _secret = webhook_create(actor=admin, name="Stock", url=simulator.url, allow_private=True)
            product = product_create(actor=admin, data={"product_number": "PUMP-1", "product_name": "Pump"})
        simulator.fail(TWIN, "400", 1)
        with tenant_scope(tenant.pk):
            product_update(actor=admin, product_id=product.pk, changes={"product_name": "Pump, blue"})
            suggestion_ask(actor=admin, product_id=product.pk, question="cost")
        with tenant_scope(tenant.pk):
            refused = Delivery.objects.get(state="review", contract_key="plm_digital_twin_binding")
        yield Stage(simulator, admin, product, refused, webhook)


def enter(page: Page, actor: Actor) -> Page:
    sign_in_as(page, User.objects.get(pk=actor.user_id).email)
    return page


def test_a_refused_delivery_is_found_and_sent_again(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.admin)
    page.goto("/integrations/")
    twins = page.get_by_role("listitem").filter(has_text="Digital twins")
    expect(twins).to_contain_text("for review")
    page.get_by_role("link", name="Deliveries").first.click()
    page.get_by_label("Neighbour").select_option("digital_twin_marketplace")
    page.get_by_label("State").select_option("review")
    expect(page).to_have_url(re.compile("(?=.*state=review)(?=.*neighbour=digital_twin_marketplace)"))
    page.get_by_role("link", name="PUMP-1").click()
    expect(page.get_by_text("A person has to look")).to_be_visible()
    expect(page.get_by_role("region", name="What differs from what it got before")).to_contain_text("Pump, blue")
    page.get_by_role("button", name="Take on").click()
    expect(page.get_by_role("button", name="Give back")).to_be_visible()
    page.get_by_role("button", name="Send again", exact=True).click()
    expect(page.get_by_text("It is sent again.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Delivered").first).to_be_visible()
    expect(page.get_by_text("sent again").first).to_be_visible()
    page.goto("/integrations/")
    expect(twins).to_contain_text("up to date")


def test_every_page_is_accessible_and_fits(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.admin)
    paths = {
        "board": "/integrations/",
        "neighbour": f"/integrations/neighbours/{MANUFACTURING}/",
        "unconfigured": "/integrations/neighbours/auth_rbac/",
        "deliveries": "/integrations/deliveries/",
        "delivery": stage.refused.get_absolute_url(),
        "discard": f"{stage.refused.get_absolute_url()}discard/",
        "webhooks": "/integrations/webhooks/",
        "webhook": stage.webhook.get_absolute_url(),
        "webhook-new": "/integrations/webhooks/new/",
        "suggestions": "/integrations/suggestions/",
        "suggestions-of": f"/integrations/suggestions/of/{stage.product.pk}/",
    }
    for name, path in paths.items():
        accessible_in_every_look(page, path)
        if folder := os.environ.get("PLM_PICTURES"):
            page.screenshot(path=str(Path(folder) / f"{name}-light.png"), full_page=True)
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size({"width": 360, "height": 800})
            page.screenshot(path=str(Path(folder) / f"{name}-dark-360.png"), full_page=True)
            page.set_viewport_size({"width": 1280, "height": 900})
            page.emulate_media(color_scheme="light")
