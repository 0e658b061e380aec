"""Neighbours, contracts and deliveries through the API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.models import Delivery, Target
from integrations.services import deliveries_send, due_targets
from integrations.simulators.server import Simulator
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from products.services import product_create, product_update
from tests.conftest import MakeMember
from tests.factories import make_product, system_actor
from tests.integrations.conftest import MANUFACTURING, TOKEN, TWINS, configure, relay
from tests.products.api.test_query_budgets import CONTROL

pytestmark = pytest.mark.usefixtures("scope")
BASE = "/api/v1/plm/integrations/"
TWIN, BINDING = "/api/v1/digital-twins", "plm_digital_twin_binding"


class Caller:
    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def __call__(self, method: str, path: str, data: Any = None, status: int = 200) -> Any:
        answer = getattr(self.client, method)(BASE + path, data, content_type="application/json")
        assert answer.status_code == status, (path, answer.content)
        return answer.json() if answer.content else None


@pytest.fixture
def admin(make_member: MakeMember) -> Caller:
    return Caller(make_member("tenant_admin", "plm_manager", email="admin@acme.example")[0])


@pytest.fixture
def manager(make_member: MakeMember) -> Caller:
    return Caller(make_member("plm_manager", email="manager@acme.example", full_name="Mira Manager")[0])


def told(actor: Actor, number: str = "PUMP-1") -> Product:
    """Make a product and send what is due."""
    product = product_create(actor=actor, data={"product_number": number, "product_name": f"Pump {number}"})
    send(actor)
    return product


def send(actor: Actor) -> None:
    relay(actor)
    for target_id, _key in due_targets(actor.tenant_id):
        deliveries_send(actor.tenant_id, target_id)


def test_a_neighbour_is_configured_tried_and_removed(admin: Caller, simulator: Simulator) -> None:
    cards = admin("get", "neighbours/")["data"]
    assert len(cards) == 12 and {card["health"] for card in cards} == {"unconfigured"}
    path = f"neighbours/{TWINS}/"
    fields = {"base_url": simulator.url, "token": TOKEN, "allow_private": True}
    saved = admin("put", path, fields)["data"]
    assert (saved["health"], saved["has_token"], saved["base_url"]) == ("good", True, simulator.url)
    assert saved["contracts"] == [BINDING]
    assert admin("post", path + "try/")["data"]["is_there"] is True
    stale = {**fields, "is_enabled": False, "expected_version": saved["version"] + 1}
    admin("put", path, stale, 412)
    off = admin("put", path, {**fields, "token": None, "is_enabled": False, "expected_version": saved["version"]})
    assert (off["data"]["health"], off["data"]["has_token"]) == ("off", True)
    moved = admin("put", path, {"base_url": "https://twins.example", "allow_private": False})["data"]
    assert moved["has_token"] is False  # it was given for another address
    for wrong, where in (
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": "https://u:p@x.example"}, "base_url"),
        ({"base_url": "https://x.example", "token": "two words"}, "token"),
    ):
        assert where in admin("put", path, wrong, 400)["details"]
    admin("put", "neighbours/nobody/", fields, 404)
    admin("delete", path, status=204)
    assert admin("get", path)["data"]["health"] == "unconfigured"


def test_no_token_ever_goes_out(admin: Caller, system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, TWINS)
    told(system)
    (row,) = admin("get", "deliveries/")["data"]
    pages = ["neighbours/", f"neighbours/{TWINS}/", "deliveries/", f"deliveries/{row['delivery_id']}/"]
    for path in pages:
        assert TOKEN not in str(admin("get", path)), path
    target = Target.objects.get()
    assert TOKEN not in target.sealed_token and target.sealed_token
    assert not hasattr(target.history.get(), "sealed_token")


def test_what_was_missed_is_made_once(manager: Caller, system: Actor, simulator: Simulator) -> None:
    told(system)
    manager("post", f"neighbours/{TWINS}/catch-up/", {}, 409)
    configure(system, simulator, TWINS)
    assert manager("post", f"neighbours/{TWINS}/catch-up/", {"since": "2100-01-01T00:00Z"})["data"] == {"count": 0}
    assert manager("post", f"neighbours/{TWINS}/catch-up/", {})["data"] == {"count": 1}
    assert manager("post", f"neighbours/{TWINS}/catch-up/", {})["data"] == {"count": 0}
    manager("post", f"neighbours/{TWINS}/catch-up/", {"since": "soon"}, 400)


def test_contracts_say_what_they_are(admin: Caller) -> None:
    rows = {row["key"]: row for row in admin("get", "contracts/")["data"]}
    assert rows[BINDING]["success"] == [201] and "product_created" in rows[BINDING]["triggers"]
    found = admin("get", "contracts/plm_manufacturing_bom_sync/")["data"]
    assert {"ours": "child_product_id", "theirs": "component_id"} in found["mapping"]
    assert found["schema"]["properties"]["lines"]["items"]["required"][:2] == ["product_id", "component_id"]
    assert "circular_references_not_allowed" in found["validations"]
    admin("get", "contracts/none/", status=404)


def test_a_dry_run_shows_what_differs_and_sends_nothing(
    admin: Caller, system: Actor, simulator: Simulator, other_tenant: Tenant
) -> None:
    path = f"contracts/{BINDING}/dry-run/"
    pump = make_product("PUMP-0", product_name="Pump")
    first = admin("post", path, {"entity_id": str(pump.pk)})["data"]
    assert (first["changes"], first["faults"], first["payload"]["twin_name"]) == (None, [], "Pump")
    configure(system, simulator, TWINS)
    pump = told(system)
    assert admin("post", path, {"entity_id": str(pump.pk)})["data"]["changes"] == []
    product_update(actor=system, product_id=pump.pk, changes={"product_name": "Pump, blue"})
    received, made = len(simulator.received), Delivery.objects.count()
    changed = admin("post", path, {"entity_id": str(pump.pk)})["data"]
    assert changed["changes"] == [{"path": "twin_name", "before": "Pump PUMP-1", "now": "Pump, blue"}]
    assert (len(simulator.received), Delivery.objects.count()) == (received, made)
    with tenant_scope(other_tenant.pk):
        theirs = make_product("THEIRS")
    for nowhere in (theirs.pk, uuid.uuid4()):
        admin("post", path, {"entity_id": str(nowhere)}, 404)


def test_an_operator_looks_takes_on_sends_again_and_discards(
    manager: Caller, admin: Caller, system: Actor, simulator: Simulator
) -> None:
    configure(system, simulator, TWINS)
    simulator.fail(TWIN, "400", 2)
    pump, valve = told(system, "PUMP-1"), told(system, "VALVE-1")
    rows = manager("get", "deliveries/?state=review&neighbour=" + TWINS)["data"]
    assert [row["entity_label"] for row in rows] == ["VALVE-1", "PUMP-1"]
    assert [row["entity_label"] for row in manager("get", "deliveries/?q=valve")["data"]] == ["VALVE-1"]
    (row,) = manager("get", f"deliveries/?entity={pump.pk}")["data"]
    assert manager("get", "deliveries/?state=delivered")["data"] == []
    manager("get", "deliveries/?state=lost", status=400)
    path = f"deliveries/{row['delivery_id']}/"
    found = manager("get", path)["data"]
    assert found["attempts"][0]["status"] == 400 and found["payload"]["twin_source_id"] == str(pump.pk)
    assert found["decisions"] == []
    mine = manager("post", path + "assign/", {"user_id": str(manager.user.pk)})["data"]
    assert mine["assignee_id"] == str(manager.user.pk)
    manager("post", path + "assign/", {"user_id": str(uuid.uuid4())}, 400)
    assert manager("get", f"deliveries/?assignee={manager.user.pk}")["data"][0]["delivery_id"] == row["delivery_id"]
    again = manager("post", path + "replay/", {"fresh": True})["data"]
    assert again["state"] == "waiting"
    manager("post", path + "replay/", {}, 409)
    send(system)
    done = manager("get", path)["data"]
    assert (done["state"], len(done["attempts"])) == ("delivered", 2)
    assert [entry["what"] for entry in done["decisions"]] == ["made anew and sent again", "taken on"]
    assert {entry["who"] for entry in done["decisions"]} == {manager.user.email}
    other = f"deliveries/{manager('get', f'deliveries/?entity={valve.pk}')['data'][0]['delivery_id']}/"
    manager("post", other + "discard/", {"reason": "  "}, 400)
    gone = manager("post", other + "discard/", {"reason": "made by mistake"})["data"]
    assert (gone["state"], gone["reason"]) == ("discarded", "made by mistake")
    assert manager("post", "deliveries/replay/", {"ids": [gone["delivery_id"]]})["data"] == {"count": 0}
    many = {"neighbour": TWINS, "states": ["discarded", "delivered"]}
    assert manager("post", "deliveries/replay/", many)["data"] == {"count": 2}
    manager("post", "deliveries/replay/", {}, 400)
    for path in ("neighbours/manufacturing/", "neighbours/manufacturing/try/"):
        manager("put" if path.endswith("g/") else "post", path, {"base_url": "https://x.example"}, 403)


BUDGETS = {
    "neighbours/": 6,
    f"neighbours/{TWINS}/": 6,
    "deliveries/?page_size=100": 5,
    "deliveries/{delivery}/": 6,
    "contracts/": 3,
}


@pytest.mark.parametrize("count", [2, 20])
def test_the_questions_do_not_grow(count: int, admin: Caller, system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, TWINS, MANUFACTURING)
    for number in range(count):
        product_create(actor=system, data={"product_number": f"P-{number}", "product_name": f"Part {number}"})
    send(system)
    assert Delivery.objects.count() == count * 2
    last = Delivery.objects.first()
    assert last is not None
    counts = {}
    for path in BUDGETS:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            admin("get", path.format(delivery=last.pk))
        counts[path] = len([entry for entry in asked if not entry["sql"].startswith(CONTROL)])
    assert counts == BUDGETS


def test_another_tenants_deliveries_are_not_there(manager: Caller, simulator: Simulator, other_tenant: Tenant) -> None:
    with tenant_scope(other_tenant.pk):
        configure(system_actor(), simulator, TWINS)
        told(system_actor())
        theirs = Delivery.objects.get()
    assert manager("get", "deliveries/")["data"] == []
    manager("get", f"deliveries/{theirs.pk}/", status=404)
    manager("post", f"deliveries/{theirs.pk}/replay/", {}, 404)
    manager("post", f"deliveries/{theirs.pk}/discard/", {"reason": "x"}, 404)
    assert manager("post", "deliveries/replay/", {"ids": [str(theirs.pk)], "states": ["delivered"]})["data"] == {
        "count": 0
    }
    assert manager("get", f"neighbours/{TWINS}/")["data"]["health"] == "unconfigured"
