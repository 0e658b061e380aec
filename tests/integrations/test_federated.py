"""A round of federated learning: numbers leave, records never."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrations.contracts.federated import FEWEST
from integrations.models import FederatedRound
from integrations.services.federated import fitted
from integrations.simulators.server import Simulator
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from tests.factories import make_line, make_product, release
from tests.integrations.conftest import configure
from tests.integrations.test_api import send

PATH = "/api/v1/federated/rounds"


def join(name: str) -> Any:
    out = StringIO()
    call_command("federated_join", name, "--tenant", "acme", "--json", stdout=out)
    return json.loads(out.getvalue())


def test_least_squares_finds_what_made_the_figures() -> None:
    samples = [
        ([1.0, float(lines), float(pieces)], 3.0 + 2.0 * lines + 0.5 * pieces)
        for lines in range(5)
        for pieces in (1, 4, 9)
    ]
    assert fitted(samples) == pytest.approx([3.0, 2.0, 0.5])
    with pytest.raises(Conflict):
        fitted([([1.0, 2.0, 2.0], 5.0)] * 30)


@pytest.mark.usefixtures("scope")
def test_a_round_sends_numbers_and_keeps_the_average(system: Actor, simulator: Simulator) -> None:
    with pytest.raises(CommandError, match="configured"):
        join("spring")
    configure(system, simulator, "federated_learning")
    parts = [make_product(f"PART-{at}") for at in range(3)]
    for part in parts:
        release(part)
    for at in range(FEWEST):
        cost = Decimal(3 + 2 * (at % 3 + 1)) + Decimal("0.5") * (at % 3 + 1) * (at + 1)
        assembly = make_product(f"SECRET-{at}", current_cost=cost)
        for part in parts[: at % 3 + 1]:
            make_line(assembly, part, at + 1)
        if at == FEWEST - 1:
            with pytest.raises(CommandError, match="are needed"):
                join("spring")
        release(assembly)
    answer = join("spring")
    assert answer["samples"] == FEWEST and answer["parameters"] == pytest.approx([3.0, 2.0, 0.5])
    with pytest.raises(CommandError, match="joined before"):
        join("spring")
    send(system)
    (sent,) = simulator.done(PATH)
    assert sorted(sent["payload"]) == ["model", "parameters", "round", "sample_count"]
    assert "SECRET" not in json.dumps(sent["payload"])
    found = FederatedRound.objects.get()
    assert found.participants == 3
    assert found.joint_parameters == pytest.approx([(value + 2) / 3 for value in found.parameters])
