"""The capability record and its registration, the check of dependencies, health and metrics."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from integrations.clients.breaker import FAILURES
from integrations.models import Target
from integrations.services.platform import REGISTER_PATH, capability_keep_registered
from integrations.simulators.server import Simulator
from integrations.tasks import keep_registered
from plm_project.core import clock
from plm_project.core.actor import Actor
from tests.conftest import MakeMember
from tests.factories import make_product
from tests.integrations.conftest import MANUFACTURING, TWINS, configure
from tests.integrations.test_api import BASE, TWIN, Caller, send

pytestmark = pytest.mark.django_db
CAPABILITY = "general_cross_functional.product_lifecycle_management"


def ask(name: str, *args: str) -> Any:
    out = StringIO()
    call_command(name, *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_registration_says_what_the_specification_says(simulator: Simulator, settings: Any) -> None:
    with pytest.raises(CommandError, match="PLATFORM_URL"):
        ask("capability_register")
    settings.PLATFORM_URL, settings.PLATFORM_TOKEN = simulator.url, "platform-key"
    answer = ask("capability_register")
    assert answer["status"] == 201
    sent = simulator.received[-1]
    assert sent["path"] == REGISTER_PATH and sent["headers"]["Authorization"] == "Bearer platform-key"
    record = sent["payload"]
    assert (record["capability_id"], record["composition_type"]) == (CAPABILITY, "core_business_capability")
    assert record["depends_on"] == [
        "auth_rbac", "audit_compliance", "manufacturing", "digital_twin_marketplace", "document_management",
        "ai_orchestration", "notification_engine", "enterprise_asset_management", "federated_learning",
        "real_time_collaboration", "core_financials", "procurement_purchasing",
    ]  # fmt: skip
    assert record["provides"] == [
        "product_design_management", "engineering_change_management", "product_data_management",
        "collaboration_workflows", "lifecycle_analytics", "compliance_management", "innovation_intelligence",
    ]  # fmt: skip
    assert record["service"]["health"].endswith("/api/v1/plm/integrations/health/")
    assert {"key": "plm_digital_twin_binding", "version": 1, "with": TWINS, "path": TWIN} in record["contracts"]
    assert "platform-key" not in json.dumps(answer)
    ask("capability_register")
    assert len({entry["headers"]["Idempotency-Key"] for entry in simulator.received}) == 1
    assert len(simulator.done(REGISTER_PATH)) == 1


def test_the_schedule_registers_once_and_waits_for_nobody(simulator: Simulator, settings: Any) -> None:
    assert capability_keep_registered() is False  # no platform: nobody is told
    settings.PLATFORM_URL = simulator.url
    simulator.fail(REGISTER_PATH, "reset", 1)
    keep_registered()  # the platform is away: that is no fault of ours
    assert simulator.done(REGISTER_PATH) == []
    assert capability_keep_registered() is True
    assert capability_keep_registered() is False
    assert len(simulator.done(REGISTER_PATH)) == 1
    cache.clear()  # an hour goes by
    assert capability_keep_registered() is True


@pytest.mark.usefixtures("scope")
def test_the_check_tells_what_is_there_and_what_does_not_fit(system: Actor, simulator: Simulator) -> None:
    assert {row["state"] for row in ask("capability_check", "--tenant", "acme")["dependencies"]} == {"not_configured"}
    configure(system, simulator, MANUFACTURING, TWINS, "core_financials")
    Target.objects.filter(neighbour_key="core_financials").update(is_enabled=False)
    found = {row["key"]: row for row in ask("capability_check", "--tenant", "acme")["dependencies"]}
    assert (found[TWINS]["state"], found[TWINS]["contracts"]) == ("reachable", "compatible")
    assert found["core_financials"]["state"] == "off" and len(found) == 12
    taken = [{"key": "plm_digital_twin_binding", "versions": [2, 3]}, {"key": "other"}]
    simulator.say("GET", "/api/v1/contracts", 200, {"contracts": taken})
    with pytest.raises(CommandError) as refused:
        ask("capability_check", "--tenant", "acme")
    assert refused.value.returncode == 2
    simulator.say("GET", "/api/v1/contracts", 404, {})
    found = {row["key"]: row for row in ask("capability_check", "--tenant", "acme")["dependencies"]}
    assert (found[TWINS]["state"], found[TWINS]["contracts"]) == ("reachable", "unknown")
    simulator.fail("/healthz", "503", -1)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("capability_check", "--tenant", "acme", stdout=out)
    assert "manufacturing                unreachable" in out.getvalue()


@pytest.mark.usefixtures("scope")
def test_health_in_the_form_of_the_specification(system: Actor, simulator: Simulator, make_member: MakeMember) -> None:
    manager = Caller(make_member("plm_manager", email="manager@acme.example")[0])
    idle = manager("get", "health/")["data"]
    assert sorted(idle) == ["dependencies", "error_counts", "integrations", "status", "timestamp"]
    assert (idle["status"], idle["integrations"], len(idle["dependencies"])) == ("healthy", {}, 12)
    configure(system, simulator, MANUFACTURING, TWINS)
    simulator.fail(TWIN, "400", 1)
    make_product("PUMP")
    send(system)
    found = manager("get", "health/")["data"]
    assert (found["status"], found["error_counts"]) == ("degraded", {"refused": 1})
    assert found["dependencies"][TWINS] == "trouble" and found["dependencies"]["auth_rbac"] == "unconfigured"
    assert found["integrations"][MANUFACTURING]["delivered"] == 1
    simulator.fail("/api/", "503", -1)
    for number in range(FAILURES):
        make_product(f"P-{number}")
    send(system)
    found = manager("get", "health/")["data"]
    assert (found["status"], found["integrations"][TWINS]["breaker"]) == ("unhealthy", "open")
    assert found["error_counts"]["server_error"] == 2 * FAILURES
    engineer = Caller(make_member("engineer", email="engineer@acme.example")[0])
    engineer("get", "health/", status=403)
    assert (
        engineer.client.get(BASE.replace("integrations/", "capability/")).json()["data"]["capability_id"] == CAPABILITY
    )


@pytest.mark.usefixtures("scope")
def test_metrics_show_what_waits_and_how_calls_went(system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, TWINS)
    simulator.fail(TWIN, "400", 1)
    make_product("PUMP"), make_product("VALVE")
    start = clock.now()
    with clock.fixed(start - dt.timedelta(minutes=5)):
        send(system)
    text = Client().get("/metrics").content.decode()
    assert f'plm_integration_deliveries{{neighbour="{TWINS}",state="review"}} 1.0' in text
    assert f'plm_integration_oldest_seconds{{neighbour="{TWINS}"}}' in text
    assert f'plm_integration_attempts_total{{neighbour="{TWINS}",outcome="refused"}}' in text
    assert f'plm_integration_call_seconds_count{{neighbour="{TWINS}"}}' in text
    assert str(system.tenant_id) not in text and "acme" not in text
