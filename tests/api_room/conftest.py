"""One tenant with an administrator and a viewer, a second tenant, and clients for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from plm_project.accounts.models import ApiToken, User
from plm_project.accounts.services import membership_grant, token_issue
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

BASE = "/api/v1/plm/"


@dataclass
class Caller:
    """An API client of one person in one tenant."""

    tenant: Tenant
    user: User
    text: str
    client: Client

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """Send JSON with the bearer token; header names have underscores for dashes."""
        sent = {"Authorization": f"Bearer {self.text}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        body = {} if data is None else {"data": data if isinstance(data, bytes | str) else json.dumps(data)}
        return self.client.generic(method, BASE + path, content_type="application/json", headers=sent, **body)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("POST", path, data, **headers)

    def patch(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("PATCH", path, data, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)


def make_caller(slug: str, email: str, *roles: str) -> Caller:
    """Create (or take) a tenant and make a member with these roles and a token."""
    tenant, _created = Tenant.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    user = User.objects.create_user(email, "a long password 1")
    system = Actor.system(tenant.pk)
    with tenant_scope(tenant.pk, atomic=True):
        membership_grant(actor=system, user=user, roles=roles)
        _token, text = token_issue(actor=system, user=user, name=f"of {email}")
    return Caller(tenant, user, text, Client(raise_request_exception=False))


@pytest.fixture(autouse=True)
def _sample_routes(settings: Any) -> Any:
    settings.ROOT_URLCONF = "tests.api_room.sample_api"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def admin(db: Any) -> Caller:
    """Somebody with every permission the sample asks for."""
    return make_caller("velo", "admin@example.com", "tenant_admin")


@pytest.fixture
def viewer(db: Any) -> Caller:
    """Somebody of the same tenant with none of them."""
    return make_caller("velo", "viewer@example.com", "viewer")


@pytest.fixture
def stranger(db: Any) -> Caller:
    """An administrator of another tenant."""
    return make_caller("other", "stranger@example.com", "tenant_admin")


def token_names(caller: Caller) -> list[str]:
    """Return the names of the tenant's tokens as the database holds them."""
    with tenant_scope(caller.tenant.pk):
        return list(ApiToken.objects.order_by("name").values_list("name", flat=True))
