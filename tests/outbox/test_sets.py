"""Subscribers that take events in sets: one call for many, one by one where a set fails, each event once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.outbox import registry, sets
from plm_project.outbox.events import publish_many
from plm_project.outbox.models import Delivery, OutboxEvent
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.scope import tenant_scope

MOVED, PAINTED = "test_moved", "test_painted"


class Listener:
    """Writes down each call with the numbers it was given; raises for a set that holds a bad number."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)
        self.calls: list[list[int]] = []

    def __call__(self, events: Sequence[OutboxEvent]) -> None:
        numbers = [event.event_data["n"] for event in events]
        if self.bad.intersection(numbers):
            raise ConnectionError("no")
        self.calls.append(numbers)

    @property
    def heard(self) -> list[int]:
        return [number for call in self.calls for number in call]


def happen(
    actor: Actor, numbers: Sequence[int], *, relay: bool = True, entity_id: Any = None, event_type: str = MOVED
) -> None:
    """Publish an event per number, each of an entity of its own unless one is given."""
    with tenant_scope(actor.tenant_id, atomic=True):
        for chunk in [[number] for number in numbers] if entity_id else [numbers]:
            things = [NumberSequence(id=entity_id or uuid7(), tenant_id=actor.tenant_id) for _number in chunk]
            publish_many(actor, event_type, [(thing, {"n": n}) for thing, n in zip(things, chunk, strict=True)])
        if not relay:
            connection.run_on_commit = []


def waiting(tenant: Tenant) -> list[int]:
    with tenant_scope(tenant.pk):
        return [event.event_data["n"] for event in OutboxEvent.objects.filter(settled_at=None).order_by("id")]


def test_many_events_come_in_one_call_and_are_settled(acme: Tenant, actor: Actor) -> None:
    listener = Listener()
    registry.subscribe_many(MOVED, name="sets", handler=listener)
    happen(actor, range(300))
    assert listener.calls == [list(range(300))]
    assert waiting(acme) == []
    relay_tenant(acme.pk)
    assert len(listener.calls) == 1
    with tenant_scope(acme.pk):
        assert Delivery.objects.filter(delivered_at__isnull=False, attempts=1).count() == 300


def test_a_long_queue_comes_in_several_sets(acme: Tenant, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "SET", 100)
    listener = Listener()
    registry.subscribe_many(MOVED, name="sets", handler=listener)
    happen(actor, range(250))
    assert [len(call) for call in listener.calls] == [100, 100, 50]
    assert listener.heard == list(range(250))


def test_events_of_several_types_come_together_in_their_order(acme: Tenant, actor: Actor) -> None:
    listener = Listener(5)
    for event_type in (PAINTED, MOVED):
        registry.subscribe_many(event_type, name="sets", handler=listener)
    mine = uuid7()
    for number in range(4):
        happen(actor, [number], entity_id=mine, relay=False, event_type=(MOVED, PAINTED)[number % 2])
    relay_tenant(acme.pk)
    assert listener.calls == [[0, 1, 2, 3]]
    happen(actor, [5], entity_id=mine, relay=False)
    happen(actor, [6], entity_id=mine, event_type=PAINTED)
    assert listener.heard == [0, 1, 2, 3], "an event of another type overtook one that failed"
    assert waiting(acme) == [5, 6]


def test_one_bad_event_holds_back_its_own_entity_alone(acme: Tenant, actor: Actor) -> None:
    listener = Listener(2)
    registry.subscribe_many(MOVED, name="sets", handler=listener)
    mine = uuid7()
    happen(actor, [1, 2, 3], entity_id=mine, relay=False)
    happen(actor, [7, 8])
    assert sorted(listener.heard) == [1, 7, 8]
    assert waiting(acme) == [2, 3]
    happen(actor, [9], entity_id=mine)
    assert 9 not in listener.heard, "an entity's later event overtook one that failed"
    listener.bad.clear()
    with tenant_scope(acme.pk, atomic=True):
        Delivery.objects.filter(delivered_at=None).update(next_attempt_at=None)
    relay_tenant(acme.pk)
    assert [number for number in listener.heard if number in (1, 2, 3, 9)] == [1, 2, 3, 9]
    assert waiting(acme) == []


def test_beside_a_subscriber_of_single_events_both_get_everything_once(acme: Tenant, actor: Actor) -> None:
    listener, single = Listener(), Listener()
    registry.subscribe_many(MOVED, name="sets", handler=listener)
    registry.subscribe(MOVED, name="single", handler=lambda event: single([event]))
    happen(actor, range(20))
    assert listener.heard == single.heard == list(range(20))
    assert len(single.calls) == 20
    assert waiting(acme) == []


def test_what_a_failed_set_wrote_is_undone(acme: Tenant, actor: Actor) -> None:
    def handler(events: Sequence[OutboxEvent]) -> None:
        for event in events:
            NumberSequence.objects.create(key=f"{event.event_data['n']}-of-{len(events)}")
        if len(events) > 1:
            raise ConnectionError("only one at a time")

    registry.subscribe_many(MOVED, name="sets", handler=handler)
    happen(actor, [6, 7])
    with tenant_scope(acme.pk):
        assert sorted(NumberSequence.objects.values_list("key", flat=True)) == ["6-of-1", "7-of-1"]


def test_the_number_of_queries_does_not_grow_with_the_set(acme: Tenant, actor: Actor) -> None:
    registry.subscribe_many(MOVED, name="sets", handler=Listener())
    counts = []
    for size in (10, 400):
        happen(actor, range(size), relay=False)
        with CaptureQueriesContext(connection) as queries:
            relay_tenant(acme.pk)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 4, "400 events take more than the inserts that SQLite splits"
