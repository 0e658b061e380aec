"""The tenant's own access control: asked about what the roles allow; it takes away, never gives, and fails closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from integrations.services import target_remove, target_save
from integrations.services.access_control import SECONDS
from integrations.simulators.server import Simulator
from plm_project.accounts.models import User
from plm_project.accounts.services import token_issue
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from tests.conftest import MakeMember
from tests.factories import make_product, system_actor
from tests.integrations.conftest import configure

pytestmark = pytest.mark.usefixtures("scope")
RBAC, CHECK = "auth_rbac", "/api/v1/permissions/check"
BOARD = f"/integrations/neighbours/{RBAC}/"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def checks(simulator: Simulator) -> list[str]:
    return [entry["payload"]["permission"] for entry in simulator.received if entry["path"] == CHECK]


def test_without_it_the_roles_alone_decide(simulator: Simulator, make_member: MakeMember, tenant: Tenant) -> None:
    engineer = browser(make_member("engineer")[0])
    assert engineer.get("/api/v1/plm/products/").status_code == 200
    target_save(actor=system_actor(), neighbour_key=RBAC, base_url=simulator.url, is_enabled=False, allow_private=True)
    assert engineer.get("/api/v1/plm/products/").status_code == 200
    assert checks(simulator) == []


def test_it_is_asked_and_its_answer_holds_a_while(
    system: Actor, simulator: Simulator, make_member: MakeMember, tenant: Tenant
) -> None:
    user, _member = make_member("engineer")
    configure(system, simulator, RBAC)
    engineer = browser(user)
    for _time in range(3):
        assert engineer.get("/api/v1/plm/products/").status_code == 200
    assert checks(simulator) == ["plm.products.read"]
    sent = simulator.received[-1]["payload"]
    assert sent == {
        "user_id": str(user.pk), "permission": "plm.products.read", "tenant_id": str(tenant.pk), "resource": "plm",
    }  # fmt: skip
    simulator.say("POST", CHECK, 200, {"authorized": False})
    assert engineer.get("/api/v1/plm/products/").status_code == 200  # still remembered
    cache.clear()  # half a minute later
    refused = engineer.get("/api/v1/plm/products/")
    assert refused.status_code == 403 and "plm.products.read" in refused.json()["error"]
    assert engineer.get("/products/").status_code == 403
    _token, text = token_issue(actor=system, user=user, name="script")
    cache.clear()
    answer = Client(headers={"Authorization": f"Bearer {text}"}).get("/api/v1/plm/products/")
    assert answer.status_code == 403


def test_it_gives_nothing_that_the_roles_do_not(system: Actor, simulator: Simulator, make_member: MakeMember) -> None:
    configure(system, simulator, RBAC)
    viewer = browser(make_member("viewer")[0])
    body = {"product_number": "P-1", "product_name": "Pump"}
    assert viewer.post("/api/v1/plm/products/", body, content_type="application/json").status_code == 403
    assert "plm.products.create" not in checks(simulator)


@pytest.mark.parametrize("mode", ["500", "reset", "malformed", "redirect", "400"])
def test_any_failure_denies(mode: str, system: Actor, simulator: Simulator, make_member: MakeMember) -> None:
    configure(system, simulator, RBAC)
    engineer = browser(make_member("engineer")[0])
    simulator.fail(CHECK, mode, -1)
    assert engineer.get("/api/v1/plm/products/").status_code == 403


def test_an_odd_answer_and_a_slow_one_deny(system: Actor, simulator: Simulator, make_member: MakeMember) -> None:
    configure(system, simulator, RBAC)
    engineer = browser(make_member("engineer")[0])
    for odd in ({"authorized": "yes"}, {"authorized": 1}, {}, [True]):
        simulator.say("POST", CHECK, 200, odd)
        cache.clear()
        assert engineer.get("/api/v1/plm/products/").status_code == 403, odd
    assert SECONDS < 10  # somebody waits for the page


def test_an_administrator_can_always_put_it_right(
    system: Actor, simulator: Simulator, make_member: MakeMember, tenant: Tenant
) -> None:
    configure(system, simulator, RBAC)
    simulator.say("POST", CHECK, 200, {"authorized": False})
    admin = browser(make_member("tenant_admin", email="admin@acme.example")[0])
    manager = browser(make_member("plm_manager", email="manager@acme.example")[0])
    assert admin.get("/products/").status_code == 403
    assert manager.get(BOARD).status_code == 403
    assert admin.get(BOARD).status_code == 200
    form = {"base_url": simulator.url, "token": "", "allow_private": "on"}  # switched off
    assert admin.post(BOARD, form).status_code == 302
    tenant.refresh_from_db()
    assert tenant.access_control_since is None
    assert admin.get("/products/").status_code == manager.get(BOARD).status_code == 200


def test_commands_and_tasks_are_not_asked_and_removing_ends_it(
    system: Actor, simulator: Simulator, make_member: MakeMember, tenant: Tenant
) -> None:
    configure(system, simulator, RBAC)
    simulator.say("POST", CHECK, 200, {"authorized": False})
    make_product("PUMP")
    assert checks(simulator) == []
    target_remove(actor=system, neighbour_key=RBAC)
    assert browser(make_member("engineer")[0]).get("/api/v1/plm/products/").status_code == 200
