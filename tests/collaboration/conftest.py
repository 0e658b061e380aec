"""A room with a host, an editor and a viewer; committed where several connections look at it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from collaboration.models import CollaborationSession, SessionUpdate
from collaboration.services import session_create, session_start
from plm_project.accounts.actors import actor_for_membership
from plm_project.accounts.models import Membership, User
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.conftest import MakeMember


@dataclass
class Cast:
    """One person for each part. The stranger works for the tenant, too, and takes no part; the manager manages."""

    host: Actor
    editor: Actor
    viewer: Actor
    stranger: Actor
    manager: Actor
    users: dict[str, User]


@pytest.fixture
def cast(make_member: MakeMember) -> Cast:
    roles = {"host": "engineer", "editor": "engineer", "viewer": "viewer", "stranger": "engineer"}
    made: dict[str, tuple[User, Membership]] = {
        part: make_member(role, email=f"{part}@acme.example", full_name=part.title()) for part, role in roles.items()
    }
    made["manager"] = make_member("plm_manager", email="manager@acme.example", full_name="Manager")
    actors = {part: actor_for_membership(user, member) for part, (user, member) in made.items()}
    return Cast(**actors, users={part: user for part, (user, _member) in made.items()})


def make_room(cast: Cast, *, active: bool = True, **data: Any) -> CollaborationSession:
    """A room hosted by the host; call it inside the tenant's scope."""
    session = session_create(
        actor=cast.host,
        data={"title": "Housing review", **data},
        participants=[(key(cast.editor), "editor"), (key(cast.viewer), "viewer")],
    )
    return session_start(actor=cast.host, session_id=session.pk) if active else session


@pytest.fixture
def room(tenant: Tenant, cast: Cast) -> CollaborationSession:
    """An active room."""
    with tenant_scope(tenant.pk):
        return make_room(cast)


def key(actor: Actor) -> uuid.UUID:
    assert actor.user_id is not None
    return actor.user_id


def chat(text: str, **more: Any) -> dict[str, Any]:
    return {"kind": "chat", "text": text, **more}


def log_of(session: CollaborationSession) -> list[tuple[int, Any]]:
    """The stored updates: number and content."""
    return list(SessionUpdate.objects.filter(session=session).order_by("sequence").values_list("sequence", "payload"))


def events_of(event_type: str) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(event_type=event_type).order_by("id"))
