"""First and forgotten passwords: nobody chooses another person's, the mailed link works once, answers tell nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from plm_project.accounts.models import ApiToken, Membership, User
from plm_project.accounts.passwords import LINKS_AN_HOUR
from plm_project.accounts.services import user_create
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.conftest import PASSWORD, MakeActor, MakeMember

ADDRESS = "new.cfo@globex.example"
THEIRS = "chosen by another one 7"
NEW = "a new long pass phrase 7"


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    """The limits count in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


def ask(client: Client, address: str, **extra: Any) -> Any:
    """Send the form that asks for the link."""
    return client.post(reverse("accounts:password-reset"), {"email": address}, **extra)


def link(message: mail.EmailMessage) -> str:
    """Return the path of the link in a mail."""
    found = re.search(r"^http://testserver(/\S+)$", str(message.body), re.MULTILINE)
    assert found, message.body
    return found.group(1)


def choose(client: Client, path: str, password: str = NEW) -> Any:
    """Open the link and send the form behind it."""
    form = client.get(path, follow=True)
    where = form.redirect_chain[-1][0] if form.redirect_chain else path
    return client.post(where, {"new_password1": password, "new_password2": password})


def signs_in(address: str, password: str) -> bool:
    """Return whether the password opens the door."""
    client = Client()
    client.post(reverse("accounts:login"), {"username": address, "password": password})
    return SESSION_KEY in client.session


@pytest.fixture
def eva(make_member: MakeMember) -> User:
    """A person with a password."""
    return make_member("engineer", email="eva@acme.example")[0]


# --- who may choose a password -------------------------------------------------------------------------------------
def test_an_administrator_cannot_plant_a_password_for_a_later_colleague_of_others(
    tenant: Tenant, other_tenant: Tenant, make_actor: MakeActor, make_member: MakeMember
) -> None:
    make_member("tenant_admin", email="admin@acme.example")
    attacker = make_actor("tenant_admin", email="admin@acme.example")
    with tenant_scope(tenant.pk):
        with pytest.raises(ValidationFailed) as refused:
            user_create(actor=attacker, email=ADDRESS, roles=["viewer"], password=THEIRS)
        assert list(refused.value.details) == ["password"]
        assert not User.objects.filter(email=ADDRESS).exists()
        user, _member = user_create(actor=attacker, email=ADDRESS, roles=["viewer"])
    assert not user.has_usable_password()
    victim = make_actor("tenant_admin", email="admin@globex.example", tenant=other_tenant)
    with tenant_scope(other_tenant.pk):
        user_create(actor=victim, email=ADDRESS, roles=["tenant_admin"])
    with tenant_scope(tenant.pk), pytest.raises(ValidationFailed):
        user_create(actor=attacker, email=ADDRESS, roles=["viewer"], password=THEIRS)
    assert not signs_in(ADDRESS, THEIRS)


