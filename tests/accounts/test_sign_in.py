"""Sign-in, its limit on guessing, and the tenant switch, with Django's test client against the real routes."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from plm_project.accounts.models import Membership, User
from plm_project.accounts.services import membership_end
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.conftest import PASSWORD, MakeMember


def sign_in(client: Client, address: str, password: str = PASSWORD, **extra: Any) -> Any:
    """Send the form."""
    return client.post(reverse("accounts:login"), {"username": address, "password": password}, **extra)


def signed_in(client: Client) -> bool:
    """Return whether the client's session knows somebody."""
    return SESSION_KEY in client.session


@pytest.fixture
def engineer(make_member: MakeMember) -> User:
    """A person with a password."""
    return make_member("engineer", email="eva@acme.example")[0]


@pytest.mark.parametrize("address", ["eva@acme.example", "EVA@ACME.EXAMPLE", "  Eva@Acme.example "])
def test_the_address_is_found_whatever_its_case(client: Client, engineer: User, address: str) -> None:
    assert sign_in(client, address).status_code == 302
    assert client.session[SESSION_KEY] == str(engineer.pk)


def test_one_person_per_address_whatever_its_case(engineer: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User(email="Eva@ACME.example").save()


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), PASSWORD + " x"])
def test_a_wrong_password_signs_nobody_in(client: Client, engineer: User, password: str) -> None:
    assert sign_in(client, engineer.email, password).status_code == 200
    assert not signed_in(client)


def test_an_unknown_address_gets_the_same_words_as_a_wrong_password(client: Client, engineer: User) -> None:
    def words(response: Any) -> list[str]:
        return [str(message) for message in response.context["form"].non_field_errors()]

    wrong = words(sign_in(client, engineer.email, "wrong"))
    assert wrong == words(sign_in(client, "nobody@acme.example", "wrong"))
    assert len(wrong) == 1


def test_nobody_signs_in_as_a_person_without_a_password(client: Client, db: None) -> None:
    User.objects.create_user("token@acme.example")
    for password in ("", "!", "None"):
        sign_in(client, "token@acme.example", password)
    assert not signed_in(client)


@pytest.mark.parametrize(
    "spellings", [["eva@acme.example"], ["eva@acme.example", "EVA@acme.example", " Eva@Acme.example"]]
)
def test_guessing_is_stopped_whatever_the_spelling(client: Client, engineer: User, spellings: list[str]) -> None:
    limit = settings.AXES_FAILURE_LIMIT
    for attempt in range(limit - 1):
        assert sign_in(client, spellings[attempt % len(spellings)], "wrong").status_code == 200
    assert sign_in(client, spellings[0], "wrong").status_code in (403, 429)
    assert sign_in(client, spellings[-1]).status_code in (403, 429), "the right password opens a locked door"
    assert not signed_in(client)
    elsewhere = Client(REMOTE_ADDR="10.9.8.7")
    assert sign_in(elsewhere, engineer.email).status_code == 302, "somebody else's guessing locks the person out"


def test_a_success_starts_the_count_anew(client: Client, engineer: User) -> None:
    for _round in range(2):
        for _attempt in range(settings.AXES_FAILURE_LIMIT - 1):
            sign_in(client, engineer.email, "wrong")
        assert sign_in(client, engineer.email).status_code == 302
        client.logout()


def test_an_inactive_person_is_out_at_once(client: Client, engineer: User) -> None:
    sign_in(client, engineer.email)
    assert client.get(reverse("dashboard")).status_code == 200
    User.objects.filter(pk=engineer.pk).update(is_active=False)
    assert client.get(reverse("dashboard")).status_code != 200
    client.logout()
    sign_in(client, engineer.email)
    assert not signed_in(client)


def test_the_end_of_a_membership_takes_effect_at_once(client: Client, tenant: Tenant, make_member: MakeMember) -> None:
    make_member("tenant_admin")
    user, member = make_member("engineer")
    sign_in(client, user.email)
    assert client.get(reverse("dashboard")).status_code == 200
    with tenant_scope(tenant.pk):
        membership_end(actor=Actor.system(tenant.pk), member=member, reason="left")
    assert client.get(reverse("dashboard")).status_code == 403


def test_a_change_of_roles_takes_effect_at_once(client: Client, make_member: MakeMember) -> None:
    user, _member = make_member("plm_manager")
    sign_in(client, user.email)
    assert client.get("/admin/").status_code == 200
    make_member("viewer", email=user.email)
    assert client.get("/admin/", follow=True).status_code == 403


