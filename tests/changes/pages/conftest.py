"""Browsers without scripts: Django's test client, signed in as one of the people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.models import EngineeringChange
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from tests.changes.conftest import People, footprint, fresh

SignIn = Callable[[Actor], Client]


@pytest.fixture
def sign_in() -> SignIn:
    """A client in which this actor's person is signed in."""

    def make(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id))
        return client

    return make


@pytest.fixture
def author(sign_in: SignIn, people: People) -> Client:
    return sign_in(people.author)


@pytest.fixture
def approver(sign_in: SignIn, people: People) -> Client:
    return sign_in(people.technical)


@pytest.fixture
def analyst(sign_in: SignIn, people: People) -> Client:
    return sign_in(people.analyst)


@pytest.fixture
def viewer(sign_in: SignIn, people: People) -> Client:
    return sign_in(people.viewer)


def url(name: str, *args: Any) -> str:
    return reverse(f"changes:{name}", args=[getattr(entry, "pk", entry) for entry in args])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def seen(change: EngineeringChange) -> dict[str, int]:
    """What a form on a page of this change carries along."""
    current = fresh(change)
    return {"expected_version": current.version, "seen_round": current.round}


@pytest.fixture
def unchanged() -> Iterator[Callable[[], None]]:
    """Call it right before what must be refused; afterwards no row, event or history may have come."""
    before: dict[str, int] = {}
    yield lambda: before.update(footprint())
    assert before and footprint() == before
