"""A server killed between an acknowledgement and the delivery loses nothing that was acknowledged."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from collaboration.models import CollaborationSession
from collaboration.services import update_store
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.collaboration.conftest import Cast, chat, log_of
from tests.collaboration.sockets import cookie_of
from tests.processes import ROOT, environment

SERVER = Path(__file__).with_name("server.py")
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@contextmanager
def server(port: int, *options: str) -> Iterator[None]:
    """Serve this test's database; at the end the process is killed, not stopped."""
    process = subprocess.Popen([sys.executable, str(SERVER), str(port), *options], cwd=ROOT, env=environment())
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait(timeout=20)


class Line:
    """One client of the server."""

    def __init__(self, stack: ExitStack, port: int, session: CollaborationSession, cookie: str) -> None:
        self.session_id = str(session.pk)
        address = f"ws://127.0.0.1:{port}/ws/collaboration/{session.pk}/"
        origin: Any = f"http://127.0.0.1:{port}"
        self.line: ClientConnection = connect(
            address, additional_headers={"Cookie": cookie}, origin=origin, proxy=None
        )

    def say(self, kind: str, **fields: Any) -> None:
        self.line.send(json.dumps({"type": kind, "session_id": self.session_id, **fields}))

    def hear(self, kind: str) -> dict[str, Any]:
        """The next message of this kind; what comes before it is passed over."""
        while True:
            message: dict[str, Any] = json.loads(self.line.recv(timeout=20))
            if message["type"] == kind:
                return message

    def join(self, **fields: Any) -> dict[str, Any]:
        self.say("join_collaboration", **fields)
        return self.hear("session_state")


def test_nothing_that_was_acknowledged_is_lost(tenant: Tenant, cast: Cast, room: CollaborationSession) -> None:
    cookies = {part: cookie_of(cast.users[part]) for part in ("host", "editor")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ExitStack() as lines, server(port, "losing"):
        host, editor = Line(lines, port, room, cookies["host"]), Line(lines, port, room, cookies["editor"])
        host.join()
        editor.join()
        for number in (1, 2):
            editor.say("collaboration_update", update=chat(f"{number}"), request=f"r{number}")
            assert editor.hear("update_accepted")["sequence"] == number
        with pytest.raises(TimeoutError):
            while json.loads(host.line.recv(timeout=0.5))["type"] != "collaboration_update":
                pass
    # Killed: the host heard nothing, and the editor does not know whether the third one arrived.
    with tenant_scope(tenant.pk):
        update_store(actor=cast.editor, session_id=room.pk, update=chat("3"), request="r3")
    with server(port), ExitStack() as lines:
        host, editor = Line(lines, port, room, cookies["host"]), Line(lines, port, room, cookies["editor"])
        assert host.join(last_sequence=0)["catching_up"] is True
        assert [host.hear("collaboration_update")["update"]["text"] for _each in range(3)] == ["1", "2", "3"]
        editor.join(last_sequence=2)
        assert editor.hear("collaboration_update")["request"] == "r3"
        editor.say("collaboration_update", update=chat("3"), request="r3")
        assert editor.hear("update_accepted")["sequence"] == 3
        giant = Line(lines, port, room, cookies["editor"])
        giant.join()
        with pytest.raises(ConnectionClosed) as closed:
            giant.line.send("x" * 70_000)
            while True:
                giant.line.recv(timeout=20)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009
        host.say("collaboration_update", update=chat("4"))
        assert host.hear("update_accepted")["sequence"] == 4
        assert editor.hear("collaboration_update")["sequence"] == 4
    with tenant_scope(tenant.pk):
        assert log_of(room) == [(number, chat(f"{number}")) for number in (1, 2, 3, 4)]
