"""People around a change of a lamp, and how they speak."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from changes.models import EngineeringChange
from changes.services import redline_add
from collaboration.models import DiscussionThread, Notice
from collaboration.selectors.discussions import Discussed, discussed, thread_get
from collaboration.services import thread_start
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import Lamp, draft, lamp, people

__all__ = ["addition", "begin", "draft", "lamp", "people", "scope", "shown", "told"]


@pytest.fixture
def scope(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


def begin(actor: Actor, change: EngineeringChange, text: str = "Is it enough?", **anchor: Any) -> DiscussionThread:
    return thread_start(actor=actor, change_id=change.pk, text=text, **anchor)


def shown(thread: DiscussionThread) -> Discussed:
    (entry,) = discussed([thread_get(thread.pk)])
    return entry


def told(actor: Actor) -> list[str]:
    """The kinds of what a person was told of discussions, oldest first."""
    rows = Notice.objects.filter(recipient_id=actor.user_id, kind__startswith="discussion_")
    return list(rows.order_by("created_at", "id").values_list("kind", flat=True))


def addition(author: Actor, change: EngineeringChange, lamp: Lamp) -> Any:
    return redline_add(
        actor=author, change_id=change.pk, operation="add", affected_id=change.affected.order_by("created_at")[0].pk,
        values={"child_id": lamp.socket.pk, "quantity": 2},
    )  # fmt: skip
