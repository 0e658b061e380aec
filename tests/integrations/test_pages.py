"""The board, the list of deliveries, a delivery, a neighbour's settings: as people use them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from integrations.models import Delivery, Target
from integrations.simulators.server import Simulator
from plm_project.core.actor import Actor
from tests.conftest import MakeMember
from tests.integrations.conftest import MANUFACTURING, TOKEN, TWINS, configure
from tests.integrations.test_api import TWIN, send, told

pytestmark = pytest.mark.usefixtures("scope")
BOARD, DELIVERIES = "/integrations/", "/integrations/deliveries/"


def browser(make_member: MakeMember, *roles: str) -> Client:
    client = Client()
    user, _member = make_member(*roles, email=f"{roles[0]}@acme.example", full_name=roles[0])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(make_member: MakeMember) -> Client:
    return browser(make_member, "tenant_admin", "plm_manager")


def read(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    content: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def post(client: Client, path: str, data: dict[str, Any] | None = None, status: int = 200) -> str:
    """Send a form, follow to the page it leads to, and return that."""
    response = client.post(path, data or {}, follow=True)
    assert response.status_code == status, path
    return response.content.decode()


def test_the_board_before_and_after(admin: Client, system: Actor, simulator: Simulator) -> None:
    assert read(admin, BOARD).count("not configured") == 12
    configure(system, simulator, MANUFACTURING, TWINS)
    simulator.fail(TWIN, "400", 1)
    told(system)
    page = read(admin, BOARD)
    assert page.count("not configured") == 10
    manufacturing, twins = (
        page[page.index(f"/integrations/neighbours/{key}/") :].partition("</li>")[0] for key in (MANUFACTURING, TWINS)
    )
    assert "up to date" in manufacturing and "0 %" in manufacturing
    assert "for review" in twins and "100 %" in twins and "of one call" in twins


def test_settings_are_saved_tried_and_removed_and_the_token_is_never_shown(
    admin: Client, simulator: Simulator
) -> None:
    path = f"/integrations/neighbours/{TWINS}/"
    wrong = post(admin, path, {"base_url": "http://u:p@x.example", "token": TOKEN, "is_enabled": "on"}, 422)
    assert "Leave the password out" in wrong and not Target.objects.exists()
    fields = {"base_url": simulator.url, "token": TOKEN, "is_enabled": "on", "allow_private": "on"}
    saved = post(admin, path, fields)
    assert "Saved." in saved and "A token is set since" in saved and TOKEN not in saved
    assert "It answers" in post(admin, path + "try/")
    assert simulator.received[-1]["headers"]["Authorization"] == f"Bearer {TOKEN}"
    version = Target.objects.get().version
    stale = post(admin, path, {**fields, "token": "", "expected_version": version - 1}, 422)
    assert "Somebody changed this" in stale
    kept = post(admin, path, {**fields, "token": "", "expected_version": version})
    assert "A token is set since" in kept
    dropped = post(admin, path, {**fields, "token": "", "drop_token": "on", "expected_version": version + 1})
    assert "A token is set since" not in dropped
    assert "The address and the token are gone." in post(admin, path + "remove/")
    assert not Target.objects.exists()
    read(admin, "/integrations/neighbours/nobody/", 404)


def test_a_neighbour_is_told_what_it_missed(admin: Client, system: Actor, simulator: Simulator) -> None:
    path = f"/integrations/neighbours/{TWINS}/"
    told(system)
    assert "Tell what it missed" not in read(admin, path)
    configure(system, simulator, TWINS)
    assert "Tell what it missed" in read(admin, path)
    assert "One delivery is on its way." in post(admin, path + "catch-up/")
    assert "It missed nothing." in post(admin, path + "catch-up/")


def test_who_may_not_manage_reads_and_operates(make_member: MakeMember, system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, TWINS)
    manager = browser(make_member, "plm_manager")
    page = read(manager, f"/integrations/neighbours/{TWINS}/")
    assert simulator.url in page and 'name="token"' not in page and "Try it" not in page
    assert manager.post(f"/integrations/neighbours/{TWINS}/remove/").status_code == 403
    engineer = browser(make_member, "engineer")
    assert engineer.get(BOARD).status_code == 403


def test_a_refused_delivery_is_found_understood_and_sent_again(
    admin: Client, system: Actor, simulator: Simulator
) -> None:
    assert "Nothing" in read(admin, DELIVERIES)
    configure(system, simulator, TWINS)
    simulator.fail(TWIN, "400", 2)
    told(system, "PUMP-1"), told(system, "VALVE-1")
    page = read(admin, DELIVERIES + "?state=review")
    assert "PUMP-1" in page and "VALVE-1" in page
    narrowed = read(admin, DELIVERIES + "?state=review&q=VALVE")
    assert "PUMP-1" not in narrowed
    assert "PUMP-1" not in read(admin, DELIVERIES + "?state=delivered")
    pump, valve = Delivery.objects.order_by("id")
    detail = read(admin, f"{DELIVERIES}{pump.pk}/")
    assert "simulated 400" in detail and "twin_source_id" in detail and "A person has to look" in detail
    assert "Give back" in post(admin, f"{DELIVERIES}{pump.pk}/assign/")
    assert "Take on" in post(admin, f"{DELIVERIES}{pump.pk}/assign/", {"give_back": "1"})
    assert "Tick the deliveries" in post(admin, DELIVERIES + "again/", {})
    assert "Tick the deliveries" in post(admin, DELIVERIES + "again/", {"delivery": "x"})
    assert "One is sent again." in post(admin, DELIVERIES + "again/", {"delivery": str(pump.pk)})
    send(system)
    pump.refresh_from_db()
    assert pump.state == "delivered"
    refused = post(admin, f"{DELIVERIES}{valve.pk}/discard/", {"reason": ""}, 422)
    assert "This field is required" in refused
    done = post(admin, f"{DELIVERIES}{valve.pk}/discard/", {"reason": "made by mistake"})
    assert "It is discarded." in done and "discarded: made by mistake" in done
    again = post(admin, f"{DELIVERIES}{valve.pk}/again/", {"fresh": "1"})
    assert "It is sent again." in again
    assert "already" in post(admin, f"{DELIVERIES}{valve.pk}/again/", {"fresh": "1"})


def test_the_list_as_csv(admin: Client, system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, TWINS)
    simulator.fail(TWIN, "400", 1)
    told(system, "PUMP-1"), told(system, "=VALVE")
    rows = list(csv.reader(io.StringIO(read(admin, DELIVERIES + "export/").lstrip("\ufeff"))))
    assert rows[0][:3] == ["Delivery", "Neighbour", "Contract"]
    assert [(row[4], row[5]) for row in rows[1:]] == [("'=VALVE", "delivered"), ("PUMP-1", "review")]
    assert len(list(csv.reader(io.StringIO(read(admin, DELIVERIES + "export/?state=review"))))) == 2
