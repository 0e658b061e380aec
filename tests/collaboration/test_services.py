"""Lifecycle, people, links, the log: what the services allow, to whom, and what a refusal leaves behind (nothing)."""

from __future__ import annotations

import datetime as dt
import io
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from collaboration import services
from collaboration.exceptions import LastHost, NoSuchSession
from collaboration.models import BoardItem, CollaborationSession, SessionParticipant, SessionPresence, SessionUpdate
from collaboration.tasks import end_idle
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PlmError, ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from plm_project.tenancy.states import transition_options
from tests.changes.conftest import footprint
from tests.collaboration.conftest import Cast, chat, events_of, key, log_of, make_room
from tests.conftest import MakeMember
from tests.factories import make_product


@pytest.fixture(autouse=True)
def inside(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


Step = Callable[[Actor, uuid.UUID], Any]
STEPS: dict[str, tuple[Step, set[str]]] = {
    "start": (lambda actor, pk: services.session_start(actor=actor, session_id=pk), {"scheduled"}),
    "end": (lambda actor, pk: services.session_end(actor=actor, session_id=pk, reason="why"), {"scheduled", "active"}),
    "end without a reason": (lambda actor, pk: services.session_end(actor=actor, session_id=pk), {"active"}),
    "edit": (
        lambda actor, pk: services.session_update(actor=actor, session_id=pk, changes={"title": "Another"}),
        {"scheduled", "active"},
    ),
    "delete": (lambda actor, pk: services.session_delete(actor=actor, session_id=pk), {"scheduled"}),
}
RUNNING = {"host", "manager"}


class Undo(Exception):
    """Takes back what a step that went through has written."""


def attempt(step: Step, actor: Actor, session_id: uuid.UUID) -> type[PlmError] | None:
    """Try a step; return the refusal. Nothing stays in either case."""
    before, refusal = footprint(), None
    try:
        with transaction.atomic():
            try:
                step(actor, session_id)
            except PlmError as error:
                assert footprint() == before, "a refused step has written something"
                refusal = type(error)
            raise Undo
    except Undo:
        return refusal


@pytest.mark.parametrize("status", ["scheduled", "active", "ended"])
def test_every_step_for_every_part(cast: Cast, status: str) -> None:
    session = make_room(cast, active=status != "scheduled")
    if status == "ended":
        services.session_end(actor=cast.host, session_id=session.pk)
    for name, (step, sources) in STEPS.items():
        for part in ("host", "editor", "viewer", "stranger", "manager"):
            refusal = attempt(step, getattr(cast, part), session.pk)
            expected: type[PlmError] | None
            if part == "stranger":
                expected = NoSuchSession
            elif part not in RUNNING:
                expected = PermissionDenied
            elif status in sources:
                expected = None
            else:
                expected = ValidationFailed if (name, status) == ("end without a reason", "scheduled") else Conflict
            assert refusal is expected, (name, status, part)
    session.refresh_from_db()
    options = {
        option.to: (option.possible, option.needs_reason)
        for option in transition_options(session, "status", cast.host)
    }
    assert options["ended" if status != "ended" else "active"] == {
        "scheduled": (True, True), "active": (True, False), "ended": (False, False),
    }[status]  # fmt: skip


def test_start_and_end_are_told(cast: Cast) -> None:
    product = make_product("HOUSING")
    session = services.session_create(
        actor=cast.host,
        data={"title": "Review", "features": ["3d_viewer", "voice", "voice"]},
        participants=[(key(cast.editor), "editor")],
        products=[product.pk],
    )
    assert session.features == ["voice", "3d_viewer"]
    began = clock.now()
    with clock.fixed(began):
        services.session_start(actor=cast.host, session_id=session.pk)
    services.update_store(actor=cast.editor, session_id=session.pk, update=chat("hello"))
    with clock.fixed(began + dt.timedelta(minutes=90)):
        services.session_end(actor=cast.host, session_id=session.pk, reason="decided")
    (started,), (ended,) = events_of("collaboration_started"), events_of("collaboration_ended")
    assert started.entity_id == session.pk and started.event_data["products"][0]["product_number"] == "HOUSING"
    assert [entry["role"] for entry in started.event_data["participants"]] == ["host", "editor"]
    assert (ended.event_data["duration_seconds"], ended.event_data["reason"]) == (5400, "decided")
    assert (ended.event_data["update_count"], ended.event_data["update_counts"]) == (1, {"chat": 1})
    called_off = make_room(cast, active=False)
    services.session_end(actor=cast.host, session_id=called_off.pk, reason="Nobody has time.")
    assert events_of("collaboration_ended")[-1].event_data["duration_seconds"] is None
    assert CollaborationSession.objects.get(pk=called_off.pk).was_called_off
    assert session.history.count() == 3, "a message is no edit of the session"


def test_people_of_a_session(cast: Cast, make_member: MakeMember, other_tenant: Tenant) -> None:
    session = make_room(cast)
    outsider, _member = make_member("engineer", email="x@globex.example", tenant=other_tenant)
    common: dict[str, Any] = {"actor": cast.host, "session_id": session.pk}
    refused: tuple[tuple[type[PlmError], Callable[[], Any]], ...] = (
        (ValidationFailed, lambda: services.participant_add(**common, user_id=outsider.pk)),
        (ValidationFailed, lambda: services.participant_add(**common, user_id=key(cast.stranger), role="king")),
        (Conflict, lambda: services.participant_add(**common, user_id=key(cast.editor))),
        (
            ValidationFailed,
            lambda: services.participant_role_change(**common, user_id=key(cast.viewer), role="editor"),
        ),
        (NotFound, lambda: services.participant_remove(**common, user_id=key(cast.stranger))),
        (LastHost, lambda: services.participant_remove(**common, user_id=key(cast.host))),
        (LastHost, lambda: services.participant_role_change(**common, user_id=key(cast.host), role="viewer")),
        (LastHost, lambda: services.participant_leave(actor=cast.host, session_id=session.pk)),
        (NotFound, lambda: services.participant_leave(actor=cast.manager, session_id=session.pk)),
    )
    for kind, call in refused:
        before = footprint()
        with pytest.raises(kind), transaction.atomic():
            call()
        assert footprint() == before
    services.participant_role_change(**common, user_id=key(cast.editor), role="host")
    services.participant_leave(actor=cast.host, session_id=session.pk)
    with pytest.raises(NoSuchSession):
        services.update_store(actor=cast.host, session_id=session.pk, update=chat("still here?"))
    again = services.participant_add(actor=cast.editor, session_id=session.pk, user_id=key(cast.host), role="viewer")
    assert again.role == "viewer"
    assert SessionParticipant.all_objects.filter(session=session, user_id=key(cast.host)).count() == 2


def test_a_request_is_stored_once_and_costs_a_fixed_number_of_questions(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    session = make_room(cast)
    with django_assert_max_num_queries(9):  # with the savepoint around it
        first = services.update_store(actor=cast.editor, session_id=session.pk, update=chat("a"), request="r")
    again = services.update_store(actor=cast.editor, session_id=session.pk, update=chat("other"), request="r")
    assert (again.pk, again.payload) == (first.pk, chat("a"))
    own = services.update_store(actor=cast.host, session_id=session.pk, update=chat("b"), request="r")
    assert own.sequence == 2, "another person's request is another one"
    services.session_end(actor=cast.host, session_id=session.pk)
    late = services.update_store(actor=cast.editor, session_id=session.pk, update=chat("a"), request="r")
    assert late.pk == first.pk, "a lost acknowledgement is answered after the end, too"
    assert [number for number, _payload in log_of(session)] == [1, 2]
    item = {"kind": "item_add", "id": str(uuid.uuid4()), "type": "pin", "x": 1, "y": 1}
    other = make_room(cast)
    for number in range(60):
        services.update_store(actor=cast.host, session_id=other.pk, update={**item, "id": str(uuid.UUID(int=number))})
    with django_assert_max_num_queries(11):
        services.update_store(actor=cast.host, session_id=other.pk, update=item)


def test_the_board_holds_so_much(cast: Cast) -> None:
    session = make_room(cast)
    rows = [
        BoardItem(
            session=session, item_id=uuid.uuid4(), type="pin", x=1, y=1, user=cast.users["host"], last_sequence=1
        )
        for _each in range(500)
    ]
    BoardItem.objects.bulk_create(rows)
    update = {"kind": "item_add", "id": str(uuid.uuid4()), "type": "pin", "x": 1, "y": 1}
    with pytest.raises(Conflict, match="full"), transaction.atomic():
        services.update_store(actor=cast.host, session_id=session.pk, update=update)
    assert not SessionUpdate.objects.exists()
    services.update_store(
        actor=cast.host, session_id=session.pk, update={"kind": "item_remove", "id": str(rows[0].item_id)}
    )
    services.update_store(actor=cast.host, session_id=session.pk, update=update)
    assert BoardItem.objects.filter(is_removed=False).count() == 500


def test_abandoned_sessions_end(cast: Cast, tenant: Tenant) -> None:
    def room(title: str, hours: int) -> CollaborationSession:
        session = make_room(cast, title=title)
        then = clock.now() - dt.timedelta(hours=hours)
        CollaborationSession.objects.filter(pk=session.pk).update(last_active_at=then)
        return session

    old, busy, fresh = room("Old", 30), room("Somebody is here", 30), room("Fresh", 1)
    lease = {"user": cast.users["host"], "connection": uuid.uuid4(), "expires_at": clock.now()}
    SessionPresence(session=busy, **lease).save()
    out = io.StringIO()
    call_command("collaboration_end_idle", "--json", tenant=tenant.slug, hours=24, stdout=out)
    told = json.loads(out.getvalue())
    assert told == {"ended": 1, "sessions": [{"tenant": "acme", "session_id": str(old.pk)}]}
    assert events_of("collaboration_ended")[0].event_data["session_id"] == str(old.pk)
    SessionPresence.objects.all().delete()
    assert end_idle() == 1, "12 hours by default: the one that was busy"
    assert CollaborationSession.objects.get(status="active").pk == fresh.pk
    for arguments in ({"hours": 0}, {"hours": 0.001}, {"tenant": "nobody"}):
        with pytest.raises(CommandError) as refused:
            call_command("collaboration_end_idle", "--json", stdout=io.StringIO(), **arguments)
        assert refused.value.returncode == 2
