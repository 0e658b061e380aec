"""API tokens, and which tenant an API call works in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client

from plm_project.accounts.actors import actor_for_token, actor_for_user, memberships_of
from plm_project.accounts.models import ApiToken, Membership, User
from plm_project.accounts.services import membership_end, token_issue, token_revoke
from plm_project.core.actor import Actor
from plm_project.core.exceptions import AuthenticationRequired, Conflict, PermissionDenied, ValidationFailed
from plm_project.core.ids import uuid7
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import TenantScopeMissing, person_scope, tenant_scope
from tests.conftest import MakeMember

PRODUCTS = "/api/v1/plm/products/"


def issue(tenant: Tenant, user: User, **options: Any) -> tuple[ApiToken, str]:
    """Issue a token as the system."""
    with tenant_scope(tenant.pk):
        return token_issue(actor=Actor.system(tenant.pk), user=user, name="a token", **options)


def call(client: Client, text: str = "", **headers: str) -> Any:
    """List the products with a token."""
    if text:
        headers["Authorization"] = f"Bearer {text}"
    return client.get(PRODUCTS, headers=headers)


@pytest.fixture
def engineer(make_member: MakeMember) -> User:
    """A member of the first tenant."""
    return make_member("engineer")[0]


def test_a_token_opens_the_api_for_its_person_in_its_tenant(client: Client, tenant: Tenant, engineer: User) -> None:
    _token, text = issue(tenant, engineer)
    response = call(client, text)
    assert response.status_code == 200
    actor = response.wsgi_request.actor
    assert (actor.kind, actor.tenant_id, actor.user_id) == ("token", tenant.pk, engineer.pk)


def test_the_text_of_a_token_is_nowhere_in_the_database(client: Client, tenant: Tenant, engineer: User) -> None:
    token, text = issue(tenant, engineer)
    call(client, text)
    with tenant_scope(tenant.pk):
        token_revoke(actor=Actor.system(tenant.pk), token=token, reason="test")
    secret = text.rpartition("_")[2] if text.count("_") == 2 else text.split("_", 2)[2]
    found = []
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            found += [model._meta.label for row in cursor.fetchall() if any(secret in str(value) for value in row)]
    assert found == []
    assert len(secret) >= 40


def test_history_does_not_keep_the_digest(tenant: Tenant, engineer: User) -> None:
    issue(tenant, engineer)
    with tenant_scope(tenant.pk):
        assert "digest" not in {field.name for field in ApiToken.history.model._meta.fields}
        assert ApiToken.history.count() == 1


def test_a_token_ends_with_its_time(client: Client, tenant: Tenant, engineer: User) -> None:
    _token, text = issue(tenant, engineer, lifetime=dt.timedelta(hours=1))
    assert call(client, text).status_code == 200
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1, seconds=1)):
        assert call(client, text).status_code == 401


def test_a_revoked_token_is_refused_at_once_and_for_ever(client: Client, tenant: Tenant, engineer: User) -> None:
    token, text = issue(tenant, engineer)
    for _twice in range(2):
        with tenant_scope(tenant.pk):
            token_revoke(actor=Actor.system(tenant.pk), token=token, reason="lost")
        assert call(client, text).status_code == 401


def test_a_token_goes_with_its_person_their_membership_and_their_tenant(
    client: Client, tenant: Tenant, make_member: MakeMember
) -> None:
    user, member = make_member("engineer")
    _token, text = issue(tenant, user)
    for model, pk in ((User, user.pk), (Tenant, tenant.pk)):
        model.objects.filter(pk=pk).update(is_active=False)
        assert call(client, text).status_code == 401
        model.objects.filter(pk=pk).update(is_active=True)
    assert call(client, text).status_code == 200
    with tenant_scope(tenant.pk):
        membership_end(actor=Actor.system(tenant.pk), member=member, reason="left")
    assert call(client, text).status_code == 401


def test_what_is_no_token_is_refused_in_the_same_words(client: Client, tenant: Tenant, engineer: User) -> None:
    token, text = issue(tenant, engineer)
    _mark, tenant_hex, secret = text.split("_", 2)
    wrong = [
        "x", "plm__", "plm_x_y", f"plm_{tenant_hex}_", f"plm_{tenant_hex}_wrong", f"plm_{uuid7().hex}_{secret}",
        f"PLM_{tenant_hex}_{secret}", text + "x", text[:-1], token.digest, f"plm_{tenant_hex}_{token.digest}",
        "plm_" + "0" * 32 + "_x", f"plm_{tenant_hex}_\x00", "plm_{" + tenant_hex + "}_" + secret,
    ]  # fmt: skip
    answers = {value: call(client, value) for value in wrong}
    assert {response.status_code for response in answers.values()} == {401}
    assert len({response.json()["error"] for response in answers.values()}) == 1


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "Bearer ", "Token x", "garbage"])
def test_a_strange_authorization_is_refused_and_never_falls_back_to_the_session(
    client: Client, engineer: User, header: str
) -> None:
    client.force_login(engineer, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PRODUCTS).status_code == 200
    assert client.get(PRODUCTS, headers={"Authorization": header}).status_code == 401


# --- which tenant --------------------------------------------------------------------------------------------------
def test_a_token_with_another_tenants_name_is_refused(
    client: Client, tenant: Tenant, other_tenant: Tenant, make_member: MakeMember
) -> None:
    """Also when its person belongs to that tenant too."""
    user, _member = make_member("engineer", email="both@example.com")
    make_member("engineer", email="both@example.com", tenant=other_tenant)
    _token, text = issue(tenant, user)
    for name in (tenant.slug, str(tenant.pk)):
        assert call(client, text, **{"X-Tenant-ID": name}).status_code == 200
    for name in (other_tenant.slug, str(other_tenant.pk), "nobody", str(uuid7())):
        assert call(client, text, **{"X-Tenant-ID": name}).status_code == 403
    assert call(client, text).wsgi_request.actor.tenant_id == tenant.pk


def test_a_token_moved_to_another_tenant_opens_nothing(
    client: Client, tenant: Tenant, other_tenant: Tenant, make_member: MakeMember
) -> None:
    user, _member = make_member("engineer", email="both@example.com")
    make_member("engineer", email="both@example.com", tenant=other_tenant)
    _token, text = issue(tenant, user)
    assert call(client, text.replace(tenant.pk.hex, other_tenant.pk.hex)).status_code == 401


def test_a_member_of_several_tenants_names_one_on_the_api(
    client: Client, tenant: Tenant, other_tenant: Tenant, make_member: MakeMember
) -> None:
    user, _member = make_member("engineer", email="both@example.com")
    make_member("engineer", email="both@example.com", tenant=other_tenant)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    refused = call(client)
    assert refused.status_code == 400
    assert "X-Tenant-ID" in refused.json()["details"]
    for chosen in (tenant, other_tenant):
        for name in (chosen.slug, str(chosen.pk)):
            response = call(client, **{"X-Tenant-ID": name})
            assert (response.status_code, response.wsgi_request.actor.tenant_id) == (200, chosen.pk)
    assert call(client, **{"X-Tenant-ID": "nobody"}).status_code == 403


def test_a_session_does_not_reach_a_tenant_it_does_not_belong_to(
    client: Client, engineer: User, other_tenant: Tenant
) -> None:
    client.force_login(engineer, backend="django.contrib.auth.backends.ModelBackend")
    for name in (other_tenant.slug, str(other_tenant.pk)):
        assert call(client, **{"X-Tenant-ID": name}).status_code == 403


def test_the_api_refuses_a_session_write_without_the_csrf_token(engineer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(engineer, backend="django.contrib.auth.backends.ModelBackend")
    body = {"product_number": "CSRF-01", "product_name": "Forged"}
    assert strict.post(PRODUCTS, body, content_type="application/json").status_code == 403


def test_a_person_sees_their_own_memberships_and_no_one_elses(
    tenant: Tenant, other_tenant: Tenant, make_member: MakeMember
) -> None:
    user, _member = make_member("engineer", email="both@example.com")
    make_member("viewer", email="both@example.com", tenant=other_tenant)
    stranger, _other = make_member("tenant_admin", email="stranger@example.com", tenant=other_tenant)
    assert {member.tenant for member in memberships_of(user)} == {tenant, other_tenant}
    with person_scope(stranger.pk):
        assert {member.user_id for member in Membership.own.all()} == {stranger.pk}
        with pytest.raises(TenantScopeMissing):
            Membership.objects.count()
    with pytest.raises(TenantScopeMissing):
        Membership.own.count()
    with pytest.raises(AuthenticationRequired):
        actor_for_user(stranger, tenant.pk)


# --- the services --------------------------------------------------------------------------------------------------
def test_a_narrowed_token_may_do_what_it_names_and_never_more_than_its_person(
    tenant: Tenant, make_member: MakeMember
) -> None:
    viewer, _member = make_member("viewer")
    asked = ["plm.products.read", "plm.products.create"]
    _token, text = issue(tenant, viewer, permissions=asked)
    actor, _tenant, _user = actor_for_token(text)
    assert actor.permissions == {"plm.products.read"}


@pytest.mark.parametrize("lifetime", [dt.timedelta(0), dt.timedelta(seconds=-1), dt.timedelta(days=3 * 365 + 1)])
def test_a_token_has_a_sensible_end(tenant: Tenant, engineer: User, lifetime: dt.timedelta) -> None:
    with pytest.raises(ValidationFailed):
        issue(tenant, engineer, lifetime=lifetime)


def test_tokens_are_for_members_and_known_permissions(
    tenant: Tenant, other_tenant: Tenant, engineer: User, make_member: MakeMember
) -> None:
    stranger, _member = make_member("engineer", email="s@globex.example", tenant=other_tenant)
    with pytest.raises(ValidationFailed):
        issue(tenant, stranger)
    with pytest.raises(ValidationFailed):
        issue(tenant, engineer, permissions=["plm.everything"])
    with tenant_scope(tenant.pk):
        assert not ApiToken.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "engineer", "plm_manager"])
def test_tokens_and_members_are_managed_by_administrators_alone(
    tenant: Tenant, make_member: MakeMember, role: str
) -> None:
    from plm_project.accounts.actors import actor_for_membership
    from plm_project.accounts.services import membership_grant, user_create

    make_member("tenant_admin")
    user, member = make_member(role)
    token, _text = issue(tenant, user)
    actor = actor_for_membership(user, member)
    with tenant_scope(tenant.pk):
        for attempt in (
            lambda: token_issue(actor=actor, user=user, name="mine"),
            lambda: token_revoke(actor=actor, token=token, reason="x"),
            lambda: membership_grant(actor=actor, user=user, roles=["tenant_admin"]),
            lambda: membership_end(actor=actor, member=member, reason="x"),
            lambda: user_create(actor=actor, email="new@acme.example", roles=["tenant_admin"]),
        ):
            with pytest.raises(PermissionDenied):
                attempt()
        assert Membership.objects.get(pk=member.pk).roles == [role]
        assert ApiToken.objects.get().revoked_at is None
        assert not OutboxEvent.objects.exists()
    assert not User.objects.filter(email="new@acme.example").exists()


def test_the_last_administrator_stays(tenant: Tenant, make_member: MakeMember) -> None:
    """Neither ended nor turned into something less; a colleague who cannot sign in does not count."""
    from plm_project.accounts.services import membership_grant

    user, member = make_member("tenant_admin")
    idle, _idle_member = make_member("tenant_admin", email="idle@acme.example")
    User.objects.filter(pk=idle.pk).update(is_active=False)
    system = Actor.system(tenant.pk)
    with tenant_scope(tenant.pk):
        with pytest.raises(Conflict):
            membership_end(actor=system, member=member, reason="x")
        with pytest.raises(Conflict):
            membership_grant(actor=system, user=user, roles=["viewer"])
        assert Membership.objects.get(pk=member.pk).roles == ["tenant_admin"]
        User.objects.filter(pk=idle.pk).update(is_active=True)
        membership_grant(actor=system, user=user, roles=["viewer"])


def test_nobody_takes_a_colleagues_vote_by_issuing_a_token(
    make_member: Callable[..., Any], make_actor: Callable[..., Any], tenant: Tenant
) -> None:
    administrator = make_actor("tenant_admin")
    approver, _member = make_member("technical_approver")
    machine, _member = make_member("integration")
    with tenant_scope(tenant.pk):
        with pytest.raises(ValidationFailed):
            token_issue(actor=administrator, user=approver, name="theirs")
        assert not ApiToken.objects.exists()
        assert token_issue(actor=administrator, user=machine, name="a system's")[0].user == machine
