"""Whom "@" offers: members who may read changes, by name or address; what it puts there calls exactly that one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.models import EngineeringChange
from collaboration.models import Notice
from collaboration.selectors.discussions import MOST_CALLEES, people_mentioned, people_to_call
from collaboration.services import comment_add
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from tests.changes.conftest import People
from tests.collaboration.discussions.conftest import begin
from tests.conftest import MakeActor, MakeMember

ADDRESS = reverse("collaboration:people-to-call")


def asked(actor: Actor, text: str) -> list[dict[str, str]]:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    answer = client.get(ADDRESS, {"q": text})
    assert answer.status_code == 200
    found: list[dict[str, str]] = answer.json()["people"]
    return found


def test_a_name_or_an_address_finds_who_may_read(people: People, make_actor: MakeActor) -> None:
    make_actor("engineer", email="ada@acme.example", full_name="Ada Vogel")
    make_actor("viewer", email="b.vogel@acme.example", full_name="Bert Vogel")
    found = asked(people.author, "VOGEL")
    assert [(one["name"], one["call"]) for one in found] == [("Ada Vogel", "Ada Vogel"), ("Bert Vogel", "Bert Vogel")]
    assert [one["mail"] for one in asked(people.author, "ada@")] == ["ada@acme.example"]
    assert asked(people.author, "ada vogel ") == [] and asked(people.author, "%") == []
    assert len(asked(people.author, "vo\0gel")) == 2, "PostgreSQL takes no NUL"


def test_one_does_not_call_oneself_nor_who_is_gone_nor_another_tenants(
    people: People, make_actor: MakeActor, make_member: MakeMember, tenant: Tenant
) -> None:
    me = make_actor("engineer", email="me@acme.example", full_name="Kim Berg")
    gone = make_actor("engineer", email="gone@acme.example", full_name="Ole Berg")
    User.objects.filter(pk=gone.user_id).update(is_active=False)
    other, _created = tenant_create(slug="globex", name="Globex")
    make_member("engineer", tenant=other, email="theirs@globex.example", full_name="Eva Berg")
    assert asked(me, "berg") == []


def test_people_of_one_name_are_called_by_their_addresses(
    people: People, draft: EngineeringChange, make_actor: MakeActor
) -> None:
    one, other = (make_actor("engineer", email=f"{name}@acme.example", full_name="Jo Falk") for name in ("j1", "j2"))
    calls = [entry["call"] for entry in asked(people.author, "falk")]
    assert calls == ["j1@acme.example", "j2@acme.example"]
    assert people_mentioned(f"@{calls[0]} have a look") == {one.user_id}
    comment_add(actor=people.author, thread_id=begin(people.technical, draft).pk, text=f"@{calls[1]} and you?")
    assert Notice.objects.filter(recipient_id=other.user_id, kind="discussion_mention").exists()
    assert not Notice.objects.filter(recipient_id=one.user_id).exists()


def test_a_handful_with_two_queries(people: People, make_actor: MakeActor, django_assert_num_queries: Any) -> None:
    for place in range(MOST_CALLEES + 3):
        make_actor("engineer", email=f"many{place:02d}@acme.example", full_name=f"Many {place:02d}")
    with django_assert_num_queries(2):
        found = people_to_call("many", besides=people.author.user_id)
    assert [person.call for person in found] == [f"Many {place:02d}" for place in range(MOST_CALLEES)]


@pytest.mark.parametrize("signed_in", [False, True])
def test_who_may_not_write_is_offered_nobody(people: People, signed_in: bool) -> None:
    client = Client()
    if signed_in:
        client.force_login(User.objects.get(pk=people.viewer.user_id))
    assert client.get(ADDRESS, {"q": "a"}).status_code == (403 if signed_in else 302)
