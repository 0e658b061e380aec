"""From event to neighbour: once, in order, tried again, put before a person, sent again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from integrations.choices import DeliveryState, Outcome
from integrations.clients.breaker import Breaker
from integrations.models import Attempt, Delivery
from integrations.services import (
    deliveries_make,
    deliveries_replay,
    deliveries_send,
    delivery_assign,
    delivery_discard,
    delivery_replay,
    due_targets,
    target_save,
)
from integrations.services.sending import LEASE, wait_after
from integrations.simulators.server import Simulator
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from products.services import LineInput, line_add, product_create, product_update
from tests.conftest import MakeActor
from tests.integrations.conftest import MANUFACTURING, TOKEN, TWINS, configure, relay

pytestmark = pytest.mark.usefixtures("scope")
BOM, TWIN = "/api/v1/manufacturing/bom/sync", "/api/v1/digital-twins"


def created(actor: Actor, number: str = "PUMP-1", **more: object) -> Product:
    return product_create(actor=actor, data={"product_number": number, "product_name": f"Pump {number}"}, **more)  # type: ignore[arg-type]


def send(actor: Actor) -> int:
    return sum(deliveries_send(actor.tenant_id, target_id) for target_id, _key in due_targets(actor.tenant_id))


def the(contract_key: str = "plm_digital_twin_binding") -> Delivery:
    found: Delivery = Delivery.objects.select_related("target").get(contract_key=contract_key)
    return found


@pytest.fixture
def later() -> Iterator[None]:
    """The same day, a quarter of an hour on: whatever waits is due."""
    with clock.fixed(clock.now() + dt.timedelta(minutes=15)):
        yield


def test_a_new_product_gets_its_twin_and_its_place_in_manufacturing(system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, MANUFACTURING, TWINS)
    bolt = created(system, "BOLT-1", auto_create_digital_twin=False)
    pump = created(system, structure=[LineInput(child_id=bolt.pk, quantity=Decimal(4))])
    relay(system)
    assert send(system) == 4  # the bolt's and the pump's place, the pump's lines, the pump's twin
    pump.refresh_from_db()
    bolt.refresh_from_db()
    assert (pump.manufacturing_status, bolt.manufacturing_status) == ("synced", "synced")
    assert pump.digital_twin_id.startswith("TWIN-")
    assert bolt.digital_twin_id == ""
    (twin,) = simulator.done(TWIN)
    assert twin["payload"]["twin_source_id"] == str(pump.pk)
    assert twin["headers"]["Authorization"] == f"Bearer {TOKEN}"
    assert twin["headers"]["X-Tenant-ID"] == str(system.tenant_id)
    assert twin["headers"]["Idempotency-Key"] == the().idempotency_key
    last = simulator.done(BOM)[-1]["payload"]
    assert [(line["component_id"], line["quantity"]) for line in last["lines"]] == [(str(bolt.pk), "4")]
    relay(system)
    assert send(system) == 0  # what the neighbours said is no news to them
    assert "digital twin TWIN-" in pump.history.first().history_change_reason


def test_nothing_is_owed_to_who_is_not_configured_or_switched_off(system: Actor, simulator: Simulator) -> None:
    created(system)
    relay(system)
    assert not Delivery.objects.exists()
    target_save(actor=system, neighbour_key=TWINS, base_url=simulator.url, allow_private=True, is_enabled=False)
    created(system, "PUMP-2")
    relay(system)
    assert not Delivery.objects.exists()
    assert simulator.received == []


def test_events_told_twice_are_sent_once(system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, TWINS)
    created(system)
    relay(system)
    assert deliveries_make(actor=system, events=list(OutboxEvent.objects.all())) == []
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(("mode", "outcome"), [("500", "server_error"), ("503", "server_error"), ("reset", "network")])
def test_a_neighbour_that_is_down_is_tried_again(
    system: Actor, simulator: Simulator, later: None, mode: str, outcome: str
) -> None:
    configure(system, simulator, TWINS)
    product = created(system)
    relay(system)
    simulator.fail(TWIN, mode)
    send(system)
    delivery = the()
    assert (delivery.state, delivery.attempt_count) == (DeliveryState.WAITING, 1)
    assert delivery.next_try_at - clock.now() >= dt.timedelta(seconds=5)
    payload = delivery.payload
    assert due_targets(system.tenant_id) == []
    with clock.fixed(delivery.next_try_at):
        send(system)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempt_count, delivery.payload) == (DeliveryState.DELIVERED, 2, payload)
    assert [attempt.outcome for attempt in delivery.attempts.all()] == [outcome, "success"]
    keys = {entry["headers"]["Idempotency-Key"] for entry in simulator.received}
    assert len(keys) == 1
    product.refresh_from_db()
    assert product.digital_twin_id == delivery.answer["twin_id"]


def test_an_answer_that_got_lost_does_no_harm(system: Actor, simulator: Simulator, later: None) -> None:
    configure(system, simulator, TWINS)
    created(system)
    relay(system)
    simulator.fail(TWIN, "lost")
    send(system)
    with clock.fixed(the().next_try_at):
        send(system)
    assert the().state == DeliveryState.DELIVERED
    assert len(simulator.received) == 2
    assert len(simulator.done(TWIN)) == 1  # the second call was known by its key


def test_after_three_retries_a_person_has_to_look_and_our_state_goes_back(
    system: Actor, simulator: Simulator, later: None
) -> None:
    configure(system, simulator, MANUFACTURING)
    product = created(system)
    relay(system)
    simulator.fail(BOM, "500", 4)
    for number in range(1, 5):
        with clock.fixed(the("plm_manufacturing_bom_sync").next_try_at):
            send(system)
        product.refresh_from_db()
        delivery = the("plm_manufacturing_bom_sync")
        assert delivery.attempt_count == number
        assert product.manufacturing_status == ("syncing" if number < 4 else "")
    assert delivery.state == DeliveryState.REVIEW
    assert delivery.reason.startswith("Fault over there")
    assert due_targets(system.tenant_id) == []
    delivery_replay(actor=system, delivery_id=delivery.pk)
    send(system)
    product.refresh_from_db()
    assert (the("plm_manufacturing_bom_sync").state, product.manufacturing_status) == ("delivered", "synced")


@pytest.mark.parametrize(
    ("mode", "outcome", "status"),
    [("400", "refused", 400), ("429", "refused", 429), ("malformed", "malformed", 201), ("redirect", "redirect", 307),
     ("large", "too_large", 201)],
)  # fmt: skip
def test_what_would_be_the_same_again_is_not_tried_again(
    system: Actor, simulator: Simulator, mode: str, outcome: str, status: int
) -> None:
    configure(system, simulator, TWINS)
    product = created(system)
    relay(system)
    simulator.fail(TWIN, mode)
    send(system)
    delivery = the()
    assert delivery.state == DeliveryState.REVIEW
    attempt = delivery.attempts.get()
    assert (attempt.outcome, attempt.status) == (outcome, status)
    product.refresh_from_db()
    assert product.digital_twin_id == ""


def test_news_of_one_product_arrives_in_order_and_others_are_not_held_up(
    system: Actor, simulator: Simulator, later: None
) -> None:
    configure(system, simulator, TWINS)
    pump, valve = created(system), created(system, "VALVE")
    relay(system)
    simulator.fail(TWIN, "400")  # the pump's creation
    send(system)
    product_update(actor=system, product_id=pump.pk, changes={"product_name": "Pump, renamed"})
    product_update(actor=system, product_id=valve.pk, changes={"product_name": "Valve, renamed"})
    relay(system)
    send(system)
    assert [entry["payload"]["twin_name"] for entry in simulator.done(TWIN)] == ["Pump VALVE", "Valve, renamed"]
    stuck = Delivery.objects.get(state=DeliveryState.REVIEW)
    with pytest.raises(ValidationFailed):
        delivery_discard(actor=system, delivery_id=stuck.pk, reason=" ")
    delivery_discard(actor=system, delivery_id=stuck.pk, reason="made by hand over there")
    send(system)
    assert simulator.done(TWIN)[-1]["payload"]["twin_name"] == "Pump, renamed"
    stuck.refresh_from_db()
    assert (stuck.state, stuck.reason) == (DeliveryState.DISCARDED, "made by hand over there")


def test_what_is_not_fit_to_send_waits_for_a_person_without_a_call(system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, MANUFACTURING)
    bolt, pump = created(system, "BOLT-1"), created(system)
    line = line_add(
        actor=system, revision_id=pump.revisions.get().pk, line=LineInput(child_id=bolt.pk, quantity=Decimal(4))
    )
    relay(system)
    type(line).objects.filter(pk=line.pk).update(unit_of_measure="nonsense")  # by other means than ours
    send(system)
    bad = Delivery.objects.filter(state=DeliveryState.REVIEW)
    assert {entry.entity_id for entry in bad} == {pump.pk}
    first = bad.order_by("id").first()
    assert first is not None
    assert first.reason.startswith("Not fit to send: unit_of_measure_must_be_valid: lines[0].uom")
    assert first.attempts.get().outcome == Outcome.INVALID
    assert {entry["payload"]["product_number"] for entry in simulator.received} == {"BOLT-1"}
    type(line).objects.filter(pk=line.pk).update(unit_of_measure="each")
    assert deliveries_replay(actor=system, neighbour_key=MANUFACTURING) == 1
    send(system)
    assert not Delivery.objects.exclude(state=DeliveryState.DELIVERED).exists()


def test_a_worker_that_died_is_replaced_when_its_lease_is_over(system: Actor, simulator: Simulator) -> None:
    (target,) = configure(system, simulator, TWINS)
    created(system)
    relay(system)

    class Killed(BaseException):
        pass

    def die(step: str) -> None:
        if step == "called":
            raise Killed

    with pytest.raises(Killed):
        deliveries_send(system.tenant_id, target.pk, at=die)
    assert the().state == DeliveryState.SENDING
    assert deliveries_send(system.tenant_id, target.pk) == 0
    with clock.fixed(clock.now() + LEASE + dt.timedelta(seconds=1)):
        assert deliveries_send(system.tenant_id, target.pk) == 1
    assert the().state == DeliveryState.DELIVERED
    assert len(simulator.received) == 2
    assert len(simulator.done(TWIN)) == 1


def test_an_open_breaker_uses_up_no_try(system: Actor, simulator: Simulator, later: None) -> None:
    configure(system, simulator, TWINS)
    for number in range(7):
        created(system, f"PUMP-{number}")
    relay(system)
    simulator.fail(TWIN, "500", -1)
    send(system)
    assert len(simulator.received) == 5
    assert Breaker(system.tenant_id, TWINS).state().state == "open"
    assert set(Delivery.objects.values_list("attempt_count", flat=True)) == {0, 1}
    untried = Delivery.objects.filter(attempt_count=0)
    assert untried.count() == 2
    assert all(entry.next_try_at > clock.now() for entry in Delivery.objects.all())


def test_sending_again_is_an_operator_s_and_asks_which(
    system: Actor, simulator: Simulator, make_actor: MakeActor
) -> None:
    configure(system, simulator, TWINS)
    created(system)
    relay(system)
    send(system)
    delivery = the()
    engineer, manager = make_actor("engineer"), make_actor("plm_manager")
    with pytest.raises(PermissionDenied):
        delivery_replay(actor=engineer, delivery_id=delivery.pk)
    with pytest.raises(ValidationFailed):
        deliveries_replay(actor=manager)
    with pytest.raises(ValidationFailed):
        deliveries_replay(actor=manager, neighbour_key=TWINS, states=["sending"])
    assert deliveries_replay(actor=manager, since=delivery.created_at, states=["delivered"]) == 1
    with pytest.raises(Conflict):
        delivery_replay(actor=manager, delivery_id=delivery.pk)
    send(system)
    assert len(simulator.received) == 2
    assert Attempt.objects.filter(delivery=delivery).count() == 2
    assert (
        delivery_assign(actor=manager, delivery_id=delivery.pk, user_id=manager.user_id).assignee_id == manager.user_id
    )
    with pytest.raises(ValidationFailed):
        delivery_assign(actor=manager, delivery_id=delivery.pk, user_id=delivery.pk)


def test_another_tenant_s_delivery_is_not_there(system: Actor, simulator: Simulator, other_tenant: Tenant) -> None:
    configure(system, simulator, TWINS)
    created(system)
    relay(system)
    key = the().pk
    with tenant_scope(other_tenant.pk), pytest.raises(NotFound):
        delivery_replay(actor=Actor.system(other_tenant.pk), delivery_id=key)


def test_waits_grow_and_spread() -> None:
    for failures, seconds in ((1, 5), (2, 15), (3, 45)):
        waits = {wait_after(failures) for _time in range(50)}
        assert len(waits) > 1
        assert all(dt.timedelta(seconds=seconds) <= wait <= dt.timedelta(seconds=seconds * 1.25) for wait in waits)


def test_a_call_that_arrives_twice_is_carried_out_once(system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, TWINS)
    simulator.fail(TWIN, "duplicate", 1)
    pump = created(system)
    relay(system)
    assert send(system) == 1
    assert len([entry for entry in simulator.received if entry["path"] == TWIN]) == 2
    assert len(simulator.done(TWIN)) == 1
    pump.refresh_from_db()
    assert pump.digital_twin_id


def test_a_turn_ends_in_time_and_the_next_goes_on(system: Actor, simulator: Simulator) -> None:
    (target,) = configure(system, simulator, TWINS)
    for number in ("PUMP-1", "PUMP-2", "PUMP-3"):
        created(system, number)
    relay(system)
    assert deliveries_send(system.tenant_id, target.pk, seconds=0) == 1
    assert deliveries_send(system.tenant_id, target.pk, seconds=60) == 2