def test_a_closed_tenant_is_closed_for_its_people(client: Client, tenant: Tenant, engineer: User) -> None:
    sign_in(client, engineer.email)
    Tenant.objects.filter(pk=tenant.pk).update(is_active=False)
    assert client.get(reverse("dashboard")).status_code == 403


def test_the_session_key_changes_at_sign_in_and_goes_at_sign_out(client: Client, engineer: User) -> None:
    client.session.save()
    before = client.session.session_key
    sign_in(client, engineer.email)
    signed = client.session.session_key
    assert before != signed
    assert client.post(reverse("accounts:logout")).status_code == 302
    stale = Client()
    stale.cookies[settings.SESSION_COOKIE_NAME] = signed or ""
    assert stale.get(reverse("dashboard")).status_code == 302


def test_sign_in_leads_to_this_site_alone(client: Client, engineer: User) -> None:
    response = client.post(
        reverse("accounts:login") + "?next=https://evil.example/",
        {"username": engineer.email, "password": PASSWORD, "next": "//evil.example/"},
    )
    assert response.status_code == 302
    assert "evil" not in response["Location"]


def test_forms_need_their_csrf_token(engineer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, engineer.email).status_code == 403
    assert not signed_in(strict)


# --- the admin's door ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("engineer", 403), ("integration", 403),
                                              ("plm_manager", 200), ("tenant_admin", 200)])  # fmt: skip
def test_the_admin_is_for_managers(client: Client, make_member: MakeMember, role: str, status: int) -> None:
    user, _member = make_member(role)
    sign_in(client, user.email)
    assert client.get("/admin/", follow=True).status_code == status


def test_the_admin_sends_strangers_to_the_one_sign_in(client: Client, db: None) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("accounts:login"))
    assert response.status_code == 200


def test_a_token_does_not_open_the_admin(client: Client, tenant: Tenant, make_member: MakeMember) -> None:
    from plm_project.accounts.services import token_issue

    user, _member = make_member("tenant_admin")
    with tenant_scope(tenant.pk):
        _token, text = token_issue(actor=Actor.system(tenant.pk), user=user, name="t")
    assert client.get("/admin/", headers={"Authorization": f"Bearer {text}"}).status_code != 200


# --- the tenant switch ---------------------------------------------------------------------------------------------
@pytest.fixture
def both(make_member: MakeMember, tenant: Tenant, other_tenant: Tenant) -> User:
    """A person who works for both tenants."""
    user, _member = make_member("engineer", email="both@example.com")
    make_member("viewer", email="both@example.com", tenant=other_tenant)
    return user


def switch(client: Client, to: Any, **extra: str) -> Any:
    """Send the switcher's form."""
    return client.post(reverse("accounts:tenant-switch"), {"tenant": str(to), **extra})


def test_the_switch_leads_to_ones_own_tenants(
    client: Client, both: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    sign_in(client, both.email)
    for chosen in (other_tenant, tenant):
        assert switch(client, chosen.pk).status_code == 302
        response = client.get(reverse("dashboard"))
        assert response.wsgi_request.tenant == chosen
        assert response.wsgi_request.actor.tenant_id == chosen.pk


def test_the_switch_leads_to_no_other_tenant(client: Client, engineer: User, other_tenant: Tenant) -> None:
    sign_in(client, engineer.email)
    for wanted in (other_tenant.pk, uuid7(), "", "globex", "' OR 1=1"):
        assert switch(client, wanted).status_code == 404
    assert client.get(reverse("dashboard")).wsgi_request.tenant.slug == "acme"


def test_the_switch_is_a_post_of_somebody_signed_in(client: Client, tenant: Tenant, both: User) -> None:
    assert switch(client, tenant.pk)["Location"].startswith(reverse("accounts:login"))
    sign_in(client, both.email)
    assert client.get(reverse("accounts:tenant-switch")).status_code == 405
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert switch(client, tenant.pk, next=target)["Location"] == reverse("dashboard")


def test_a_remembered_tenant_that_one_has_left_is_not_entered(
    client: Client, both: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    sign_in(client, both.email)
    switch(client, other_tenant.pk)
    with tenant_scope(other_tenant.pk):
        member = Membership.objects.get(user=both)
        membership_end(actor=Actor.system(other_tenant.pk), member=member, reason="left")
    assert client.get(reverse("dashboard")).wsgi_request.tenant == tenant
