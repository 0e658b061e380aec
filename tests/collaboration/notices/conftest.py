"""People around a change that is complete, and a sink for mails."""

from __future__ import annotations

import socket
import socketserver
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from changes.models import EngineeringChange
from changes.services import change_submit
from collaboration.models import Notice
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import Lamp, make_draft, make_lamp
from tests.conftest import MakeActor


@dataclass
class Team:
    """Who has to do with the change. ``boss`` approves what is urgent or important, beside the technical approver."""

    tenant: Tenant
    author: Actor
    technical: Actor
    boss: Actor
    lamp: Lamp


@pytest.fixture
def team(make_actor: MakeActor, tenant: Tenant) -> Team:
    actors = {
        "author": make_actor("engineer", full_name="Ada Author"),
        "technical": make_actor("technical_approver", full_name="Tim Technical"),
        "boss": make_actor("management_approver", full_name="Bea Boss"),
    }
    with tenant_scope(tenant.pk):
        return Team(tenant=tenant, lamp=make_lamp(), **actors)


def submitted(team: Team, **data: Any) -> EngineeringChange:
    """A change that waits for its approvers, and whom the relay has told of it. Inside the scope."""
    change = make_draft(team.author, team.lamp, **data)
    change_submit(actor=team.author, change_id=change.pk)
    relay_tenant(team.tenant.pk)
    return change


def told(actor: Actor) -> list[tuple[str, str]]:
    """Kind and priority of what a person was told, oldest first."""
    rows = Notice.objects.filter(recipient_id=actor.user_id).order_by("created_at", "id")
    return list(rows.values_list("kind", "priority"))


def only(actor: Actor, **values: Any) -> Notice:
    return Notice.objects.get(recipient_id=actor.user_id, **values)


def key(actor: Actor) -> uuid.UUID:
    assert actor.user_id is not None
    return actor.user_id


@pytest.fixture
def sign_in() -> Callable[[Actor], Client]:
    """A client in which this actor's person is signed in."""

    def make(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@dataclass
class Sink:
    """An SMTP server that keeps what it is given; ``refuses`` are addresses it does not take."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]


class _Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as smtplib speaks."""

    def handle(self) -> None:
        sink: Sink = self.server.sink  # type: ignore[attr-defined]
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("RCPT") and any(f"<{address}>" in line for address in sink.refuses):
                self._say("550 nobody of that name")
            elif verb == "DATA":
                self._say("354 go on")
                sink.mails.append(self._letter())
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _letter(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return message_from_bytes(b"".join(lines), policy=policy.default)  # type: ignore[return-value]

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def listening(sink: Sink) -> Iterator[Sink]:
    """Take mails at the sink's port."""
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", sink.port), _Conversation) as server:
        server.daemon_threads = True
        server.sink = sink  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def sink(settings: Any) -> Sink:
    """The mail server of the settings. Nobody listens there until the test says so."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.SITE_URL = "https://plm.example.com"
    return Sink(port)
