"""A bought part turns non-compliant: status and way change, the change is held at the gate, a waiver lets it go."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from changes.models import ChangePolicy, EngineeringChange
from changes.services import change_create, change_policy_update, change_submit
from compliance.models import ComplianceRecord
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.browser.conftest import OpenPage, accessible_in_every_look, sign_in_as
from tests.compliance.conftest import Lamp, assess, attach, file_folder, make_lamp, make_regulation  # noqa: F401
from tests.conftest import MakeActor
from tests.factories import system_actor
from tests.signing import change_approve

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@dataclass
class Stage:
    tenant: Tenant
    officer: Actor
    analyst: Actor
    lamp: Lamp
    bulb: ComplianceRecord
    change: EngineeringChange


@pytest.fixture
def stage(tenant: Tenant, make_actor: MakeActor, transactional_db: None) -> Stage:
    author, approver, analyst, officer = (
        make_actor(role) for role in ("engineer", "technical_approver", "change_analyst", "compliance_officer")
    )
    with tenant_scope(tenant.pk):
        rohs = make_regulation("RoHS", is_binding=True)
        make_regulation("RED", edition="2014/53/EU", product_types=["finished_good"])
        lamp = make_lamp()
        for product in (lamp.product, lamp.housing):
            assess(product, rohs, "compliant", actor=officer)
        bulb = assess(lamp.bulb, rohs, "in_progress", actor=officer)
        attach(bulb, actor=officer, title="Test report", issuer="Lab")
        policy = ChangePolicy.objects.get()  # the parts of this lamp are not what is looked at
        change_policy_update(actor=system_actor(), policy_id=policy.pk, changes={"children_released": False})
        change = change_create(
            actor=author,
            data={"change_title": "Release the lamp", "reason_for_change": "The first one."},
            affected=[lamp.product.pk],
        )
        change_submit(actor=author, change_id=change.pk)
        change_approve(actor=approver, change_id=change.pk)
    return Stage(tenant, officer, analyst, lamp, bulb, change)


def enter(page: Page, actor: Actor) -> Page:
    sign_in_as(page, User.objects.get(pk=actor.user_id).email)
    return page


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page where PLM_PICTURES names a folder."""
    if folder := os.environ.get("PLM_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_bad_part_is_held_and_a_waiver_lets_it_go(stage: Stage, open_page: OpenPage) -> None:
    officer = enter(open_page(), stage.officer)
    tab = f"/compliance/of/{stage.lamp.product.pk}/"
    record = stage.bulb.get_absolute_url()
    officer.goto("/compliance/")
    expect(officer.get_by_role("link", name="LAMP-BULB, RoHS")).to_contain_text("In progress")
    officer.get_by_role("link", name="LAMP-BULB, RoHS").click()
    officer.get_by_role("link", name="Non-compliant").click()
    officer.get_by_label("Reason").fill("Lead in the socket")
    officer.get_by_role("button", name="Non-compliant").click()
    expect(officer.get_by_text("The finding was recorded.")).to_be_visible()

    officer.goto(tab)
    row = officer.get_by_role("row", name="RoHS").first
    expect(row).to_contain_text("Non-compliant")
    way = row.get_by_role("list", name="Way to the part")
    expect(way.get_by_role("link")).to_have_text(["LAMP", "LAMP-HOUSING", "LAMP-BULB"])

    analyst = enter(open_page(), stage.analyst)
    analyst.goto(stage.change.get_absolute_url())
    expect(analyst.locator(".gates")).to_contain_text("LAMP → LAMP-HOUSING → LAMP-BULB")
    analyst.goto(f"{stage.change.get_absolute_url()}steps/implement/")
    analyst.get_by_role("main").get_by_role("button", name="Implement").click()
    expect(
        analyst.get_by_role("alert")
        .get_by_text("Held at the release gate")
        .or_(analyst.get_by_text("LAMP-BULB is non-compliant").first)
        .first
    ).to_be_visible()
    accessible_in_every_look(analyst, stage.change.get_absolute_url())
    picture(analyst, "gate")

    officer.goto(record)
    officer.get_by_role("link", name="Waive").click()
    officer.get_by_label("Reason").fill("Exemption 7(c)-I")
    officer.get_by_role("button", name="Waive").click()
    expect(officer.get_by_text("The finding was recorded.")).to_be_visible()
    officer.goto(tab)
    expect(officer.get_by_role("row", name="RoHS").first).to_contain_text("Waived")

    analyst.goto(f"{stage.change.get_absolute_url()}steps/implement/")
    analyst.get_by_role("main").get_by_role("button", name="Implement").click()
    expect(analyst.get_by_text("is implemented.").first).to_be_visible()


def test_the_pages_are_accessible_and_fit(stage: Stage, open_page: OpenPage) -> None:
    page = enter(open_page(), stage.officer)
    record = stage.bulb.get_absolute_url()
    paths: dict[str, Any] = {
        "matrix": "/compliance/",
        "ending": "/compliance/evidence/",
        "regulations": "/compliance/regulations/",
        "regulation": stage.bulb.regulation.get_absolute_url(),
        "regulation-new": "/compliance/regulations/new/",
        "record": record,
        "step": f"{record}steps/waived/",
        "evidence": f"{record}evidence/new/",
        "tab": f"/compliance/of/{stage.lamp.product.pk}/",
        "markets": f"/compliance/of/{stage.lamp.product.pk}/markets/",
    }
    for name, path in paths.items():
        accessible_in_every_look(page, path)
        picture(page, f"{name}-light")
        if os.environ.get("PLM_PICTURES"):
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size({"width": 360, "height": 800})
            picture(page, f"{name}-dark-360")
            page.set_viewport_size({"width": 1280, "height": 900})
            page.emulate_media(color_scheme="light")
