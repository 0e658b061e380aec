"""Fixtures that every test may use: two tenants, people in roles, a scope, real files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import TransactionTestCase

from plm_project.accounts.actors import actor_for_membership
from plm_project.accounts.models import Membership, User
from plm_project.accounts.roles import Role
from plm_project.accounts.services import membership_grant
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope
from tests import database

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs beside the tests' own queries

PASSWORD = "correct horse battery staple"
SHARED = Path(__file__).resolve().parents[2] / "shared"

MakeMember = Callable[..., tuple[User, Membership]]
MakeActor = Callable[..., Actor]
Standing = Callable[[Callable[[], Any]], Iterator[Any]]


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """A database for this process, and the quick way of emptying it."""
    for needed in ("django_test_environment", "django_db_modify_db_settings"):
        request.getfixturevalue(needed)
    if not database.TEMPLATE:
        request.getfixturevalue("django_db_setup")  # pytest-django's own: migrates, and drops it at the end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", database.empty)
        with django_db_blocker.unblock(), database.copied() if database.TEMPLATE else nullcontext():
            with django_db_blocker.block():
                yield
            database.let_go()


@pytest.fixture
def shared() -> Path:
    """The folder with real bills of material and the workload generator; skips where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared (real data and workload)")
    return SHARED


@pytest.fixture
def tenant(db: None) -> Tenant:
    """A tenant."""
    return tenant_create(slug="acme", name="Acme Works", currency="EUR")[0]


@pytest.fixture
def other_tenant(db: None) -> Tenant:
    """A second tenant, whose data the first must never see."""
    return tenant_create(slug="globex", name="Globex", currency="USD")[0]


@pytest.fixture
def scope(tenant: Tenant) -> Iterator[None]:
    """Run the test inside the first tenant's scope."""
    with tenant_scope(tenant.pk):
        yield


@pytest.fixture
def system(tenant: Tenant) -> Actor:
    """The first tenant's system actor, who may do everything there."""
    return Actor.system(tenant.pk, "tests")


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Standing:
    """Make what stands for all tests of a module (or of one of its parameters): ``yield from standing(make)`` in a
    fixture of that scope. Each test finds it untouched, for ``db`` goes back to a savepoint, so the fixture that hands
    it to the tests asks for ``db``, too. It is rolled back at the end."""

    def stand(make: Callable[[], Any]) -> Iterator[Any]:
        with django_db_blocker.unblock(), transaction.atomic():
            made = make()
            with django_db_blocker.block():
                yield made
            transaction.set_rollback(True)

    return stand


def member_make(tenant: Tenant, *roles: str, email: str = "", full_name: str = "") -> tuple[User, Membership]:
    """Make a person with roles in a tenant, or give them to the person who has the address."""
    address = email or f"{(roles or ('viewer',))[0]}@{tenant.slug}.example"
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, PASSWORD, full_name=full_name)
    with tenant_scope(tenant.pk):
        member = membership_grant(
            actor=Actor.system(tenant.pk, "tests"), user=user, roles=roles or (Role.VIEWER.value,)
        )
    return user, member


@pytest.fixture
def make_member(tenant: Tenant) -> MakeMember:
    """Make a person with roles: ``make_member("engineer", email=…, tenant=…)``; the password is PASSWORD."""

    def make(*roles: str, tenant: Tenant = tenant, **kwargs: str) -> tuple[User, Membership]:
        return member_make(tenant, *roles, **kwargs)

    return make


@pytest.fixture
def make_actor(make_member: MakeMember) -> MakeActor:
    """Make the Actor of a new person: ``make_actor("engineer")``."""

    def make(*roles: str, **kwargs: object) -> Actor:
        user, member = make_member(*roles, **kwargs)
        return actor_for_membership(user, member)

    return make
