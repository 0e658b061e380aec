"""The operators' commands: what they answer, what they refuse; the simulators as a process of their own."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command

from integrations.models import Delivery
from integrations.simulators.server import Simulator
from plm_project.core import clock
from plm_project.core.actor import Actor
from products.models import Product
from products.services import product_create, product_update
from tests.integrations.conftest import MANUFACTURING, TWINS, configure, relay

ROOT = Path(__file__).resolve().parents[2]
TWIN = "/api/v1/digital-twins"


def ask(name: str, *args: str) -> Any:
    out = StringIO()
    call_command(name, *args, "--tenant", "acme", "--json", stdout=out)
    return json.loads(out.getvalue())


def make(actor: Actor, *numbers: str) -> None:
    for number in numbers:
        product_create(actor=actor, data={"product_number": number, "product_name": f"Pump {number}"})
    relay(actor)


@pytest.mark.usefixtures("scope")
def test_send_then_replay_what_a_person_has_to_look_at(system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, MANUFACTURING, TWINS)
    simulator.fail(TWIN, "400", -1)
    make(system, "PUMP-1", "PUMP-2")
    assert ask("integrations_send") == {"calls": 4, "deliveries": {"delivered": 2, "review": 2}}
    assert ask("integrations_send")["calls"] == 0
    simulator.forget()
    one, other = Delivery.objects.filter(state="review").order_by("id")
    assert ask("integrations_replay", "--id", str(one.pk)) == {"replayed": 1}
    assert ask("integrations_replay", "--neighbour", MANUFACTURING) == {"replayed": 0}  # none of its waits for review
    assert ask("integrations_replay", "--since", (clock.now() + dt.timedelta(hours=1)).isoformat()) == {"replayed": 0}
    assert ask("integrations_replay", "--since", (clock.now() - dt.timedelta(hours=1)).isoformat()) == {"replayed": 1}
    assert ask("integrations_send") == {"calls": 2, "deliveries": {"delivered": 4}}
    for delivery in (one, other):
        delivery.refresh_from_db()
        assert delivery.history.count() == 1  # what the command did; what was sent is in the attempts
        assert delivery.attempts.count() == 2
    assert ask("integrations_replay", "--neighbour", MANUFACTURING, "--state", "delivered") == {"replayed": 2}
    for wrong in ([], ["--id", "seven"], ["--since", "yesterday"]):
        with pytest.raises(CommandError) as refused:
            ask("integrations_replay", *wrong)
        assert refused.value.returncode == 2, wrong


@pytest.mark.usefixtures("scope")
def test_a_neighbour_configured_later_is_told_what_it_missed(system: Actor, simulator: Simulator) -> None:
    make(system, "PUMP-1", "PUMP-2")
    pump = Product.objects.get(product_number="PUMP-1")
    product_update(actor=system, product_id=pump.pk, changes={"product_name": "Pump one"})
    with pytest.raises(CommandError, match="switch it on"):
        ask("integrations_catch_up", TWINS)
    configure(system, simulator, TWINS, MANUFACTURING)
    relay(system)  # of the update it hears by itself
    assert Delivery.objects.count() == 1
    assert ask("integrations_catch_up", TWINS) == {"made": 1}  # the other pump; this one's latest is on its way
    assert ask("integrations_catch_up", TWINS) == {"made": 0}
    ask("integrations_send")
    assert [entry["payload"]["twin_name"] for entry in simulator.done(TWIN)] == ["Pump one", "Pump PUMP-2"]
    later = (clock.now() + dt.timedelta(hours=1)).isoformat()
    assert ask("integrations_catch_up", MANUFACTURING, "--since", later) == {"made": 0}
    assert ask("integrations_catch_up", MANUFACTURING) == {"made": 2}
    with pytest.raises(CommandError, match="no such neighbour"):
        ask("integrations_catch_up", "nobody")


def test_the_simulators_answer_and_can_be_made_to_fail() -> None:
    arguments = [sys.executable, "manage.py", "simulators", "--port", "0"]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            base = next(word for word in said.split() if word.startswith("http")).rstrip(";")
            with httpx.Client(base_url=base, trust_env=False) as http:
                assert http.get("/healthz").json() == {"status": "healthy"}
                answer = http.post(TWIN, json={"twin_source_id": "1"}, headers={"Idempotency-Key": "k"})
                assert answer.status_code == 201 and answer.json()["twin_id"].startswith("TWIN-")
                assert http.post("/_fail", json={"path": TWIN, "mode": "503"}).status_code == 200
                assert http.post(TWIN, json={"twin_source_id": "2"}).status_code == 503
                assert http.post(TWIN, json={"twin_source_id": "2"}).status_code == 201
                received = http.get("/_received").json()["received"]
                assert [entry["done"] for entry in received] == [True, True, False, True]
        finally:
            process.terminate()
