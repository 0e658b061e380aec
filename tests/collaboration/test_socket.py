"""The socket, as a client meets it: in-memory layer, and Redis where REDIS_URL points to one."""

from __future__ import annotations

import pytest
from channels.db import database_sync_to_async

from collaboration.models import CollaborationSession
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.collaboration.conftest import Cast, chat, log_of
from tests.collaboration.sockets import RoomClient

pytestmark = [pytest.mark.django_db(transaction=True)]


async def test_two_people_in_a_room(tenant: Tenant, cast: Cast, room: CollaborationSession) -> None:
    async with RoomClient(room.pk, user=cast.users["host"]) as host:
        state = await host.join()
        assert (state["role"], state["status"], state["last_sequence"]) == ("host", "active", 0)
        async with RoomClient(room.pk, user=cast.users["editor"]) as editor:
            await editor.join()
            assert (await host.hear("user_joined"))["user_name"] == "Editor"
            await editor.update(chat("hello"), request="r1")
            accepted = await editor.hear("update_accepted")
            assert (accepted["request"], accepted["sequence"]) == ("r1", 1)
            heard = await host.hear("collaboration_update")
            assert (heard["update"]["text"], heard["user_name"], heard["sequence"]) == ("hello", "Editor", 1)
            assert await editor.hears_nothing()
        assert (await host.hear("user_left"))["user_name"] == "Editor"
        await host.send("ping")
        assert await host.hear() == {"type": "pong"}

    def stored() -> list[object]:
        with tenant_scope(tenant.pk):
            return list(log_of(room))

    assert await database_sync_to_async(stored)() == [(1, chat("hello"))]
