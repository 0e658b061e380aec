"""The server is lost in the middle of a release, before every write of it: nothing is left half done, and a retry finishes.
To be lost before a question is to be lost before the write that follows it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection

from changes.models import EngineeringChange
from changes.services import affected_add, change_implement, change_submit
from plm_project.core.exceptions import Conflict
from plm_project.outbox.models import OutboxEvent
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, Product, ProductRevision
from tests.changes.conftest import events_of, footprint, make_draft
from tests.changes.test_parallel import Firm, firm  # noqa: F401 # a fixture
from tests.signing import change_approve

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MOST = 400  # writes of one small release; a test that never ends is no test


class Lost:
    """Counts the writes of a connection, and ends its server process before the one at ``at``."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self.is_lost = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen += not sql.lstrip().upper().startswith("SELECT")
        if self.seen == self.at:
            self.is_lost = True
            end_server_process(connection.connection.info.backend_pid)
        return execute(sql, params, many, context)


def end_server_process(pid: int) -> None:
    """As an administrator does, on a connection of their own: the role of a tenant's statements may not."""
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as admin:
        assert admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone() == (True,)


def implement_losing(firm: Firm, change_id: uuid.UUID, at: int) -> bool:  # noqa: F811
    """Implement on a connection that is lost before write ``at``; return whether it came that far."""
    lost = Lost(at)
    try:
        with tenant_scope(firm.tenant.pk), connection.execute_wrapper(lost):
            change_implement(actor=firm.manager, change_id=change_id)
    except (OperationalError, InterfaceError):
        assert lost.is_lost
    finally:
        connection.close()
    return lost.is_lost


def trace() -> tuple[int, ...]:
    """What a release writes first and last, counted quickly; all there is, is counted now and then."""
    models: tuple[Any, ...] = (ProductRevision, BomLine, ProductRevision.history, BomLine.history, OutboxEvent)
    return tuple(getattr(model, "objects", model).count() for model in models)


def test_a_crash_at_any_write_leaves_nothing_half_done(firm: Firm) -> None:  # noqa: F811
    with tenant_scope(firm.tenant.pk):
        change = make_draft(firm.author, firm.lamp)
        affected_add(
            actor=firm.author, change_id=change.pk, product_id=firm.lamp.socket.pk, values={"action": "obsolete"}
        )
        change_submit(actor=firm.author, change_id=change.pk)
        for actor in firm.approvers:
            change_approve(actor=actor, change_id=change.pk)
    relay_tenant(firm.tenant.pk)  # what follows from all this is done before anything is counted
    with tenant_scope(firm.tenant.pk):
        before, left = footprint(), trace()
    for at in range(1, MOST):
        if not implement_losing(firm, change.pk, at):
            break
        with tenant_scope(firm.tenant.pk):
            assert EngineeringChange.objects.get(pk=change.pk).status == "approved"
            assert trace() == left, f"lost before write {at}"
            assert at % 20 or footprint() == before, f"lost before write {at}"
    else:
        pytest.fail(f"{MOST} writes, and still not done")
    assert at > 15
    with tenant_scope(firm.tenant.pk):
        made = ProductRevision.objects.get(product=firm.lamp.product, state="released")
        assert (made.label, BomLine.objects.filter(parent_revision=made).count()) == ("B", 3)
        assert Product.objects.get(pk=firm.lamp.socket.pk).lifecycle_phase == "obsolete"
        assert len(events_of("change_implemented")) == 1
        with pytest.raises(Conflict, match="already implemented"):
            change_implement(actor=firm.manager, change_id=change.pk)
