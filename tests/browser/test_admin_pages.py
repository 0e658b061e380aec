"""The admin in a real browser: accessible and inside its column in both themes, and worked by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from changes.models import EngineeringChange
from changes.services import change_create, redline_add
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product, ProductRevision
from tests.browser.conftest import RULES, accessible_in_every_look
from tests.factories import make_line, make_product, release, revision_of

# The admin's style sheets import one another. axe would copy them into the page, which our content security policy stops.
WITHOUT_PRELOAD = {**RULES, "preload": False}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pages(tenant: Tenant) -> dict[str, str]:
    """Addresses of the pages that managers use most."""
    with tenant_scope(tenant.pk):
        part, parent, draft = make_product("LAMP-BULB"), make_product("LAMP"), make_product("SHADE")
        line = make_line(parent, part, 2)
        make_line(draft, part, 1)
        release(parent)
        system = Actor.system(tenant.pk, "tests")
        data = {"change_title": "Brighter", "reason_for_change": "More light"}
        change = change_create(actor=system, data=data, affected=[parent.pk])
        redline_add(actor=system, change_id=change.pk, operation="quantity", line_id=line.pk, values={"quantity": 3})
        return {
            "index": reverse("admin:index"),
            "list": reverse("admin:products_product_changelist"),
            "product": reverse("admin:products_product_change", args=[parent.pk]),
            "revision": reverse("admin:products_productrevision_change", args=[revision_of(draft).pk]),
            "change": reverse("admin:changes_engineeringchange_change", args=[change.pk]),
            "history": reverse("admin:changes_engineeringchange_history", args=[change.pk]),
        }


def test_pages_are_accessible_and_fit(pages: dict[str, str], sign_in: Callable[..., Page]) -> None:
    page = sign_in("plm_manager")
    for address in pages.values():
        accessible_in_every_look(page, address, options=WITHOUT_PRELOAD)


def test_a_revision_is_released_without_a_mouse(
    pages: dict[str, str], sign_in: Callable[..., Page], tenant: Tenant
) -> None:
    page = sign_in("plm_manager")
    page.goto(pages["revision"])
    page.locator(".plm-step summary", has_text="Release").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("first issue")
    page.locator(".plm-step[open] button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Done: Release")
    with tenant_scope(tenant.pk):
        revision: Any = ProductRevision.objects.get(product__product_number="SHADE")
        assert (revision.state, revision.history.latest().history_change_reason) == ("released", "first issue")
        assert EngineeringChange.objects.count() == 1
        assert Product.objects.count() == 3
