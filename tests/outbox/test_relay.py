"""Publishing and delivery: only with the commit, in order per entity, failures contained, each subscriber once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.outbox import registry
from plm_project.outbox.events import publish, publish_many
from plm_project.outbox.models import Delivery, OutboxEvent
from plm_project.outbox.relay import FIRST_WAIT, LONGEST_WAIT, MAX_ATTEMPTS, relay_all, relay_tenant, retry_now
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.references import CrossTenantReference
from plm_project.tenancy.scope import TenantScopeMissing, current_tenant_id, tenant_scope

MOVED, PAINTED, UNHEARD = "test_moved", "test_painted", "test_unheard"
Heard = Callable[..., list[Any]]


def entity(tenant: Tenant) -> Any:
    """Return an entity; that it is stored is not asked."""
    return NumberSequence(id=uuid7(), tenant_id=tenant.pk)


def tell(actor: Actor, thing: Any, *numbers: int, event_type: str = MOVED) -> None:
    """Publish an event per number, each in a transaction of its own, and let none of them relay by itself."""
    for number in numbers:
        with tenant_scope(actor.tenant_id, atomic=True):
            publish(actor, event_type, entity=thing, data={"n": number})
            connection.run_on_commit = []


def unsettled(tenant: Tenant) -> int:
    """Return how many events wait."""
    with tenant_scope(tenant.pk):
        return OutboxEvent.objects.filter(settled_at__isnull=True).count()


# --- publishing ----------------------------------------------------------------------------------------------------
def test_the_commit_delivers(acme: Tenant, actor: Actor, heard: Heard) -> None:
    arrived, thing = heard("listener"), entity(acme)
    with tenant_scope(acme.pk, atomic=True):
        publish(actor, MOVED, entity=thing, data={"n": 1})
        assert arrived == [], "delivered before the commit"
    assert arrived == [(thing.pk, 1)]
    assert unsettled(acme) == 0


def test_a_rollback_delivers_nothing_and_keeps_nothing(acme: Tenant, actor: Actor, heard: Heard) -> None:
    arrived = heard("listener")
    with pytest.raises(ZeroDivisionError), tenant_scope(acme.pk, atomic=True):
        publish(actor, MOVED, entity=entity(acme), data={"n": 1})
        raise ZeroDivisionError
    relay_tenant(acme.pk)
    assert arrived == []
    with tenant_scope(acme.pk):
        assert not OutboxEvent.objects.exists()


def test_a_savepoint_rolled_back_takes_only_its_events(acme: Tenant, actor: Actor, heard: Heard) -> None:
    arrived, thing = heard("listener"), entity(acme)
    with tenant_scope(acme.pk, atomic=True):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            publish(actor, MOVED, entity=thing, data={"n": 1})
            raise ZeroDivisionError
        publish(actor, MOVED, entity=thing, data={"n": 2})
    assert arrived == [(thing.pk, 2)]


def test_what_is_refused_publishes_nothing(acme: Tenant, globex: Tenant, actor: Actor) -> None:
    stranger = Actor.system(globex.pk)
    with pytest.raises(RuntimeError, match="inside the transaction"):
        publish(actor, MOVED, entity=entity(acme), data={})
    with transaction.atomic(), pytest.raises(TenantScopeMissing):
        publish(actor, MOVED, entity=entity(acme), data={})
    with tenant_scope(acme.pk, atomic=True):
        with pytest.raises(ValueError, match="not a declared event type"):
            publish(actor, "test_invented", entity=entity(acme), data={})
        with pytest.raises(CrossTenantReference):
            publish(actor, MOVED, entity=entity(globex), data={})
        with pytest.raises(CrossTenantReference):
            publish(stranger, MOVED, entity=entity(acme), data={})
        with transaction.atomic(), pytest.raises(TypeError):
            publish(actor, MOVED, entity=entity(acme), data={"n": object()})
        assert not OutboxEvent.objects.exists()


def test_an_event_says_what_the_specification_asks(acme: Tenant) -> None:
    actor = Actor(kind="user", tenant_id=acme.pk, user_id=uuid7(), request_id="r-1")
    thing = entity(acme)
    with tenant_scope(acme.pk, atomic=True):
        data = {"amount": Decimal("1.10"), "id": thing.pk, "on": dt.date(2026, 1, 2)}
        event = publish(actor, UNHEARD, entity=thing, data=data)
    with tenant_scope(acme.pk):
        stored = OutboxEvent.objects.get(pk=event.pk)
    assert stored.event_data == {"amount": "1.1", "id": str(thing.pk), "on": "2026-01-02"}
    assert (stored.event_type, stored.entity_id, stored.tenant_id) == (UNHEARD, thing.pk, acme.pk)
    assert (stored.user_id, stored.request_id, stored.pk.version) == (actor.user_id, "r-1", 7)
    assert stored.timestamp.tzinfo is not None


def test_a_bulk_publication_asks_for_one_relay(acme: Tenant, actor: Actor, heard: Heard) -> None:
    arrived = heard("listener")
    with tenant_scope(acme.pk, atomic=True):
        before = len(connection.run_on_commit)
        for number in range(3):
            publish_many(actor, MOVED, [(entity(acme), {"n": number}) for _each in range(5)])
        assert len(connection.run_on_commit) - before == 1
    assert len(arrived) == 15


# --- order and failures --------------------------------------------------------------------------------------------
def test_an_entitys_events_arrive_in_order(acme: Tenant, actor: Actor, heard: Heard) -> None:
    arrived, first, second = heard("listener"), entity(acme), entity(acme)
    for number in range(5):
        tell(actor, first, number)
        tell(actor, second, number * 10)
    outcome = relay_tenant(acme.pk)
    assert [n for key, n in arrived if key == first.pk] == [0, 1, 2, 3, 4]
    assert [n for key, n in arrived if key == second.pk] == [0, 10, 20, 30, 40]
    assert (outcome.delivered, outcome.failed, outcome.settled) == (10, 0, 10)
    assert relay_tenant(acme.pk).delivered == 0


def test_a_failing_subscriber_holds_back_its_own_entity_alone(acme: Tenant, actor: Actor, heard: Heard) -> None:
    broken, sound = entity(acme), entity(acme)
    well = heard("well")
    ill = heard("ill", fail=lambda event: event.entity_id == broken.pk and event.event_data["n"] == 2)
    tell(actor, broken, 1, 2, 3)
    tell(actor, sound, 1, 2)
    outcome = relay_tenant(acme.pk)
    assert [n for key, n in well if key == broken.pk] == [1, 2, 3], "held back by somebody else's failure"
    assert [n for key, n in ill if key == broken.pk] == [1], "the third overtook the second"
    assert [n for key, n in ill if key == sound.pk] == [1, 2], "held back by another entity's failure"
    assert outcome.failed == 1
    assert unsettled(acme) == 2


def test_a_subscriber_is_held_back_across_event_types(acme: Tenant, actor: Actor, heard: Heard) -> None:
    thing, down = entity(acme), [True]
    moved = heard("twin", fail=lambda event: down[0])
    painted = heard("twin", to=PAINTED)
    tell(actor, thing, 1)
    tell(actor, thing, 2, event_type=PAINTED)
    relay_tenant(acme.pk)
    assert (moved, painted) == ([], [])
    down[0] = False
    with time_machine.travel(dt.datetime.now(dt.UTC) + FIRST_WAIT + dt.timedelta(seconds=1)):
        relay_tenant(acme.pk)
    assert (moved, painted) == ([(thing.pk, 1)], [(thing.pk, 2)])


def test_a_failed_delivery_undoes_what_its_handler_wrote(acme: Tenant, actor: Actor) -> None:
    def handler(event: Any) -> None:
        NumberSequence.objects.create(key="half done")
        raise ConnectionError("no answer")

    registry.subscribe(MOVED, name="half", handler=handler)
    tell(actor, entity(acme), 1)
    relay_tenant(acme.pk)
    with tenant_scope(acme.pk):
        assert not NumberSequence.objects.exists()
        delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.delivered_at) == (1, None)
    assert delivery.last_error == "ConnectionError: no answer"


def test_a_handler_that_breaks_the_transaction_is_a_failure_like_any_other(acme: Tenant, actor: Actor) -> None:
    def handler(event: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")

    registry.subscribe(MOVED, name="breaks", handler=handler)
    tell(actor, entity(acme), 1)
    assert relay_tenant(acme.pk).failed == 1
    with tenant_scope(acme.pk):
        assert Delivery.objects.get().attempts == 1


def test_waiting_doubles_and_ends(acme: Tenant, actor: Actor, heard: Heard) -> None:
    heard("ill", fail=lambda event: True)
    tell(actor, entity(acme), 1)
    moment, waits = dt.datetime.now(dt.UTC), []
    for _attempt in range(MAX_ATTEMPTS):
        with time_machine.travel(moment, tick=False):
            assert relay_tenant(acme.pk).failed == 1
            assert relay_tenant(acme.pk).failed == 0, "tried again before its time"
        with tenant_scope(acme.pk):
            due = Delivery.objects.get().next_attempt_at
        assert due is not None
        waits.append(due - moment)
        moment = due + dt.timedelta(seconds=1)
    assert waits[:4] == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4, FIRST_WAIT * 8]
    assert max(waits) <= LONGEST_WAIT
    with time_machine.travel(moment + dt.timedelta(days=30)):
        assert relay_tenant(acme.pk).failed == 0, "given up is given up"
    assert unsettled(acme) == 1, "given up is not lost"


def test_an_operator_has_a_given_up_delivery_tried_again(acme: Tenant, actor: Actor, heard: Heard) -> None:
    down = [True]
    arrived, thing = heard("ill", fail=lambda event: down[0]), entity(acme)
    tell(actor, thing, 1, 2)
    relay_tenant(acme.pk)
    with tenant_scope(acme.pk):
        Delivery.objects.update(attempts=MAX_ATTEMPTS)
    down[0] = False
    assert relay_tenant(acme.pk).delivered == 0
    with tenant_scope(acme.pk):
        delivery = Delivery.objects.get()
    with pytest.raises(RuntimeError, match="inside a transaction"):
        retry_now(delivery)
    with tenant_scope(acme.pk, atomic=True):
        retry_now(delivery)
    relay_tenant(acme.pk)
    assert arrived == [(thing.pk, 1), (thing.pk, 2)]


def test_each_subscriber_hears_an_event_once(acme: Tenant, actor: Actor, heard: Heard) -> None:
    down = [True]
    well, ill = heard("well"), heard("ill", fail=lambda event: down[0])
    tell(actor, entity(acme), 1)
    relay_tenant(acme.pk)
    down[0] = False
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)):
        relay_tenant(acme.pk)
        relay_tenant(acme.pk)
    assert (len(well), len(ill)) == (1, 1)
    assert unsettled(acme) == 0


def test_an_event_committed_late_is_not_passed_over(acme: Tenant, actor: Actor, heard: Heard) -> None:
    """Ids are older than commits: while the relay works on the youngest event, an older one may appear."""
    late, young, missed = entity(acme), entity(acme), uuid7()
    arrived: list[int] = []

    def handler(event: Any) -> None:
        arrived.append(event.event_data["n"])
        if event.event_data["n"] == 1:  # as if another transaction, begun before this event, committed just now
            OutboxEvent.objects.create(
                id=missed, event_type=MOVED, entity_type="t", entity_id=late.pk, position=1, event_data={"n": 2}
            )

    registry.subscribe(MOVED, name="listener", handler=handler)
    tell(actor, young, 1)
    relay_tenant(acme.pk)
    assert arrived == [1, 2]
    assert unsettled(acme) == 0


def test_nobody_listens_is_settled_and_kept(acme: Tenant, actor: Actor) -> None:
    with tenant_scope(acme.pk, atomic=True):
        publish(actor, UNHEARD, entity=entity(acme), data={"n": 1})
    with tenant_scope(acme.pk):
        assert OutboxEvent.objects.get().settled_at is not None


# --- tenants -------------------------------------------------------------------------------------------------------
def test_a_handler_runs_in_the_events_own_tenant(acme: Tenant, globex: Tenant, actor: Actor) -> None:
    seen: list[Any] = []
    registry.subscribe(MOVED, name="where", handler=lambda event: seen.append((current_tenant_id(), event.tenant_id)))
    tell(actor, entity(acme), 1)
    tell(Actor.system(globex.pk), entity(globex), 2)
    with tenant_scope(globex.pk):
        relay_tenant(acme.pk)
        assert seen == [(acme.pk, acme.pk)]
        assert current_tenant_id() == globex.pk
    seen.clear()
    assert relay_all().delivered == 1
    assert seen == [(globex.pk, globex.pk)]


def test_a_closed_tenant_is_left_alone(acme: Tenant, actor: Actor, heard: Heard) -> None:
    arrived = heard("listener")
    tell(actor, entity(acme), 1)
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    assert relay_all().delivered == 0
    assert arrived == []


# --- side by side --------------------------------------------------------------------------------------------------
@pytest.mark.postgres
def test_two_relays_side_by_side_deliver_once_and_in_order(acme: Tenant, actor: Actor) -> None:
    things = [entity(acme) for _each in range(4)]
    arrived: list[tuple[Any, int]] = []
    registry.subscribe(
        MOVED, name="listener", handler=lambda event: arrived.append((event.entity_id, event.event_data["n"]))
    )
    for number in range(6):
        for thing in things:
            tell(actor, thing, number)
    start = threading.Barrier(3)

    def work() -> None:
        try:
            start.wait(timeout=20)
            for _round in range(20):
                relay_tenant(acme.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(arrived) == len(set(arrived)) == 24
    for thing in things:
        assert [n for key, n in arrived if key == thing.pk] == list(range(6))
    assert unsettled(acme) == 0