def test_an_operator_gives_a_first_password_and_never_a_second(tenant: Tenant, other_tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        with pytest.raises(ValidationError):
            user_create(actor=Actor.system(tenant.pk), email=ADDRESS, roles=["viewer"], password="123")
        user_create(actor=Actor.system(tenant.pk), email=ADDRESS, roles=["viewer"], password=PASSWORD)
    with tenant_scope(other_tenant.pk):
        with pytest.raises(ValidationFailed, match="has an account already"):
            user_create(actor=Actor.system(other_tenant.pk), email=ADDRESS.upper(), roles=["viewer"], password=THEIRS)
        assert not Membership.objects.exists()
    assert signs_in(ADDRESS, PASSWORD)
    assert not signs_in(ADDRESS, THEIRS)


def test_the_command_refuses_a_password_for_a_known_address(
    eva: User, other_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVAS", THEIRS)
    with pytest.raises(CommandError, match="leave the password out") as refused:
        call_command("user_create", eva.email, "--tenant", "globex", "--role", "viewer", "--password-env", "EVAS")
    assert refused.value.returncode == 2
    with tenant_scope(other_tenant.pk):
        assert not Membership.objects.exists()
        assert not ApiToken.objects.exists()
    assert signs_in(eva.email, PASSWORD)


# --- the link ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["eva@acme.example", "EVA@Acme.Example"])
def test_the_whole_way_to_a_new_password(client: Client, eva: User, typed: str) -> None:
    elsewhere = Client()
    elsewhere.post(reverse("accounts:login"), {"username": eva.email, "password": PASSWORD})
    assert elsewhere.get(reverse("dashboard")).status_code == 200
    assert reverse("accounts:password-reset") in client.get(reverse("accounts:login")).text
    assert client.get(reverse("accounts:password-reset")).status_code == 200
    answer = ask(client, typed)
    assert answer["Location"] == reverse("accounts:password-sent")
    assert client.get(answer["Location"]).status_code == 200
    [message] = mail.outbox
    assert message.to == [eva.email]
    assert "\n" not in message.subject
    done = choose(client, link(message))
    assert done["Location"] == reverse("accounts:password-changed")
    assert client.get(done["Location"]).status_code == 200
    assert SESSION_KEY not in client.session, "setting a password signs nobody in"
    assert elsewhere.get(reverse("dashboard")).status_code == 302, "a session outlives the old password"
    assert signs_in(eva.email, NEW)
    assert not signs_in(eva.email, PASSWORD)


def test_the_link_works_once(client: Client, eva: User) -> None:
    ask(client, eva.email)
    path = link(mail.outbox[0])
    assert choose(client, path).status_code == 302
    for again in (client, Client()):
        page = again.get(path, follow=True)
        assert "new_password1" not in page.text
        assert choose(again, path, THEIRS).status_code == 200
    assert signs_in(eva.email, NEW)


def test_a_link_is_for_its_person_alone(client: Client, eva: User, make_member: MakeMember) -> None:
    other = make_member("viewer", email="other@acme.example")[0]
    for user in (eva, other):
        ask(client, user.email)
    evas, others = (link(message).rstrip("/").split("/") for message in mail.outbox)
    mixed = "/".join([*others[:-1], evas[-1], ""])
    assert choose(client, mixed, THEIRS).status_code == 200
    assert not signs_in(other.email, THEIRS)
    assert client.get(reverse("accounts:password-set", args=["x", "y"])).status_code == 200


def test_a_weak_password_is_refused_and_the_link_stays_good(client: Client, eva: User) -> None:
    ask(client, eva.email)
    path = link(mail.outbox[0])
    answer = choose(client, path, "12345")
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert choose(client, path).status_code == 302


def test_somebody_without_a_password_gets_their_first(client: Client, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        user_create(actor=Actor.system(tenant.pk), email=ADDRESS, roles=["viewer"])
    ask(client, ADDRESS)
    assert choose(client, link(mail.outbox[0])).status_code == 302
    assert signs_in(ADDRESS, NEW)


def test_it_works_for_somebody_signed_in_and_ends_that_session(client: Client, eva: User) -> None:
    """The request of a member runs in one transaction; the new password must be in it for good."""
    client.post(reverse("accounts:login"), {"username": eva.email, "password": PASSWORD})
    ask(client, eva.email)
    assert choose(client, link(mail.outbox[0])).status_code == 302
    assert client.get(reverse("dashboard")).status_code == 302
    assert signs_in(eva.email, NEW)


def test_unknown_and_closed_accounts_get_the_same_answer_and_no_mail(client: Client, eva: User) -> None:
    User.objects.create_user("closed@acme.example", PASSWORD, is_active=False)
    known = ask(client, eva.email)
    assert len(mail.outbox) == 1
    for address in ("nobody@acme.example", "closed@acme.example"):
        answer = ask(client, address)
        assert (answer.status_code, answer["Location"]) == (known.status_code, known["Location"])
        assert answer.content == known.content
    assert len(mail.outbox) == 1


def test_an_address_gets_so_many_links_an_hour(eva: User) -> None:
    for number in range(LINKS_AN_HOUR + 2):
        spelling = eva.email.upper() if number % 2 else eva.email
        answer = ask(Client(REMOTE_ADDR=f"10.0.0.{number}"), spelling)
        assert answer["Location"] == reverse("accounts:password-sent")
    assert len(mail.outbox) == LINKS_AN_HOUR


def test_a_caller_asks_so_often_an_hour(client: Client, eva: User) -> None:
    for number in range(LINKS_AN_HOUR):
        ask(client, f"nobody{number}@acme.example")
    for forwarded in ("", "10.1.1.1"):
        answer = ask(client, eva.email, headers={"X-Forwarded-For": forwarded})
        assert answer["Location"] == reverse("accounts:password-sent")
    assert mail.outbox == []
    ask(Client(REMOTE_ADDR="10.9.8.7"), eva.email)
    assert len(mail.outbox) == 1, "somebody else's asking closes the way of the person"


def test_the_forms_need_their_csrf_token(eva: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert ask(strict, eva.email).status_code == 403
    assert mail.outbox == []
    ask(Client(), eva.email)
    assert choose(strict, link(mail.outbox[0])).status_code == 403
    assert signs_in(eva.email, PASSWORD)


def test_a_strange_host_gets_no_link_mailed(client: Client, eva: User) -> None:
    assert ask(client, eva.email, headers={"host": "evil.example"}).status_code == 400
    assert mail.outbox == []
