"""The room page as the server draws it: readable without scripts, for its people alone, at a fixed price."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from collaboration.models import CollaborationSession
from collaboration.services import update_store
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.collaboration.conftest import Cast, chat, make_room
from tests.processes import ROOT

QUERIES = 15
ON_POSTGRESQL = 9  # what the request's scopes say for themselves inside the test's own transaction
HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture
def room(tenant: Tenant, cast: Cast) -> Iterator[CollaborationSession]:
    with tenant_scope(tenant.pk):
        yield make_room(cast, features=["voice", "3d_viewer"])


def fill(cast: Cast, room: CollaborationSession, count: int) -> None:
    for number in range(count):
        note = {"kind": "item_add", "id": str(uuid.uuid4()), "type": "note", "x": number, "y": 0, "text": HOSTILE}
        update_store(actor=cast.editor, session_id=room.pk, update=chat(HOSTILE))
        update_store(actor=cast.host, session_id=room.pk, update=note)


def enter(cast: Cast, part: str) -> Client:
    client = Client()
    client.force_login(cast.users[part], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_holds_what_the_socket_would_tell_and_nothing_runs(
    cast: Cast, room: CollaborationSession, django_assert_max_num_queries: Any
) -> None:
    budget = QUERIES + (ON_POSTGRESQL if connection.vendor == "postgresql" else 0)
    fill(cast, room, 2)
    viewer, address = enter(cast, "viewer"), room.get_absolute_url()
    with django_assert_max_num_queries(budget):
        viewer.get(address)
    fill(cast, room, 8)
    with django_assert_max_num_queries(budget):
        page = viewer.get(address).content.decode()
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;alert(1)") == 20
    found = re.search(r'<script id="room-state" type="application/json">(.*?)</script>', page)
    assert found
    state = json.loads(found[1])
    assert (state["role"], state["status"], state["last_sequence"]) == ("viewer", "active", 20)
    assert len(state["board"]) == len(state["chat"]) == 10
    assert "Voice" in page and "3D viewer" in page


def test_a_stranger_finds_no_room(cast: Cast, room: CollaborationSession) -> None:
    fill(cast, room, 1)
    answer = enter(cast, "stranger").get(room.get_absolute_url())
    assert answer.status_code == 404
    assert "alert(1)" not in answer.content.decode()


def test_every_word_of_the_scripts_is_in_the_page(cast: Cast, room: CollaborationSession) -> None:
    """A sentence that a script says and the page does not bring would show its own name."""
    page = enter(cast, "host").get(room.get_absolute_url()).content.decode()
    brought = set(re.findall(r'data-word="(\w+)"', page))
    used, begun = set(), set()
    for script in (ROOT / "plm_project/web/frontend/js/room").glob("*.js"):
        text = script.read_text()
        used.update(re.findall(r'\bsay\("(\w+)"', text))
        begun.update(re.findall(r"\bsay\(`(\w+_)\$\{", text))
    assert len(used) > 20 and begun
    assert not used - brought
    assert not [start for start in begun if not any(word.startswith(start) for word in brought)]
