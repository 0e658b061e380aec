"""Kinds of jobs that these tests bring, and people who start them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from plm_project.accounts.actors import actor_for_membership
from plm_project.accounts.models import User
from plm_project.accounts.services import membership_grant
from plm_project.core.actor import Actor
from plm_project.jobs import registry
from plm_project.jobs.registry import JobKind, register_job_kind
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope

Kind = Callable[..., str]


@pytest.fixture(autouse=True)
def _private(settings: Any, tmp_path: Any) -> Iterator[None]:
    """Files of a test go to its own folder; nothing of an earlier job is in the cache; its kinds go with it."""
    files = {**settings.STORAGES["files"], "OPTIONS": {"location": str(tmp_path / "files"), "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "files": files}
    known = dict(registry._kinds)
    cache.clear()
    yield
    registry._kinds.clear()
    registry._kinds.update(known)


@pytest.fixture
def kind() -> Kind:
    """Register a kind: ``kind(run, writes=False)`` returns its name."""

    def make(run: Any, **values: Any) -> str:
        given = {"permission": "plm.products.import", "label": "A test", **values}
        register_job_kind(JobKind(name="tests.work", run=run, **given))
        return "tests.work"

    return make


@pytest.fixture
def acme(transactional_db: None) -> Tenant:
    """A committed tenant."""
    return tenant_create(slug="acme", name="Acme")[0]


@pytest.fixture
def person(acme: Tenant) -> Callable[..., Actor]:
    """Make somebody of the tenant: ``person("engineer")``."""

    def make(role: str, email: str = "") -> Actor:
        user = User.objects.create_user(email or f"{role}@acme.example")
        with tenant_scope(acme.pk):
            member = membership_grant(actor=Actor.system(acme.pk, "tests"), user=user, roles=[role])
        return actor_for_membership(user, member)

    return make


@pytest.fixture
def engineer(person: Callable[..., Actor]) -> Actor:
    """Who starts jobs here."""
    return person("engineer")
