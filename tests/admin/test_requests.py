"""Change requests in the admin: looked at, and answered by the services alone."""

from __future__ import annotations

import pytest
from django.test import Client

from changes.models import ChangeRequest, EngineeringChange
from changes.services import request_create
from plm_project.core.actor import Actor
from tests.admin.conftest import World, address
from tests.admin.test_journey import fresh, step
from tests.changes.conftest import footprint
from tests.conftest import MakeActor


@pytest.fixture
def asked(make_actor: MakeActor, scope: None) -> ChangeRequest:
    viewer: Actor = make_actor("viewer")
    return request_create(actor=viewer, data={"title": "The lamp flickers", "description": "When it is cold."})


def test_it_is_accepted_as_a_new_change(manager: Client, asked: ChangeRequest) -> None:
    page = manager.get(address(ChangeRequest, "change", asked.pk)).content.decode()
    assert "Accept as a new change" in page and "When it is cold." in page and "Save" not in page
    step(manager, asked, "accepted", reason="yes")
    order = EngineeringChange.objects.get()
    assert (fresh(asked).status, fresh(asked).order_id, fresh(asked).answer) == ("accepted", order.pk, "yes")
    assert order.change_number in manager.get(address(ChangeRequest, "changelist")).content.decode()
    step(manager, fresh(asked), "open", reason="wrong one")
    assert fresh(asked).status == "open"


def test_declining_wants_a_reason(manager: Client, asked: ChangeRequest) -> None:
    before = footprint()
    step(manager, asked, "declined", reason="")
    assert footprint() == before and fresh(asked).status == "open"
    step(manager, asked, "declined", reason="no")
    assert (fresh(asked).status, fresh(asked).answer) == ("declined", "no")
    assert manager.get(address(ChangeRequest, "history", asked.pk)).status_code == 200


@pytest.mark.parametrize("name", ["done", "to_accepted", "save"])
def test_what_is_no_step_is_not_found(manager: Client, asked: ChangeRequest, name: str) -> None:
    data = {"reason": "x", "expected_version": asked.version}
    assert manager.post(address(ChangeRequest, "step", asked.pk, name), data).status_code == 404
    assert fresh(asked).version == asked.version


def test_nothing_is_added_edited_or_deleted(administrator: Client, asked: ChangeRequest, theirs: World) -> None:
    before = footprint()
    assert administrator.get(address(ChangeRequest, "add")).status_code == 403
    assert administrator.post(address(ChangeRequest, "change", asked.pk), {"title": "mine"}).status_code == 403
    assert administrator.post(address(ChangeRequest, "delete", asked.pk), {"post": "yes"}).status_code == 403
    foreign = theirs.of(ChangeRequest)
    assert administrator.get(address(ChangeRequest, "change", foreign.pk)).status_code == 404
    assert (
        administrator.post(address(ChangeRequest, "step", foreign.pk, "accepted"), {"expected_version": 1}).status_code
        == 404
    )
    assert footprint() == before
